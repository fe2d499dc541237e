package scimkit

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"

	"github.com/scim-operator/scim-operator/hack/lab/process"
)

// ErrNoPostgres says that no PostgreSQL server is installed, and what to do.
var ErrNoPostgres = errors.New("no PostgreSQL server is installed: install one, on Debian with `apt-get install postgresql`")

// Postgres is a throw-away PostgreSQL server on loopback, with fsync on as in production.
type Postgres struct {
	// URL connects as superuser, without a password.
	URL string
	// Bin is the folder of the server's programs, psql and pgbench among them.
	Bin string

	folder string
	port   string
	child  *process.Child
}

// StartPostgres makes a cluster in a new temporary folder and starts it.
func StartPostgres(ctx context.Context) (_ *Postgres, err error) {
	bin, err := postgresPrograms()
	if err != nil {
		return nil, err
	}
	addresses, err := process.FreeAddresses(1)
	if err != nil {
		return nil, err
	}
	_, port, err := net.SplitHostPort(addresses[0])
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "scim-postgres-")
	if err != nil {
		return nil, fmt.Errorf("making a folder for PostgreSQL: %w", err)
	}
	p := &Postgres{Bin: bin, folder: folder, port: port, URL: "postgres://postgres@" + addresses[0] + "/postgres?sslmode=disable"}
	defer func() {
		if err != nil {
			_ = os.RemoveAll(folder)
		}
	}()
	if err := giveToServer(folder); err != nil {
		return nil, err
	}
	program := p.unprivileged("initdb", "-D", p.data(), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
	if output, err := exec.CommandContext(ctx, program[0], program[1:]...).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w\n%s", err, output)
	}
	return p, p.Start(ctx)
}

// Start starts the server, also again after Stop or Kill, and returns when it answers.
func (p *Postgres) Start(ctx context.Context) error {
	// Room for one million users, and no checkpoint in the middle of a measurement; durability stays as it is by default.
	program := p.unprivileged("postgres", "-D", p.data(), "-p", p.port, "-k", p.folder,
		"-c", "listen_addresses=127.0.0.1", "-c", "shared_buffers=512MB", "-c", "max_wal_size=8GB", "-c", "checkpoint_timeout=30min")
	child, err := process.Start(process.Command{Path: program[0], Args: program[1:], Environment: os.Environ(), Log: p.log()})
	if err != nil {
		return err
	}
	p.child = child
	answers := func(ctx context.Context) bool {
		return exec.CommandContext(ctx, filepath.Join(p.Bin, "pg_isready"), "-q", "-d", p.URL).Run() == nil
	}
	if err := Await(ctx, child.Done(), answers); err != nil {
		p.Crash()
		log, _ := os.ReadFile(p.log())
		return fmt.Errorf("starting PostgreSQL: %w\n%s", err, log)
	}
	return nil
}

// Stop ends the server and all sessions, and returns when it is gone.
func (p *Postgres) Stop() {
	p.child.Signal(syscall.SIGINT)
	<-p.child.Done()
}

// Crash ends the server without a checkpoint, so that it recovers from its log at the next start, as after a failover.
func (p *Postgres) Crash() {
	p.child.Signal(syscall.SIGQUIT)
	<-p.child.Done()
}

// Remove stops the server and removes all of it.
func (p *Postgres) Remove() {
	p.Stop()
	_ = os.RemoveAll(p.folder)
}

// Run runs a program of the server, such as psql, against it.
func (p *Postgres) Run(ctx context.Context, program string, args ...string) (string, error) {
	command := exec.CommandContext(ctx, filepath.Join(p.Bin, program), args...)
	command.Env = append(os.Environ(), "PGHOST=127.0.0.1", "PGPORT="+p.port, "PGUSER=postgres", "PGDATABASE=postgres")
	output, err := command.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%s: %w\n%s", program, err, output)
	}
	return string(output), nil
}

func (p *Postgres) data() string { return filepath.Join(p.folder, "data") }
func (p *Postgres) log() string  { return filepath.Join(p.folder, "log") }

// postgresPrograms finds the newest installed server; Debian keeps it out of the PATH.
func postgresPrograms() (string, error) {
	if path, err := exec.LookPath("initdb"); err == nil {
		path, err = filepath.EvalSymlinks(path) // the other programs may not be linked
		return filepath.Dir(path), err
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil || len(found) == 0 {
		return "", ErrNoPostgres
	}
	return filepath.Dir(slices.Max(found)), nil
}

// unprivileged returns the command line of a program of the server, which refuses to run as root.
func (p *Postgres) unprivileged(program string, args ...string) []string {
	line := append([]string{filepath.Join(p.Bin, program)}, args...)
	if os.Geteuid() == 0 {
		line = append([]string{"/usr/bin/setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--pdeathsig=INT"}, line...)
	}
	return line
}

// giveToServer makes the folder the server's own, when that is another user.
func giveToServer(folder string) error {
	if os.Geteuid() != 0 {
		return nil
	}
	owner, err := user.Lookup("postgres")
	if err != nil {
		return fmt.Errorf("PostgreSQL does not run as root, and there is no user for it: %w", err)
	}
	uid, uidErr := strconv.Atoi(owner.Uid)
	gid, gidErr := strconv.Atoi(owner.Gid)
	if err := errors.Join(uidErr, gidErr); err != nil {
		return fmt.Errorf("reading the user postgres: %w", err)
	}
	return os.Chown(folder, uid, gid)
}
