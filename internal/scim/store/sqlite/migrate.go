package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"

	"github.com/scim-operator/scim-operator/internal/scim/store"
	"github.com/scim-operator/scim-operator/internal/scim/store/sqlquery"
)

//go:embed migrations/*.sql
var migrations embed.FS

// fillSearchVersion is the migration that is written in Go, because only Go folds strings as filters do (K-1).
const fillSearchVersion = 3

// migrate brings the schema up to date and returns its version.
func migrate(ctx context.Context, db *sql.DB) (int64, error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return 0, err
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, db, files,
		goose.WithGoMigrations(goose.NewGoMigration(fillSearchVersion, &goose.GoFunc{RunTx: fillSearch}, nil)))
	if err != nil {
		return 0, err
	}
	if _, err := provider.Up(ctx); err != nil {
		return 0, err
	}
	return provider.GetDBVersion(ctx)
}

// fillSearch makes the search documents of resources from before there were any, a batch at a time.
func fillSearch(ctx context.Context, tx *sql.Tx) error {
	const batch = 1000
	var position int64
	for {
		docs, last, err := docsAfter(ctx, tx, position, batch)
		if err != nil {
			return err
		}
		for at, doc := range docs {
			search, err := marshal(store.SearchDoc(doc))
			if err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, `UPDATE resources SET search = $1 WHERE position = $2`, search, at); err != nil {
				return fmt.Errorf("storing a search document: %w", err)
			}
		}
		if len(docs) < batch {
			return nil
		}
		position = last
	}
}

func docsAfter(ctx context.Context, tx *sql.Tx, position int64, limit int) (docs map[int64]map[string]any, last int64, err error) {
	rows, err := tx.QueryContext(ctx, `SELECT position, doc FROM resources WHERE position > $1 ORDER BY position LIMIT $2`, position, limit)
	if err != nil {
		return nil, 0, fmt.Errorf("reading documents: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	docs = map[int64]map[string]any{}
	for rows.Next() {
		var content []byte
		if err := rows.Scan(&last, &content); err != nil {
			return nil, 0, fmt.Errorf("reading documents: %w", err)
		}
		if docs[last], err = sqlquery.DecodeDoc(content); err != nil {
			return nil, 0, fmt.Errorf("decoding a document: %w", err)
		}
	}
	return docs, last, rows.Err()
}
