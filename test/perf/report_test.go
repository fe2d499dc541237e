//go:build bench

package perf

import (
	"fmt"
	"io"
	"net/http"
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
	// bare is the rate of the bare statement, rows that of the one that touches all rows, and floor that of the floor; 0
	// when it was not measured.
	bare, rows, floor float64
}

type report struct {
	lines []measurement
	// counters are those of counter.
	counters map[string]*atomic.Int64
	// idle and listing are resident MiB.
	idle, listing float64
}

// counter goes on over the measurements of one operation on one store.
func (r *report) counter(endpoint *scimkit.Endpoint, o operation) *atomic.Int64 {
	if r.counters == nil {
		r.counters = map[string]*atomic.Int64{}
	}
	key := endpoint.URL + o.name
	if r.counters[key] == nil {
		r.counters[key] = &atomic.Int64{}
	}
	return r.counters[key]
}

// add measures an operation.
func (r *report) add(t *testing.T, m measurement, endpoint *scimkit.Endpoint) {
	t.Helper()
	m.pace = run(t, endpoint, m.operation, m.workers, r.counter(endpoint, m.operation), time.Duration(*secondsFlag)*time.Second)
	r.lines = append(r.lines, m)
}

// addCompared measures an operation between two halves of the bare statements, and of the floor, so that what else the
// machine does meets all.
func (r *report) addCompared(t *testing.T, m measurement, p *place) {
	t.Helper()
	half := max(1, *secondsFlag/2)
	measureHalf := func() {
		m.bare += p.bare.rate(t, m.operation.bare, m.workers, half) / 2
		m.rows += p.bare.rate(t, m.operation.rows, m.workers, half) / 2
		if m.operation.hasFloor {
			m.floor += run(t, p.floor, m.operation, m.workers, r.counter(p.floor, m.operation), time.Duration(half)*time.Second).rate / 2
		}
	}
	measureHalf()
	m.pace = run(t, p.postgres, m.operation, m.workers, r.counter(p.postgres, m.operation), time.Duration(*secondsFlag)*time.Second)
	measureHalf()
	r.lines = append(r.lines, m)
}

// compare measures an operation on both stores, with four workers and with one.
func (r *report) compare(t *testing.T, p *place, o operation) {
	t.Helper()
	r.addCompared(t, measurement{store: postgresName, users: p.users, operation: o, workers: 4}, p)
	r.add(t, measurement{store: sqliteName, users: p.users, operation: o, workers: 4}, p.sqlite)
	r.add(t, measurement{store: postgresName, users: p.users, operation: o, workers: 1}, p.postgres)
	r.add(t, measurement{store: sqliteName, users: p.users, operation: o, workers: 1}, p.sqlite)
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
	client := scimkit.Client{BaseURL: endpoint.URL, Token: endpoint.Token, HTTP: http.DefaultClient}
	answer, err := client.Do(t.Context(), http.MethodGet, "/Groups/"+groupID(p.groups[len(p.groups)-1]), nil)
	if err != nil || answer.Status != http.StatusOK {
		t.Fatalf("reading the largest group: %v %s", err, answer)
	}
	_, r.listing = residentMiB(t, endpoint)
}

func (r *report) print(to io.Writer) {
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "\nusers\toperation\tstore\tworkers\trate/s\tp50\tp99\tbare/s\tratio\trows/s\tratio\tfloor\t")
	for _, m := range r.lines {
		fmt.Fprintf(w, "%d\t%s\t%s\t%d\t%.0f\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t\n", m.users, m.operation.name, m.store, m.workers, m.pace.rate,
			m.pace.p50.Round(10*time.Microsecond), m.pace.p99.Round(10*time.Microsecond),
			measured("%.0f", m.bare), ratio(m.pace.rate, m.bare), measured("%.0f", m.rows), ratio(m.pace.rate, m.rows), ratio(m.floor, m.bare))
	}
	_ = w.Flush()
	fmt.Fprintf(to, "resident memory: %.0f MiB when idle, at most %.0f MiB while a group of 100,000 members is read\n\n", r.idle, r.listing)
}

// measured shows what was measured, and nothing for what was not.
func measured(format string, value float64) string {
	if value == 0 {
		return ""
	}
	return fmt.Sprintf(format, value)
}

func ratio(rate, of float64) string {
	if rate == 0 || of == 0 {
		return ""
	}
	return fmt.Sprintf("%.2f", rate/of)
}
