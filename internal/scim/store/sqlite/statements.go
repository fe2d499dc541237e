package sqlite

import (
	"context"
	"database/sql"
	"sync"
)

// maxStatements bounds what is kept prepared: filters come in any number of shapes, of which a client uses few.
const maxStatements = 256

// statements prepares what is read again and again.
type statements struct {
	db       *sql.DB
	mu       sync.RWMutex
	prepared map[string]prepared
}

// prepared is a statement that is kept until its database is closed.
type prepared interface {
	ExecContext(ctx context.Context, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, args ...any) *sql.Row
	Close() error
}

func (s *statements) query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	statement, err := s.statement(ctx, query)
	if err != nil {
		return nil, err
	}
	if statement == nil {
		return s.db.QueryContext(ctx, query, args...)
	}
	return statement.QueryContext(ctx, args...)
}

// statement returns nil when there are too many already. None is ever closed before the database is.
func (s *statements) statement(ctx context.Context, query string) (prepared, error) {
	s.mu.RLock()
	statement, count := s.prepared[query], len(s.prepared)
	s.mu.RUnlock()
	if statement != nil || count >= maxStatements {
		return statement, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if statement := s.prepared[query]; statement != nil {
		return statement, nil
	}
	statement, err := s.db.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	if s.prepared == nil {
		s.prepared = map[string]prepared{}
	}
	s.prepared[query] = statement
	return statement, nil
}
