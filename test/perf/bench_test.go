//go:build bench

package perf

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/scim-operator/scim-operator/internal/scim/store/pgtest"
	"github.com/scim-operator/scim-operator/test/scimkit"
)

var (
	usersFlag   = flag.Int("users", 150_000, "users of the large population, at least 120000; 1000000 shows more and takes some minutes longer")
	secondsFlag = flag.Int("seconds", 4, "how long each operation is measured, at least 2")
)

// The names of the stores in the table.
const (
	postgresName = "PostgreSQL"
	sqliteName   = "SQLite"
)

func TestEndpoint(t *testing.T) {
	limits := readRanges(t)
	binary, err := scimkit.Build(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	server := pgtest.NewServer(t)
	small := newPlace(t, binary, server, population{users: 10_000, groups: []int{10, 1_000}})
	large := newPlace(t, binary, server, population{users: *usersFlag, groups: []int{10, 10_000, 100_000}})
	r := &report{}
	// An operation is measured in both places in a row, so that they are compared under the same load of the machine.
	for i := range max(len(small.operations), len(large.operations)) {
		for _, p := range []*place{small, large} {
			if i < len(p.operations) {
				r.compare(t, p, p.operations[i])
			}
		}
	}
	r.measureMemory(t, large)
	r.print(os.Stdout)
	for _, sentence := range r.short(limits) {
		fmt.Println("short of the aim:", sentence)
	}
	for _, problem := range r.judge(limits) {
		t.Error(problem)
	}
}

// place is a population in both stores, each served by an endpoint, and in a database for bare statements.
type place struct {
	population
	operations       []operation
	postgres, sqlite *scimkit.Endpoint
	// floor is no endpoint of ours.
	floor *scimkit.Endpoint
	bare  *pgbench
}

func newPlace(t *testing.T, binary string, server *pgtest.Server, p population) *place {
	t.Helper()
	folder := t.TempDir()
	sqlite := "sqlite://" + filepath.Join(folder, "scim.db")
	postgres, plain := server.Database(t), server.Database(t)
	for _, store := range []string{sqlite, postgres, plain} {
		p.fill(t, store)
	}
	settle(t, postgres, plain)
	return &place{
		population: p, operations: p.operations(), postgres: start(t, binary, postgres), sqlite: start(t, binary, sqlite), floor: startFloor(t, postgres),
		bare: &pgbench{program: server.Program("pgbench"), url: plain, folder: folder},
	}
}

func start(t *testing.T, binary, store string) *scimkit.Endpoint {
	t.Helper()
	endpoint, err := scimkit.Start(t.Context(), scimkit.Options{Binary: binary, Folder: t.TempDir(), Store: store, Config: limitless})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(endpoint.Stop)
	return endpoint
}

// limitless keeps the limit per token out of the measurement.
const limitless = "limits: {requestsPerSecond: 1000000, burst: 1000000}\n"
