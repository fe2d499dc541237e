package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/scim-operator/scim-operator/internal/scim/auth"
)

// asCommand makes the test binary behave as the command.
const asCommand = "SCIM_TEST_AS_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		os.Exit(run())
	}
	os.Exit(m.Run())
}

// command is a process of scim-endpoint with nothing in its environment but what is given.
func command(t *testing.T, env []string, args ...string) *exec.Cmd {
	t.Helper()
	c := exec.CommandContext(t.Context(), os.Args[0], args...)
	c.Env = append([]string{asCommand + "=1"}, env...)
	return c
}

func TestAWrongFlagEndsTheProcessWithAnErrorAndWithoutThePassword(t *testing.T) {
	hashes := filepath.Join(t.TempDir(), "hashes")
	if err := os.WriteFile(hashes, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"serve", "--token-hashes=" + hashes, "--listen=127.0.0.1:0", "--management-listen=127.0.0.1:0"}, {"migrate"}, {"export"}, {"import"}, {"erase", "x"}, {"outbox", "list"},
	} {
		c := command(t, []string{"SCIM_ENDPOINT_STORE=postgres://scim:Hunter2@127.0.0.1:1/scim"}, args...)
		out, err := c.CombinedOutput()
		if c.ProcessState.ExitCode() != 1 || !bytes.Contains(out, []byte("error: --store:")) || bytes.Contains(out, []byte("Hunter2")) {
			t.Errorf("%s: %v: %s", args[0], err, out)
		}
	}
}

// serving is a process that serves, with its log.
type serving struct {
	cmd        *exec.Cmd
	scim       string
	management string
	log        *bufio.Scanner
	lines      []map[string]any
}

func startServing(t *testing.T, env []string, args ...string) *serving {
	t.Helper()
	s := &serving{cmd: command(t, env, append([]string{"serve", "--listen=127.0.0.1:0", "--management-listen=127.0.0.1:0"}, args...)...)}
	stderr, err := s.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s.log = bufio.NewScanner(stderr)
	line := s.until(t, "serving")
	s.scim, s.management = fmt.Sprint(line["publicURL"]), fmt.Sprint("http://", line["management"])
	return s
}

// until reads the log, each line of which is JSON, until a message.
func (s *serving) until(t *testing.T, message string) map[string]any {
	t.Helper()
	for s.log.Scan() {
		line := map[string]any{}
		if err := json.Unmarshal(s.log.Bytes(), &line); err != nil {
			t.Fatalf("a line of the log is no JSON: %s", s.log.Text())
		}
		s.lines = append(s.lines, line)
		if line["msg"] == message {
			return line
		}
	}
	t.Fatalf("the log ended without %q: %v", message, s.lines)
	return nil
}

func send(t *testing.T, method, url, token, body string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(content)
}

// TestTheLifeOfAStore goes through every command, beside a serving process where that is allowed.
func TestTheLifeOfAStore(t *testing.T) {
	folder, token := t.TempDir(), auth.NewToken()
	hashes, store := filepath.Join(folder, "hashes"), "sqlite://"+filepath.Join(folder, "scim.db")
	if err := os.WriteFile(hashes, []byte(auth.HashOf(token).String()+" id=entra\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	env := []string{"SCIM_ENDPOINT_STORE=" + store, "SCIM_ENDPOINT_TOKEN_HASHES=" + hashes}
	if out, err := command(t, env, "migrate").CombinedOutput(); err != nil || !strings.Contains(string(out), "is up to date") {
		t.Fatalf("migrate: %v: %s", err, out)
	}
	s := startServing(t, env)
	var ids []string
	for _, name := range []string{"ann", "bob"} {
		code, body := send(t, "POST", s.scim+"/Users", token, `{"userName":"`+name+`"}`)
		var user struct{ ID string }
		if err := json.Unmarshal([]byte(body), &user); code != 201 || err != nil {
			t.Fatalf("POST: %d %s", code, body)
		}
		ids = append(ids, user.ID)
	}
	if out, err := command(t, env, "erase", ids[0]).CombinedOutput(); err != nil || !strings.Contains(string(out), "erased "+ids[0]) {
		t.Errorf("erase: %v: %s", err, out)
	}
	if out, err := command(t, env, "erase", "nobody").CombinedOutput(); err == nil || !strings.Contains(string(out), "no user or group") {
		t.Errorf("erasing nobody: %v: %s", err, out)
	}
	if code, _ := send(t, "GET", s.scim+"/Users/"+ids[0], token, ""); code != 404 {
		t.Errorf("the erased user: %d, want 404", code)
	}
	if code, body := send(t, "POST", s.scim+"/Users", token, `{"userName":"carol"}`); code != 201 {
		t.Errorf("a write after that of another process: %d %s", code, body)
	}
	if out, err := command(t, env, "outbox", "list").CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("outbox list: %v: %s", err, out)
	}
	if out, err := command(t, env, "outbox", "replay").CombinedOutput(); err != nil || !strings.HasPrefix(string(out), "0 dead letters") {
		t.Errorf("outbox replay: %v: %s", err, out)
	}
	exported, err := command(t, env, "export").Output()
	if err != nil || bytes.Count(exported, []byte("\n")) != 4 {
		t.Fatalf("export: %v: %s", err, exported)
	}
	importing := command(t, env, "import")
	importing.Stdin = bytes.NewReader(exported)
	if out, err := importing.CombinedOutput(); err == nil || !strings.Contains(string(out), "stop it first") {
		t.Errorf("import beside the endpoint: %v: %s", err, out)
	}
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	s.until(t, "stopped")
	if err := s.cmd.Wait(); err != nil {
		t.Errorf("the process ended with %v", err)
	}

	other := []string{"SCIM_ENDPOINT_STORE=sqlite://" + filepath.Join(folder, "other.db")}
	for _, want := range []string{"imported 2 users and 0 groups", "not empty", "name another --store, or remove " + filepath.Join(folder, "other.db")} {
		c := command(t, other, "import")
		c.Stdin = bytes.NewReader(exported)
		if out, _ := c.CombinedOutput(); !strings.Contains(string(out), want) {
			t.Errorf("import: %s, want %q in it", out, want)
		}
	}
	again, err := command(t, other, "export").Output()
	if err != nil || !bytes.Equal(again, exported) {
		t.Errorf("export of the import: %v\n%s\nwant\n%s", err, again, exported)
	}
}
