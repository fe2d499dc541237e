package entrasim_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/scim-operator/scim-operator/internal/entrasim"
)

// during calls f once, in the middle of the next cycle: when the first resource is created or read.
func (w *wire) during(f func()) {
	var once sync.Once
	w.instead(func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPost || strings.Contains(r.URL.Path, "/Users/") {
			once.Do(f)
		}
		return false
	})
}

func TestStartDuringACycle(t *testing.T) {
	for name, c := range map[string]struct {
		stops bool
		want  string
	}{"is ignored": {false, "Active"}, "stops the job, when the switch says so": {true, "Paused"}} {
		t.Run(name, func(t *testing.T) {
			w := startWire(t)
			l := startLab(t, func(o *entrasim.Options) { o.Tenant.StartStopsRunning = c.stops })
			l.provision(w.URL, w.Token)
			l.assign(anna, l.role())
			l.want(204, "POST", l.jobPath("/start"), nil)
			w.during(func() { l.want(204, "POST", l.jobPath("/start"), nil) })
			l.cycle()
			if s := l.status(); s["schedule"] != c.want || s["code"] != c.want {
				t.Errorf("%v/%v, want %s", s["schedule"], s["code"], c.want)
			}
		})
	}
}

func TestPauseLetsTheCycleEnd(t *testing.T) {
	w := startWire(t)
	l := startLab(t)
	l.provision(w.URL, w.Token)
	l.assign(staff, l.role())
	l.want(204, "POST", l.jobPath("/start"), nil)
	w.during(func() { l.want(204, "POST", l.jobPath("/pause"), nil) })
	expectCounts(t, l.cycle(), "created 3 updated 0 disabled 0 deleted 0 skipped 1 failed 0")
	if s := l.status(); s["schedule"] != "Paused" || s["code"] != "Paused" {
		t.Errorf("%v/%v, want Paused", s["schedule"], s["code"])
	}
}

func TestACycleKeepsTheAssignmentsItBeganWith(t *testing.T) {
	w := startWire(t)
	l := startLab(t)
	l.provision(w.URL, w.Token)
	l.assign(anna, l.role())
	l.want(204, "POST", l.jobPath("/start"), nil)
	w.during(func() { l.assign(bengt, l.role()) })
	expectCounts(t, l.cycle(), "created 1 updated 0 disabled 0 deleted 0 skipped 0 failed 0")
	w.instead(nil)
	expectCounts(t, l.cycle(), "created 1 updated 0 disabled 0 deleted 0 skipped 0 failed 0")
}

func TestFunctionWithoutATree(t *testing.T) {
	l := startLab(t, func(o *entrasim.Options) { o.Tenant.SchemaLeniency.ExpressionWithoutTree = true })
	l.instantiate("Wiki")
	l.job = l.want(201, "POST", l.sync("/jobs"), object{"templateId": "scim"}).body["id"].(string)
	l.editMappings(func(m []any) []any {
		m[3].(object)["source"] = object{"expression": `Append([mail], "x")`, "name": "Append", "type": "Function", "parameters": []any{}}
		return m
	})
}

// TestMatchingGoesByPrecedence: the first attribute finds nobody, the second does, and what was found is not created again.
func TestMatchingGoesByPrecedence(t *testing.T) {
	w := startWire(t)
	l := startLab(t)
	l.provision(w.URL, w.Token)
	l.editMappings(func(m []any) []any {
		for _, mapping := range m {
			if m := mapping.(object); m["targetAttributeName"] == "externalId" {
				m["matchingPriority"] = 2
			}
		}
		return m
	})
	l.assign(anna, l.role())
	l.want(204, "POST", l.jobPath("/start"), nil)
	l.cycle()
	l.admin(200, "PATCH", "/sim/users/anna@contoso.com", object{"userPrincipalName": "anna.new@contoso.com"})
	l.want(204, "POST", l.jobPath("/restart"), object{"criteria": object{"resetScope": "Full"}})
	w.take("")
	expectCounts(t, l.cycle(), "created 0 updated 1 disabled 0 deleted 0 skipped 0 failed 0")
	var filters []string
	for _, r := range w.take(http.MethodGet) {
		if strings.Contains(r.query, "anna") {
			filters = append(filters, r.query)
		}
	}
	want := []string{"filter=userName+eq+%22anna.new%40contoso.com%22", "filter=externalId+eq+%22anna%22"}
	if len(filters) != 2 || filters[0] != want[0] || filters[1] != want[1] {
		t.Errorf("filters %v, want %v", filters, want)
	}
}
