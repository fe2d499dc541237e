//go:build bench

package perf

import (
	"fmt"
	"os"
	"testing"

	"sigs.k8s.io/yaml"
)

// ranges is ranges.yaml.
type ranges struct {
	AimOfBare        map[string]float64 `json:"aimOfBare"`
	AtLeastOfRows    map[string]float64 `json:"atLeastOfRows"`
	SQLiteOfPostgres float64            `json:"sqliteOfPostgres"`
	Growth           float64            `json:"growth"`
	IdleMiB          float64            `json:"idleMiB"`
	ListingMiB       float64            `json:"listingMiB"`
}

func readRanges(t *testing.T) ranges {
	t.Helper()
	content, err := os.ReadFile("ranges.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var limits ranges
	if err := yaml.UnmarshalStrict(content, &limits); err != nil {
		t.Fatalf("ranges.yaml: %v", err)
	}
	return limits
}

// judge returns a sentence for each range that was left.
func (r *report) judge(limits ranges) (problems []string) {
	complain := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	for _, m := range r.lines {
		name := fmt.Sprintf("%s at %d users, %s, %d workers", m.operation.name, m.users, m.store, m.workers)
		if m.rows > 0 {
			least, known := limits.AtLeastOfRows[m.operation.kind]
			if !known {
				complain("ranges.yaml has no entry for %s", m.operation.kind)
			}
			if ratio := m.pace.rate / m.rows; ratio < least {
				complain("%s: %.2f of a statement that touches the same rows, want at least %.2f", name, ratio, least)
			}
		}
		if other := r.find(m, postgresName, m.users); m.store == sqliteName && m.workers == 1 && m.pace.rate < limits.SQLiteOfPostgres*other.pace.rate {
			complain("%s: %.2f of PostgreSQL's rate, want at least %.2f", name, m.pace.rate/other.pace.rate, limits.SQLiteOfPostgres)
		}
		for _, small := range r.lines {
			if small.operation.name == m.operation.name && small.store == m.store && small.workers == m.workers && small.users < m.users &&
				growth(small, m) > limits.Growth {
				complain("%s: %.2f times slower than at %d users, want at most %.2f", name, growth(small, m), small.users, limits.Growth)
			}
		}
	}
	if r.idle > limits.IdleMiB {
		complain("%.0f MiB resident when idle, want at most %.0f", r.idle, limits.IdleMiB)
	}
	if r.listing > limits.ListingMiB {
		complain("%.0f MiB resident while a large group is read, want at most %.0f", r.listing, limits.ListingMiB)
	}
	return problems
}

// growth is how many times slower an operation is in the large population; where the bare statement was measured beside
// it, beyond what that one is: the machine is not the same all the time.
func growth(small, large measurement) float64 {
	times := small.pace.rate / large.pace.rate
	if small.bare > 0 && large.bare > 0 {
		times /= small.bare / large.bare
	}
	return times
}

// short returns a sentence for each aim that was missed.
func (r *report) short(limits ranges) (short []string) {
	for _, m := range r.lines {
		if aim := limits.AimOfBare[m.operation.kind]; m.bare > 0 && m.pace.rate/m.bare < aim {
			short = append(short, fmt.Sprintf("%s at %d users is at %.2f of the bare statement, the aim is %.2f", m.operation.name, m.users, m.pace.rate/m.bare, aim))
		}
	}
	return short
}

// find returns the measurement of the same operation on another store.
func (r *report) find(m measurement, store string, users int) measurement {
	for _, other := range r.lines {
		if other.operation.name == m.operation.name && other.workers == m.workers && other.store == store && other.users == users {
			return other
		}
	}
	return measurement{}
}
