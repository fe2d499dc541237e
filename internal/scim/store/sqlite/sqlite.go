package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/gofrs/flock"

	"github.com/scim-operator/scim-operator/internal/scim/store"
)

// Store keeps resources in one SQLite file.
type Store struct {
	reader
	writer *writer
	// write has one connection, because SQLite has one writer.
	write *sql.DB
	// read sees the last commit and never waits for the writer.
	read   *sql.DB
	latest int64
	path   string
	// serving is locked by who serves the database.
	serving *flock.Flock
}

var _ store.Store = (*Store)(nil)

// Open opens or makes the database at path and brings its schema up to date. An endpoint may serve it meanwhile.
func Open(ctx context.Context, path string) (*Store, error) {
	return open(ctx, path, servingLock(path))
}

func open(ctx context.Context, path string, serving *flock.Flock) (*Store, error) {
	write, err := sql.Open("sqlite", dsn(path, writing))
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", path, err)
	}
	write.SetMaxOpenConns(1)
	latest, err := migrate(ctx, write)
	if err != nil {
		return nil, errors.Join(explain(path, fmt.Errorf("migrating %s: %w", path, err)), write.Close())
	}
	w, err := newWriter(ctx, write)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("opening %s for writing: %w", path, err), write.Close())
	}
	read, err := sql.Open("sqlite", dsn(path, reading))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("opening %s for reading: %w", path, err), w.close(), write.Close())
	}
	read.SetMaxOpenConns(maxReaders)
	read.SetMaxIdleConns(maxReaders)
	read.SetConnMaxIdleTime(time.Minute)
	statements := &statements{db: read}
	return &Store{reader: reader{statements.query}, writer: w, write: write, read: read, latest: latest, path: path, serving: serving}, nil
}

// The writer keeps its savepoints and 32 MiB of the tree in memory, and moves the log into the file every 16 MiB, because
// what changes lies scattered. It overwrites what it deletes, so that erasing is more than forgetting where something
// lay. Each reader keeps 8 MiB.
const (
	writing = "_txlock=immediate&_pragma=temp_store(memory)&_pragma=cache_size(-32768)&_pragma=wal_autocheckpoint(4096)" +
		"&_pragma=secure_delete(on)"
	reading = "_pragma=query_only(1)&_pragma=cache_size(-8192)"
)

// maxReaders are more than there are processors, because one that streams to a slow client is held meanwhile.
const maxReaders = 32

// dsn makes every connection durable (an acknowledged commit survives a power cut) and mindful of foreign keys.
func dsn(path, extra string) string {
	return "file:" + (&url.URL{Path: path}).EscapedPath() +
		"?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)&" + extra
}

// View implements store.Store.
func (s *Store) View(ctx context.Context, f func(store.Reader) error) error {
	tx, err := s.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return fmt.Errorf("beginning to read: %w", unavailable(err))
	}
	err = f(reader{tx.QueryContext})
	if done := tx.Rollback(); !errors.Is(done, sql.ErrTxDone) { // a cancelled context has rolled back already
		err = errors.Join(err, done)
	}
	return err
}

// Identity implements store.Store.
func (s *Store) Identity(ctx context.Context) (store.Identity, error) {
	var id store.Identity
	row := s.read.QueryRowContext(ctx, `SELECT store_id, sequence, cursor_key FROM identity`)
	if err := row.Scan(&id.StoreID, &id.Sequence, &id.CursorKey); err != nil {
		return store.Identity{}, fmt.Errorf("reading the store's identity: %w", unavailable(err))
	}
	return id, nil
}

// Connections implements store.Store: of reads, since writes share one of their own.
func (s *Store) Connections() int { return maxReaders }

// Ready implements store.Store.
func (s *Store) Ready(ctx context.Context) error {
	var version int64
	err := s.read.QueryRowContext(ctx, `SELECT max(version_id) FROM goose_db_version WHERE is_applied`).Scan(&version)
	if err != nil {
		return fmt.Errorf("reading the schema version: %w", err)
	}
	if version < s.latest {
		return fmt.Errorf("the schema version is %d, want %d", version, s.latest)
	}
	return nil
}

// Close implements store.Store. What is being written is finished.
func (s *Store) Close() error {
	return errors.Join(s.writer.close(), s.read.Close(), s.write.Close(), s.serving.Close())
}
