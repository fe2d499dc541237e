//go:build bench

package perf

import (
	"flag"
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
	r := &report{}
	for _, p := range []population{
		{users: 10_000, groups: []int{10, 5_000}},
		{users: *usersFlag, groups: []int{10, 10_000, 100_000}},
	} {
		folder := t.TempDir()
		sqlite := "sqlite://" + filepath.Join(folder, "scim.db")
		postgres, plain := server.Database(t), server.Database(t)
		for _, store := range []string{sqlite, postgres, plain} {
			p.fill(t, store)
		}
		settle(t, postgres, plain)
		bare := &pgbench{program: server.Program("pgbench"), url: plain, folder: folder}
		inPostgres, inSQLite := start(t, binary, postgres), start(t, binary, sqlite)
		for _, o := range p.operations() {
			r.add(t, measurement{store: postgresName, users: p.users, operation: o, workers: 4}, inPostgres, bare)
			r.add(t, measurement{store: sqliteName, users: p.users, operation: o, workers: 4}, inSQLite, nil)
			r.add(t, measurement{store: postgresName, users: p.users, operation: o, workers: 1}, inPostgres, nil)
			r.add(t, measurement{store: sqliteName, users: p.users, operation: o, workers: 1}, inSQLite, nil)
		}
		inSQLite.Stop()
		if len(p.groups) == 3 {
			r.measureMemory(t, inPostgres, p)
		}
		inPostgres.Stop()
	}
	r.print(os.Stdout)
	for _, problem := range r.judge(limits) {
		t.Error(problem)
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
