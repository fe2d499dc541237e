package postgres

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/scim-operator/scim-operator/internal/scim/store"
)

// Store keeps resources in a PostgreSQL database.
type Store struct {
	reader
	pool    *pgxpool.Pool
	latest  int64
	moves   moves
	writes  queue[*write]
	lookups map[lookupKind]*lookups
	// horizon is the last one found, so that nothing is asked twice.
	horizon atomic.Pointer[horizon]
}

var _ store.Store = (*Store)(nil)

// defaults are parameters of a session that the URL does not set. A statement ends before the handler does that waits
// for it.
var defaults = map[string]string{
	"application_name":                    "scim-endpoint",
	"statement_timeout":                   "25s",
	"lock_timeout":                        "10s",
	"idle_in_transaction_session_timeout": "60s",
	// Every statement of ours is to use an index where there is one, whatever the planner makes of a table in which one
	// group has half of the rows, and none is worth compiling.
	"enable_seqscan":   "off",
	"random_page_cost": "1.1",
	"jit":              "off",
}

// connectTimeout bounds the wait for a server that does not answer.
const connectTimeout = 5 * time.Second

// Open connects to the database at the URL and brings its schema up to date. What the URL says of sessions and of the
// pool (pool_max_conns and the other pool_ parameters of pgxpool) is followed.
func Open(ctx context.Context, url string) (*Store, error) {
	config, err := configure(url)
	if err != nil {
		return nil, err
	}
	latest, err := migrate(ctx, config.ConnConfig)
	if err != nil {
		return nil, explain(fmt.Errorf("migrating the database: %w", err))
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("opening the pool of connections: %w", err)
	}
	return &Store{reader: reader{pool}, pool: pool, latest: latest, moves: moves{waiting: map[string][]*move{}}, lookups: newLookups(pool),
		writes: queue[*write]{lanes: writeLanes, most: maxWrites}}, nil
}

func configure(url string) (*pgxpool.Config, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		// pgx says what is wrong behind the URL, which it repeats with all of a password that it did not find.
		text := err.Error()
		return nil, fmt.Errorf("correct this in the URL of the PostgreSQL store: %s", strings.TrimPrefix(text[strings.LastIndex(text, "`")+1:], ": "))
	}
	if !strings.Contains(url, "pool_max_conns=") {
		config.MaxConns = int32(max(4*runtime.GOMAXPROCS(0), 8))
	}
	conn := config.ConnConfig
	for name, value := range defaults {
		if _, set := conn.RuntimeParams[name]; !set {
			conn.RuntimeParams[name] = value
		}
	}
	if conn.ConnectTimeout == 0 || conn.ConnectTimeout > connectTimeout {
		conn.ConnectTimeout = connectTimeout
	}
	// After a fail-over the old server may be up again as a standby: no place for us.
	if conn.ValidateConnect == nil {
		conn.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsReadWrite
	}
	conn.DefaultQueryExecMode = pgx.QueryExecModeCacheStatement
	return config, nil
}

// View implements store.Store.
func (s *Store) View(ctx context.Context, f func(store.Reader) error) error {
	tx, err := s.pool.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return fmt.Errorf("beginning to read: %w", translate(err))
	}
	defer rollback(tx)
	return f(reader{tx})
}

// rollback is needed even when the context of the request has ended: it gives the connection back.
func rollback(tx pgx.Tx) {
	ctx, cancel := context.WithTimeout(context.Background(), connectTimeout)
	defer cancel()
	_ = tx.Rollback(ctx)
}

// Identity implements store.Store. Only sequences of committed changes count: one that was drawn in vain could be drawn
// again after a crash of the server, and would then seem to go back.
func (s *Store) Identity(ctx context.Context) (store.Identity, error) {
	var id store.Identity
	err := s.pool.QueryRow(ctx, `SELECT store_id, cursor_key,
		GREATEST(sequence_floor, (SELECT max(sequence) FROM changes)) FROM identity`).
		Scan(&id.StoreID, &id.CursorKey, &id.Sequence)
	if err != nil {
		return store.Identity{}, fmt.Errorf("reading the identity: %w", translate(err))
	}
	return id, nil
}

// Ready implements store.Store. A schema that is newer than this program is as good: while an update rolls out, the first
// of the new replicas migrates, and migrations keep what the last release uses.
func (s *Store) Ready(ctx context.Context) error {
	var version int64
	err := s.pool.QueryRow(ctx, `SELECT COALESCE(max(version_id), 0) FROM goose_db_version WHERE is_applied`).Scan(&version)
	switch {
	case err != nil:
		return fmt.Errorf("asking for the schema version: %w", translate(err))
	case version < s.latest:
		return fmt.Errorf("%w: the schema version is %d, not %d", store.ErrUnavailable, version, s.latest)
	}
	return nil
}

// Connections implements store.Store.
func (s *Store) Connections() int { return int(s.pool.Config().MaxConns) }

// Close implements store.Store.
func (s *Store) Close() error {
	s.pool.Close()
	return nil
}
