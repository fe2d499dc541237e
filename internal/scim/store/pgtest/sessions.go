package pgtest

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// AwaitNobody waits until no endpoint has a session with the database. PostgreSQL goes on with what a client asked for
// that was killed, and may commit it after its end.
func AwaitNobody(ctx context.Context, address string) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for sessions := 1; ; {
		err := conn.QueryRow(ctx, `SELECT count(*) FROM pg_stat_activity
			WHERE datname = current_database() AND application_name = 'scim-endpoint'`).Scan(&sessions)
		if err != nil || sessions == 0 {
			return err
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return fmt.Errorf("%d sessions with the database stay: %w", sessions, ctx.Err())
		}
	}
}
