package sqlite

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gofrs/flock"

	"github.com/scim-operator/scim-operator/internal/scim/store"
)

const (
	// servingWait is how long the end of another server is waited for: a process that is being replaced may still drain.
	servingWait = 10 * time.Second
	servingPoll = 50 * time.Millisecond
)

// OpenToServe is Open for an endpoint, of which a file can have only one: two would both deliver every event, and each would
// tell who waits for changes of its own alone. The operating system gives the file free when the process ends, in any way.
func OpenToServe(ctx context.Context, path string) (*Store, error) {
	waiting, cancel := context.WithTimeout(ctx, servingWait)
	defer cancel()
	serving := servingLock(path)
	switch _, err := serving.TryLockContext(waiting, servingPoll); {
	case errors.Is(err, context.DeadlineExceeded):
		return nil, fmt.Errorf("another scim-endpoint serves %s: stop that one, or give this one a file of its own; several at once need PostgreSQL", path)
	case err != nil:
		return nil, explain(path, fmt.Errorf("locking %s: %w", serving.Path(), err))
	}
	s, err := open(ctx, path, serving)
	if err != nil {
		return nil, errors.Join(err, serving.Close())
	}
	return s, nil
}

// servingLock is held by who serves the database. It is a file beside it, since closing the database's own would end the
// locks that SQLite holds on that.
func servingLock(path string) *flock.Flock {
	return flock.New(path+".lock", flock.SetPermissions(0o600))
}

// unserved runs f while nobody else serves the database, or returns ErrServed.
func (s *Store) unserved(f func() error) (err error) {
	if s.serving.Locked() {
		return f()
	}
	switch locked, err := s.serving.TryLock(); {
	case err != nil:
		return explain(s.path, fmt.Errorf("locking %s: %w", s.serving.Path(), err))
	case !locked:
		return store.ErrServed
	}
	defer func() { err = errors.Join(err, s.serving.Unlock()) }()
	return f()
}
