package main

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/scim-operator/scim-operator/hack/lab/process"
)

func TestClientsAreRead(t *testing.T) {
	folder := t.TempDir()
	file, empty := filepath.Join(folder, "secret"), filepath.Join(folder, "empty")
	for name, text := range map[string]string{file: "from:a file\n", empty: "\n"} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, c := range map[string]struct{ pair, secret, err string }{
		"a secret in the clear":         {"id:se:cret", "se:cret", ""},
		"a secret from a file":          {"id:@" + file, "from:a file", ""},
		"an empty file":                 {"id:@" + empty, "", "is empty"},
		"a file that is missing":        {"id:@" + folder + "/none", "", "no such file"},
		"no secret":                     {"id:", "", "--client has to be"},
		"no colon":                      {"id", "", "--client has to be"},
		"no ID, and the secret is kept": {":hidden", "", "--client has to be"},
	} {
		t.Run(name, func(t *testing.T) {
			clients, err := readClients([]string{c.pair})
			if c.err != "" {
				if err == nil || !strings.Contains(err.Error(), c.err) || strings.Contains(err.Error(), "hidden") {
					t.Errorf("error %v, want one that says %q", err, c.err)
				}
				return
			}
			if err != nil || len(clients) != 1 || clients[0].ID != "id" || clients[0].Secret != c.secret {
				t.Errorf("%+v (%v)", clients, err)
			}
		})
	}
}

func TestServe(t *testing.T) {
	ca := filepath.Join(t.TempDir(), "ca.pem")
	// A free port: the command takes an address, and whoever starts it has to know it beforehand.
	free, err := process.FreeAddresses(1)
	if err != nil {
		t.Fatal(err)
	}
	admin := free[0]
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	cmd := command()
	cmd.SetArgs([]string{"--listen=127.0.0.1:0", "--admin=" + admin, "--generate=20", "--seed=7", "--ca-out=" + ca,
		"--client=id:secret", "--tenant-id=6babcaad-604b-40ac-a9d7-9fd97c0b779f"})
	ended := make(chan error, 1)
	go func() { ended <- cmd.ExecuteContext(ctx) }()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for up := false; !up; {
		select {
		case err := <-ended:
			t.Fatalf("it ended before it was up: %v", err)
		case <-ticker.C:
			if response, err := http.Get("http://" + admin + "/healthz"); err == nil {
				up = response.StatusCode == http.StatusOK
				_ = response.Body.Close()
			}
		}
	}
	if raw, err := os.ReadFile(ca); err != nil || !strings.Contains(string(raw), "BEGIN CERTIFICATE") {
		t.Errorf("the CA file: %s (%v)", raw, err)
	}
	var exported strings.Builder
	for _, args := range [][]string{{"export", "--admin=" + admin}, {"import", "--admin=" + admin}} {
		cmd := command()
		cmd.SetOut(&exported)
		cmd.SetIn(strings.NewReader(exported.String()))
		cmd.SetArgs(args)
		if err := cmd.ExecuteContext(ctx); err != nil || !strings.Contains(exported.String(), "6babcaad-604b-40ac-a9d7-9fd97c0b779f") {
			t.Errorf("%v: %v: %.200s", args, err, exported.String())
		}
	}
	refused := command()
	refused.SetIn(strings.NewReader("{}"))
	refused.SetArgs([]string{"import", "--admin=" + admin})
	if err := refused.ExecuteContext(ctx); err == nil || !strings.Contains(err.Error(), "field format") {
		t.Errorf("importing nothing: %v", err)
	}
	stop()
	if err := <-ended; err != nil {
		t.Errorf("it ended with %v", err)
	}
}

func TestServeNeedsPeople(t *testing.T) {
	cmd := command()
	cmd.SetArgs([]string{})
	if err := cmd.Execute(); err == nil || !strings.Contains(err.Error(), "directory") {
		t.Errorf("error %v, want one that names --directory", err)
	}
}

func TestServeRefusesWrongFlags(t *testing.T) {
	file, rules := filepath.Join(t.TempDir(), "clients.yaml"), filepath.Join(t.TempDir(), "faults.yaml")
	for name, text := range map[string]string{file: "clients: [{id: a, nonsense: b}]", rules: "faults: [{operation: listUser, status: 500}]"} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, c := range map[string]struct{ flag, want string }{
		"a switch without a value":      {"--switch=secrets-put", "NAME=VALUE"},
		"a switch that there is not":    {"--switch=gravity=off", "gravity"},
		"a value that a switch has not": {"--switch=secrets-put=forget", "merge, replace"},
		"a state that is not there yet": {"--state=" + file + ".none", "for the people to begin with"},
		"another throttling":            {"--throttling=some", "published or off"},
		"a clients file with a typo":    {"--clients=" + file, "nonsense"},
		"a fault of no operation":       {"--faults=" + rules, "rule field operation"},
	} {
		t.Run(name, func(t *testing.T) {
			cmd := command()
			cmd.SetArgs(slices.DeleteFunc([]string{"--generate=1", c.flag}, func(f string) bool { return f == "--generate=1" && strings.HasPrefix(c.flag, "--state") }))
			if err := cmd.Execute(); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one that says %q", err, c.want)
			}
		})
	}
}

func TestUnconfirmedLists(t *testing.T) {
	var out strings.Builder
	cmd := command()
	cmd.SetOut(&out)
	cmd.SetArgs([]string{"unconfirmed"})
	if err := cmd.Execute(); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"secrets-put", "15.2", "replace", "discover"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the list does not say %q:\n%s", want, out.String())
		}
	}
}
