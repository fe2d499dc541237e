package process

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"time"
)

// A Command is a program to start. Environment is the whole environment, not an addition to the lab's own; Log is the file that gets its
// standard output and error, appended to.
type Command struct {
	Path        string
	Args        []string
	Directory   string
	Environment []string
	Log         string
}

// A Child is a started process.
type Child struct {
	command *exec.Cmd
	done    chan struct{}
	err     error
}

// spawn hands work to a thread that lives as long as the lab: Linux sends the parent-death signal when the thread that forked ends,
// and Go ends threads as it likes.
var spawn = func() chan<- func() {
	work := make(chan func())
	go func() {
		runtime.LockOSThread()
		for f := range work {
			f()
		}
	}()
	return work
}()

// Start starts the command in a process group of its own, so that a Ctrl-C in the terminal reaches only the lab, which then stops its
// children in order.
func Start(c Command) (*Child, error) {
	log, err := openLog(c.Log)
	if err != nil {
		return nil, fmt.Errorf("opening the log of %s: %w", filepath.Base(c.Path), err)
	}
	defer log.Close()
	command := exec.Command(c.Path, c.Args...)
	command.Dir = c.Directory
	command.Env = c.Environment
	command.Stdout, command.Stderr = log, log
	command.SysProcAttr = attributes()

	started := make(chan error)
	spawn <- func() { started <- command.Start() }
	if err := <-started; err != nil {
		return nil, fmt.Errorf("starting %s: %w", filepath.Base(c.Path), err)
	}
	child := &Child{command: command, done: make(chan struct{})}
	go func() {
		child.err = command.Wait()
		close(child.done)
	}()
	return child, nil
}

func openLog(path string) (*os.File, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	return os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
}

// PID is the number of the process, which is that of its group too.
func (c *Child) PID() int { return c.command.Process.Pid }

// Done is closed when the process has ended.
func (c *Child) Done() <-chan struct{} { return c.done }

// Exit tells how an ended process ended: its exit code, and the signal that ended it or 0. Call it after Done.
func (c *Child) Exit() (code int, signal syscall.Signal) {
	if exit, ok := errors.AsType[*exec.ExitError](c.err); ok {
		if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
			return 128 + int(status.Signal()), status.Signal()
		}
		return exit.ExitCode(), 0
	}
	return 0, 0
}

// Signal sends a signal to the process and to all that it started; to an ended process it does nothing.
func (c *Child) Signal(signal syscall.Signal) {
	select {
	case <-c.done:
	default:
		// The error can only be that the process ended just now.
		_ = syscall.Kill(-c.command.Process.Pid, signal)
	}
}

// Stop asks the process to end, kills it after grace, and returns when it is gone.
func (c *Child) Stop(grace time.Duration) {
	c.Signal(syscall.SIGTERM)
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case <-c.done:
		return
	case <-timer.C:
	}
	c.Signal(syscall.SIGKILL)
	<-c.done
}
