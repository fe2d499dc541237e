package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver
)

// viewsInterval is how often the views are read. With very many people an app joins its own tables with the views
// instead of reading them all.
const viewsInterval = 500 * time.Millisecond

// watchViews reads the views again and again; each reading is the whole truth.
func watchViews(ctx context.Context, database string, p *people) error {
	db, err := sql.Open("pgx", database)
	if err != nil {
		return fmt.Errorf("opening the database: %w", err)
	}
	defer db.Close()
	for {
		if err := readViews(ctx, db, p); err != nil {
			return fmt.Errorf("reading the views: %w", err)
		}
		if !pause(ctx, viewsInterval) {
			return nil
		}
	}
}

// readViews reads people and roles in one statement, and so in one state.
func readViews(ctx context.Context, db *sql.DB, p *people) (err error) {
	mark := p.mark()
	rows, err := db.QueryContext(ctx, `SELECT u.id, COALESCE(u.external_id, ''), u.user_name, u.active, COALESCE(r.role, '')
		FROM scim_users_v1 u LEFT JOIN scim_effective_roles_v1 r ON r.user_id = u.id ORDER BY u.id`)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	var list []event
	for rows.Next() {
		e := event{ResourceType: "User"}
		var name string
		if err := rows.Scan(&e.ID, &e.ExternalID, &e.UserName, &e.Active, &name); err != nil {
			return err
		}
		if len(list) == 0 || list[len(list)-1].ID != e.ID {
			list = append(list, e)
		}
		if last := &list[len(list)-1]; name != "" {
			last.Roles = append(last.Roles, role{Value: name})
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	p.replace(list, mark)
	return nil
}
