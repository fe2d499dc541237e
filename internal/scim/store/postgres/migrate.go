package postgres

import (
	"context"
	"embed"
	"errors"
	"io/fs"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Another replica's migration is waited for, that many seconds at most, asking every second.
const (
	lockEvery = 1
	lockTimes = 300
)

// migrate brings the schema up to date and returns the version that this program needs. Any number of replicas may
// migrate at once: a lock on the session lets one at a time.
func migrate(ctx context.Context, config *pgx.ConnConfig) (latest int64, err error) {
	config = config.Copy()
	// A migration may take longer than any request may.
	config.RuntimeParams["statement_timeout"] = "0"
	db := stdlib.OpenDB(*config)
	defer func() { err = errors.Join(err, db.Close()) }()
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return 0, err
	}
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(lockEvery, lockTimes))
	if err != nil {
		return 0, err
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, db, files, goose.WithSessionLocker(locker))
	if err != nil {
		return 0, err
	}
	if _, err := provider.Up(ctx); err != nil {
		return 0, err
	}
	for _, source := range provider.ListSources() {
		latest = max(latest, source.Version)
	}
	return latest, nil
}
