//go:build bench

package perf

import (
	"fmt"
	"io"
	"sync/atomic"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/scim-operator/scim-operator/test/scimkit"
)

// measurement is one line of the table.
type measurement struct {
	store     string
	users     int
	operation operation
	workers   int
	pace      pace
	// bare is the rate of the bare statement; 0 when it was not measured.
	bare float64
}

type report struct {
	lines []measurement
	// counters go on over the measurements of one operation on one store.
	counters map[string]*atomic.Int64
	// idle and listing are resident MiB.
	idle, listing float64
}

// add measures an operation, between two halves of the bare statement, so that what else the machine does meets both.
func (r *report) add(t *testing.T, m measurement, endpoint *scimkit.Endpoint, bare *pgbench) {
	t.Helper()
	if r.counters == nil {
		r.counters = map[string]*atomic.Int64{}
	}
	key := endpoint.URL + m.operation.name
	if r.counters[key] == nil {
		r.counters[key] = &atomic.Int64{}
	}
	half := max(1, *secondsFlag/2)
	if bare != nil {
		m.bare += bare.rate(t, m.operation.bare, m.workers, half) / 2
	}
	m.pace = run(t, endpoint, m.operation, m.workers, r.counters[key], time.Duration(*secondsFlag)*time.Second)
	if bare != nil {
		m.bare += bare.rate(t, m.operation.bare, m.workers, half) / 2
	}
	r.lines = append(r.lines, m)
}

// compare measures an operation on both stores, with four workers and with one.
func (r *report) compare(t *testing.T, p *place, o operation) {
	t.Helper()
	r.add(t, measurement{store: postgresName, users: p.users, operation: o, workers: 4}, p.postgres, p.bare)
	r.add(t, measurement{store: sqliteName, users: p.users, operation: o, workers: 4}, p.sqlite, nil)
	r.add(t, measurement{store: postgresName, users: p.users, operation: o, workers: 1}, p.postgres, nil)
	r.add(t, measurement{store: sqliteName, users: p.users, operation: o, workers: 1}, p.sqlite, nil)
}

// measureMemory restarts the endpoint and reads the largest group.
func (r *report) measureMemory(t *testing.T, p *place) {
	t.Helper()
	endpoint := p.postgres
	endpoint.Stop()
	if err := endpoint.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.idle, _ = residentMiB(t, endpoint)
	c, err := dial(endpoint)
	if err != nil {
		t.Fatal(err)
	}
	defer c.conn.Close()
	if err := c.send(request{"GET", "/Groups/" + groupID(p.groups[len(p.groups)-1]), "", 200}); err != nil {
		t.Fatal(err)
	}
	_, r.listing = residentMiB(t, endpoint)
}

func (r *report) print(to io.Writer) {
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "\nusers\toperation\tstore\tworkers\trate/s\tp50\tp99\tbare/s\tratio\t")
	for _, m := range r.lines {
		bare, ratio := "", ""
		if m.bare > 0 {
			bare, ratio = fmt.Sprintf("%.0f", m.bare), fmt.Sprintf("%.2f", m.pace.rate/m.bare)
		}
		fmt.Fprintf(w, "%d\t%s\t%s\t%d\t%.0f\t%s\t%s\t%s\t%s\t\n", m.users, m.operation.name, m.store, m.workers, m.pace.rate,
			m.pace.p50.Round(10*time.Microsecond), m.pace.p99.Round(10*time.Microsecond), bare, ratio)
	}
	_ = w.Flush()
	fmt.Fprintf(to, "resident memory: %.0f MiB when idle, at most %.0f MiB while a group of 100,000 members is read\n\n", r.idle, r.listing)
}
