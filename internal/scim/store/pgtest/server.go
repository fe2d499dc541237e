package pgtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/scim-operator/scim-operator/hack/lab/process"
)

var errNotInstalled = errors.New("no PostgreSQL server is installed")

// Server is a PostgreSQL server with data in a temporary folder. It listens on a free port of 127.0.0.1, trusts whoever
// reaches it, and flushes to disk as one in production does.
type Server struct {
	programs, folder string
	port             int
}

// start makes the data folder and starts the server.
func start() (*Server, error) {
	programs, err := find()
	if err != nil {
		return nil, err
	}
	s, err := place(programs)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(s.initialise(), s.Start()); err != nil {
		s.remove()
		return nil, err
	}
	return s, nil
}

// find looks for the programs in the PATH and where Debian and others keep those of each version; the newest wins.
func find() (string, error) {
	if path, err := exec.LookPath("initdb"); err == nil {
		path, err = filepath.EvalSymlinks(path) // beside a link there may be no other program
		return filepath.Dir(path), err
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil || len(found) == 0 {
		return "", errNotInstalled
	}
	return filepath.Dir(slices.MaxFunc(found, func(a, b string) int { return version(a) - version(b) })), nil
}

func version(initdb string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(initdb))))
	return n
}

func (s *Server) initialise() error {
	return s.run("initdb", "--pgdata", s.data(), "--username", "postgres", "--auth", "trust", "--encoding", "UTF8",
		"--locale", "C", "--no-sync")
}

// Program is the path of one of the programs that come with the server, such as pgbench.
func (s *Server) Program(name string) string { return filepath.Join(s.programs, name) }

func (s *Server) data() string { return filepath.Join(s.folder, "data") }

// URL is the address of the server's own database.
func (s *Server) URL() string {
	return fmt.Sprintf("postgres://postgres@127.0.0.1:%d/postgres?sslmode=disable", s.port)
}

// Start starts the server and waits until it answers.
func (s *Server) Start() error {
	options := fmt.Sprintf("-c listen_addresses=127.0.0.1 -c port=%d -c unix_socket_directories=%s -c max_connections=200"+
		" -c shared_buffers=256MB -c max_wal_size=4GB", s.port, s.folder)
	return s.run("pg_ctl", "start", "--pgdata", s.data(), "--wait", "--timeout", "60",
		"--log", filepath.Join(s.folder, "log"), "--options", options)
}

// Stop ends the server in one of pg_ctl's modes: fast closes the sessions, immediate is a crash.
func (s *Server) Stop(mode string) error {
	return s.run("pg_ctl", "stop", "--pgdata", s.data(), "--wait", "--timeout", "60", "--mode", mode)
}

// remove needs no error: a folder that stays behind is for the system to clean.
func (s *Server) remove() {
	_ = s.Stop("immediate")
	_ = os.RemoveAll(s.folder)
}

// run runs one of the server's programs, as the server's account when we are root, which it refuses to be. Output goes
// to a file, because the server inherits it: a pipe would keep us waiting until the server ends.
func (s *Server) run(program string, args ...string) error {
	output, err := os.CreateTemp(s.folder, "output")
	if err != nil {
		return err
	}
	defer output.Close()
	cmd := exec.CommandContext(context.Background(), s.Program(program), args...)
	cmd.Dir = s.folder
	cmd.Stdout, cmd.Stderr = output, output
	if err := asAccount(cmd); err != nil {
		return err
	}
	if err := cmd.Run(); err != nil {
		said, _ := os.ReadFile(output.Name())
		log, _ := os.ReadFile(filepath.Join(s.folder, "log"))
		return fmt.Errorf("%s: %w: %s %s", program, err, bytes.TrimSpace(said), bytes.TrimSpace(log))
	}
	return nil
}

// freePort is one that no connection and no listener on port 0 takes, as it stays free for seconds: initdb runs in between.
func freePort() (int, error) {
	addresses, err := process.FreeAddresses(1)
	if err != nil {
		return 0, err
	}
	_, port, err := net.SplitHostPort(addresses[0])
	if err != nil {
		return 0, fmt.Errorf("reading a free address: %w", err)
	}
	return strconv.Atoi(port)
}
