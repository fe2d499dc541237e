package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/scim-operator/scim-operator/internal/scim/scimtest"
)

func TestTestASCIMServer(t *testing.T) {
	endpoint := scimtest.Start(t)
	folder := t.TempDir()
	good, bad := filepath.Join(folder, "good"), filepath.Join(folder, "bad")
	for name, text := range map[string]string{good: endpoint.Token + "\n", bad: "another"} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, c := range map[string]struct{ file, err, says string }{
		"it passes":               {good, "", "16 passed, 0 failed, 0 skipped"},
		"a token that is wrong":   {bad, "16 of 16 steps did not pass", "0 passed, 2 failed, 14 skipped"},
		"a token that is nowhere": {folder + "/none", "--token-file", ""},
	} {
		t.Run(name, func(t *testing.T) {
			var out strings.Builder
			cmd, junit, asJSON := command(), filepath.Join(t.TempDir(), "junit.xml"), filepath.Join(t.TempDir(), "report.json")
			cmd.SetOut(&out)
			cmd.SetArgs([]string{"test", endpoint.URL, "--token-file=" + c.file, "--junit=" + junit, "--json=" + asJSON})
			err := cmd.ExecuteContext(t.Context())
			if c.err == "" && err != nil || c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)) {
				t.Errorf("error %v, want %q\n%s", err, c.err, out.String())
			}
			if !strings.Contains(out.String(), c.says) {
				t.Errorf("it does not say %q:\n%s", c.says, out.String())
			}
			if c.says == "" {
				return
			}
			for file, want := range map[string]string{junit: "<testsuite ", asJSON: `"results": [`} {
				if raw, err := os.ReadFile(file); err != nil || !strings.Contains(string(raw), want) {
					t.Errorf("%s: %s (%v)", file, raw, err)
				}
			}
		})
	}
}
