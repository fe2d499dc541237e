package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/scim-operator/scim-operator/internal/scim/auth"
)

func execute(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	command := newCommand()
	command.SetOut(&out)
	command.SetArgs(args)
	err := command.ExecuteContext(t.Context())
	return out.String(), err
}

func TestTokenPrintsATokenAndItsHash(t *testing.T) {
	out, err := execute(t, "token")
	fields := strings.Fields(out)
	if err != nil || len(fields) != 4 || auth.HashOf(fields[1]).String() != fields[3] {
		t.Errorf("error %v; the output is not a token with its hash", err)
	}
	if _, err := auth.ParseHashes([]byte(fields[3])); err != nil {
		t.Errorf("the hash is no line of a hash file: %v", err)
	}
}

func TestVersionIsOneLine(t *testing.T) {
	if out, err := execute(t, "version"); err != nil || strings.Count(out, "\n") != 1 || strings.TrimSpace(out) == "" {
		t.Errorf("output %q, error %v", out, err)
	}
}

func TestOutboxRefusesWhatItDoesNotKnow(t *testing.T) {
	for want, args := range map[string][]string{
		`unknown command "lst" for "scim-endpoint outbox"`: {"outbox", "lst"},
		"say what to do: outbox list or outbox replay":     {"outbox"},
	} {
		if _, err := execute(t, args...); err == nil || err.Error() != want {
			t.Errorf("%v: error %v, want %q", args, err, want)
		}
	}
}

func TestServeNamesAMissingFlag(t *testing.T) {
	if _, err := execute(t, "serve"); err == nil || !strings.Contains(err.Error(), "--token-hashes") {
		t.Errorf("error %v, want --token-hashes in it", err)
	}
}
