//go:build bench

package perf

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
)

// pgbench sends bare statements to a database that is filled as the endpoint's is.
type pgbench struct {
	program, url, folder string
}

var tps = regexp.MustCompile(`(?m)^tps = ([0-9.]+)`)

// rate returns how many times a second the script runs, with prepared statements.
func (p *pgbench) rate(t *testing.T, script string, workers, seconds int) float64 {
	t.Helper()
	file := filepath.Join(p.folder, "script.sql")
	if err := os.WriteFile(file, []byte(script), 0o600); err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), p.program, "--no-vacuum", "--protocol=prepared", fmt.Sprint("--client=", workers), "--jobs=1",
		fmt.Sprint("--time=", seconds), "--file="+file, p.url)
	output, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("pgbench: %v\n%s", err, output)
	}
	found := tps.FindSubmatch(output)
	if found == nil {
		t.Fatalf("pgbench says no rate:\n%s", output)
	}
	rate, err := strconv.ParseFloat(string(found[1]), 64)
	if err != nil {
		t.Fatal(err)
	}
	return rate
}
