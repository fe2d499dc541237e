package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"runtime"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/scim-operator/scim-operator/internal/scim/store"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Store keeps resources in one SQLite file.
type Store struct {
	// writer has one connection, because SQLite has one writer; its transactions take the write lock at once.
	writer *sql.DB
	// readers see the last commit and never wait for the writer.
	readers *sql.DB
	latest  int64
}

var _ store.Store = (*Store)(nil)

// Open opens or makes the database at path and brings its schema up to date.
func Open(ctx context.Context, path string) (*Store, error) {
	writer, err := sql.Open("sqlite", dsn(path, "_txlock=immediate"))
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", path, err)
	}
	writer.SetMaxOpenConns(1)
	latest, err := migrate(ctx, writer)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("migrating %s: %w", path, err), writer.Close())
	}
	readers, err := sql.Open("sqlite", dsn(path, "_pragma=query_only(1)"))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("opening %s for reading: %w", path, err), writer.Close())
	}
	readers.SetMaxOpenConns(max(4, 2*runtime.GOMAXPROCS(0)))
	readers.SetMaxIdleConns(max(4, 2*runtime.GOMAXPROCS(0)))
	return &Store{writer: writer, readers: readers, latest: latest}, nil
}

// dsn makes every connection durable (an acknowledged commit survives a power cut) and mindful of foreign keys.
func dsn(path, extra string) string {
	return "file:" + (&url.URL{Path: path}).EscapedPath() +
		"?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)&" + extra
}

func migrate(ctx context.Context, db *sql.DB) (int64, error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return 0, err
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, db, files)
	if err != nil {
		return 0, err
	}
	if _, err := provider.Up(ctx); err != nil {
		return 0, err
	}
	return provider.GetDBVersion(ctx)
}

// View implements store.Store.
func (s *Store) View(ctx context.Context, f func(store.Reader) error) error {
	tx, err := s.readers.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return fmt.Errorf("beginning to read: %w", unavailable(err))
	}
	err = f(reader{tx})
	return errors.Join(err, ignoreDone(tx.Rollback()))
}

// Update implements store.Store. The sequence moves with every commit that changed something.
func (s *Store) Update(ctx context.Context, f func(store.Tx) error) error {
	tx, err := s.writer.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("beginning to write: %w", unavailable(err))
	}
	w := &writer{reader: reader{tx}}
	if err := f(w); err != nil {
		return errors.Join(err, ignoreDone(tx.Rollback()))
	}
	if !w.changed {
		return ignoreDone(tx.Rollback())
	}
	if _, err := tx.ExecContext(ctx, `UPDATE identity SET sequence = sequence + 1`); err != nil {
		return errors.Join(fmt.Errorf("moving the sequence: %w", err), ignoreDone(tx.Rollback()))
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("committing: %w", unavailable(err))
	}
	return nil
}

// ignoreDone drops the error of rolling back what a cancelled context has rolled back already.
func ignoreDone(err error) error {
	if errors.Is(err, sql.ErrTxDone) {
		return nil
	}
	return err
}

// Identity implements store.Store.
func (s *Store) Identity(ctx context.Context) (store.Identity, error) {
	var id store.Identity
	err := s.readers.QueryRowContext(ctx, `SELECT store_id, sequence FROM identity`).Scan(&id.StoreID, &id.Sequence)
	if err != nil {
		return store.Identity{}, fmt.Errorf("reading the store's identity: %w", err)
	}
	return id, nil
}

// Ready implements store.Store.
func (s *Store) Ready(ctx context.Context) error {
	var version int64
	err := s.readers.QueryRowContext(ctx, `SELECT max(version_id) FROM goose_db_version WHERE is_applied`).Scan(&version)
	if err != nil {
		return fmt.Errorf("reading the schema version: %w", err)
	}
	if version < s.latest {
		return fmt.Errorf("the schema version is %d, want %d", version, s.latest)
	}
	return nil
}

// Close implements store.Store.
func (s *Store) Close() error {
	return errors.Join(s.readers.Close(), s.writer.Close())
}

// unavailable marks the errors that pass: another process holds the lock, as while a pod is replaced, or the disk is
// full or fails.
func unavailable(err error) error {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.Code() & primaryCode {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR:
		return fmt.Errorf("%w: %w", store.ErrUnavailable, err)
	}
	return err
}

// primaryCode masks the primary code out of an extended one.
const primaryCode = 0xff

// isConstraint tells whether an error is the violation of a constraint of that extended code.
func isConstraint(err error, code int) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && e.Code() == code
}

const (
	uniqueViolation     = sqlite3.SQLITE_CONSTRAINT_UNIQUE
	foreignKeyViolation = sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY
)
