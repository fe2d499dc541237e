package process

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The test binary plays the children too: CHILD says which.
func TestMain(m *testing.M) {
	switch os.Getenv("CHILD") {
	case "exit-3":
		println("said before the end")
		os.Exit(3)
	case "sleep":
		select {}
	case "parent":
		child, err := Start(Command{Path: os.Args[0], Environment: []string{"CHILD=sleep"}, Log: os.Getenv("LOG")})
		if err != nil {
			os.Exit(1)
		}
		os.Stdout.WriteString(strconv.Itoa(child.command.Process.Pid) + "\n")
		<-child.Done()
	default:
		os.Exit(m.Run())
	}
}

func TestChildIsLoggedAndItsExitCodeTold(t *testing.T) {
	log := filepath.Join(t.TempDir(), "logs", "child.log")
	child, err := Start(Command{Path: os.Args[0], Environment: []string{"CHILD=exit-3"}, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	<-child.Done()
	if code, signal := child.Exit(); code != 3 || signal != 0 {
		t.Errorf("Exit = %d, %v; want 3 and no signal", code, signal)
	}
	if said, err := os.ReadFile(log); err != nil || !strings.Contains(string(said), "said before the end") {
		t.Errorf("log = %q, %v", said, err)
	}
}

func TestStopKillsWhatDoesNotEnd(t *testing.T) {
	child, err := Start(Command{Path: os.Args[0], Environment: []string{"CHILD=sleep"}, Log: filepath.Join(t.TempDir(), "log")})
	if err != nil {
		t.Fatal(err)
	}
	child.Stop(time.Minute)
	if _, signal := child.Exit(); signal != syscall.SIGTERM {
		t.Errorf("ended by %v; want SIGTERM", signal)
	}
}
