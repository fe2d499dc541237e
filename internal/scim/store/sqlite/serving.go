package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
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
		return nil, fmt.Errorf("%s: another scim-endpoint serves it or imports into it: stop that one, or give this one a file of its own; several at once need PostgreSQL", held(path, serving))
	case err != nil:
		return nil, explain(path, fmt.Errorf("locking %s: %w", serving.Path(), err))
	}
	sign(serving)
	s, err := open(ctx, path, serving)
	if err != nil {
		return nil, errors.Join(err, serving.Close())
	}
	if err := s.writer.do(ctx, nothing); err != nil { // a file that may only be read opens as well
		return nil, errors.Join(explain(path, fmt.Errorf("writing to %s: %w", path, err)), s.Close())
	}
	return s, nil
}

func nothing(*writer) error { return nil }

// servingLock is held by who serves the database or imports into it. It is a file beside it, since closing the database's own
// would end the locks that SQLite holds on that; beside the database and not a link to it, since those are one database.
func servingLock(path string) *flock.Flock {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	return flock.New(path+".lock", flock.SetPermissions(0o600))
}

// sign writes into the lock that is held who holds it. It is for the message to another one only, so that a failure is none.
func sign(serving *flock.Flock) {
	host, err := os.Hostname()
	if err != nil {
		host = "an unknown host"
	}
	_ = os.WriteFile(serving.Path(), fmt.Appendf(nil, "%d %s\n", os.Getpid(), host), 0o600)
}

// held says of a lock that somebody else has who that is.
func held(path string, serving *flock.Flock) string {
	var pid int
	var host string
	content, err := os.ReadFile(serving.Path())
	if err == nil {
		_, err = fmt.Sscan(string(content), &pid, &host)
	}
	if err != nil {
		return path + " is held by another process"
	}
	return fmt.Sprintf("%s is held by process %d on %s", path, pid, host)
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
		return fmt.Errorf("%s: %w", held(s.path, s.serving), store.ErrServed)
	}
	sign(s.serving)
	defer func() { err = errors.Join(err, s.serving.Unlock()) }()
	return f()
}
