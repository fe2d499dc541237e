package pgtest

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"testing"
)

// Standby starts a second server that follows this one and has whatever this one acknowledges: from now on each commit
// waits for it. It is removed when the test ends.
func (s *Server) Standby(tb testing.TB) *Server {
	tb.Helper()
	follower, err := s.follow()
	if err != nil {
		tb.Fatalf("starting a standby: %v", err)
	}
	tb.Cleanup(follower.remove)
	return follower
}

func (s *Server) follow() (*Server, error) {
	follower, err := place(s.programs)
	if err != nil {
		return nil, err
	}
	source := fmt.Sprintf("host=127.0.0.1 port=%d user=postgres application_name=standby", s.port)
	err = follower.run("pg_basebackup", "--pgdata", follower.data(), "--dbname", source, "--write-recovery-conf",
		"--checkpoint", "fast", "--wal-method", "stream", "--no-sync")
	if err == nil {
		err = follower.Start()
	}
	// Only now, for until a standby is there no commit would end.
	for _, statement := range []string{`ALTER SYSTEM SET synchronous_standby_names = 'standby'`, `SELECT pg_reload_conf()`} {
		if err == nil {
			err = execute(s.URL(), statement)
		}
	}
	if err != nil {
		follower.remove()
		return nil, err
	}
	return follower, nil
}

// Promote makes a standby the server that takes writes, and waits until it does.
func (s *Server) Promote() error {
	return s.run("pg_ctl", "promote", "--pgdata", s.data(), "--wait", "--timeout", "60")
}

// Either is the address of the same database on whichever of two servers takes writes.
func Either(a, b *Server) string {
	address, err := url.Parse(a.URL())
	if err != nil {
		panic(err) // we made it
	}
	address.Host = fmt.Sprintf("127.0.0.1:%d,127.0.0.1:%d", a.port, b.port)
	return address.String()
}

// place makes the folder and chooses the port of a server that has no data yet.
func place(programs string) (*Server, error) {
	// A short path, because that of a socket has little room.
	folder, err := os.MkdirTemp("", "pg")
	if err != nil {
		return nil, err
	}
	s := &Server{programs: programs, folder: folder}
	owner, err := account()
	if err == nil && owner != nil {
		err = os.Chown(folder, owner.uid, owner.gid)
	}
	var portErr error
	s.port, portErr = freePort()
	if err := errors.Join(err, portErr); err != nil {
		_ = os.RemoveAll(folder)
		return nil, fmt.Errorf("making a place for a server: %w", err)
	}
	return s, nil
}
