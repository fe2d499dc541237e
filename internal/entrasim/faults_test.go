package entrasim_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/scim-operator/scim-operator/internal/entrasim"
)

func (l *lab) fault(rule entrasim.Fault) string {
	l.t.Helper()
	id, err := l.AddFault(rule)
	if err != nil {
		l.t.Fatal(err)
	}
	return id
}

func TestReplicateLate(t *testing.T) {
	l := startLab(t, stoppedClock(0))
	l.fault(entrasim.Fault{Operation: "instantiate", ReplicateLate: entrasim.FaultDuration(time.Minute)})
	l.instantiate("Wiki")
	late := l.sp
	l.want(404, "GET", "/servicePrincipals/"+late, nil)
	l.want(404, "GET", "/applications/"+l.app, nil)
	if a := l.want(401, "GET", l.sync("/templates"), nil); a.code() != "UnknownError" {
		t.Errorf("its synchronization answers %s", a.code())
	}
	l.instantiate("Docs")
	l.want(200, "GET", "/servicePrincipals/"+l.sp, nil)
	l.advance(time.Minute)
	l.want(200, "GET", "/servicePrincipals/"+late, nil)
}

func TestStaleRead(t *testing.T) {
	l := startLab(t)
	l.instantiate("Wiki")
	name := func() any { return l.want(200, "GET", "/applications/"+l.app, nil).body["displayName"] }
	if got := name(); got != "Wiki" {
		t.Fatalf("the name is %v", got)
	}
	l.want(204, "PATCH", "/applications/"+l.app, object{"displayName": "Docs"})
	l.fault(entrasim.Fault{Operation: "getApplication", StaleRead: true, Count: 2})
	for _, want := range []string{"Wiki", "Wiki", "Docs"} {
		if got := name(); got != want {
			t.Errorf("the name is %v, want %s", got, want)
		}
	}
}

// TestBreakTLS: the connection is given up, and the client finds its way by a new one.
func TestBreakTLS(t *testing.T) {
	l := startLab(t)
	l.fault(entrasim.Fault{Operation: "listGroups", BreakTLS: true})
	_, err := l.try("GET", l.URL+"/v1.0/groups", nil)
	if err == nil || !strings.Contains(err.Error(), "tls:") {
		t.Errorf("error %v, want one of TLS", err)
	}
	l.want(200, "GET", "/groups", nil)
	if c := l.JournalCounts(0); c.ByStatus[0] != 1 || c.ByOperation["listGroups"] != 2 {
		t.Errorf("the journal counts %+v", c)
	}
}

func TestFaultsAreOfOneClient(t *testing.T) {
	const other = "99999999-2222-4333-8444-555555555555"
	l := startLab(t, func(o *entrasim.Options) {
		o.Clients = append(o.Clients, entrasim.Client{ID: other, Secret: clientSecret})
	})
	l.fault(entrasim.Fault{ClientID: other, Operation: "listUsers", Status: 503, Count: -1})
	l.want(200, "GET", "/users", nil)
	l.token = l.login(other, clientSecret)
	l.want(503, "GET", "/users", nil)
}

func TestTheSameSeedGivesTheSameRun(t *testing.T) {
	run := func(seed uint64) []int {
		l := startLab(t, func(o *entrasim.Options) { o.Seed = seed })
		l.fault(entrasim.Fault{ID: "flaky", Probability: 0.5, Operation: "listUsers", Status: 503})
		var out []int
		for range 30 {
			out = append(out, l.graph("GET", "/users", nil).status)
		}
		return out
	}
	first := run(7)
	if diff := cmp.Diff(first, run(7)); diff != "" {
		t.Errorf("a second run differs:\n%s", diff)
	}
	if cmp.Equal(first, run(8)) {
		t.Error("another seed gives the same run")
	}
}

// TestFaultsTowardsTheEndpoint: what happens to the person whose creation goes wrong, and that it mends itself.
func TestFaultsTowardsTheEndpoint(t *testing.T) {
	for name, c := range map[string]struct {
		fault  entrasim.Fault
		code   string // of the failure; empty: there is none
		second string // what the next cycle does
	}{
		"an answer of its own":         {entrasim.Fault{Status: 503}, "InternalServerError", "created 1"},
		"it takes effect all the same": {entrasim.Fault{Status: 503, AfterEffect: true}, "InternalServerError", "created 0"},
		"cut before":                   {entrasim.Fault{DropBefore: true}, "WebExceptionProtocolError", "created 1"},
		"cut after":                    {entrasim.Fault{DropAfter: true}, "WebExceptionProtocolError", "created 0"},
		"a certificate of nobody":      {entrasim.Fault{BreakTLS: true}, "WebExceptionProtocolError", "created 1"},
		"slow":                         {entrasim.Fault{Delay: entrasim.FaultDuration(time.Millisecond)}, "", "created 0"},
	} {
		t.Run(name, func(t *testing.T) {
			w := startWire(t)
			l := startLab(t)
			l.provision(w.URL, w.Token)
			l.assign(anna, l.role())
			l.want(204, "POST", l.jobPath("/start"), nil)
			c.fault.Target, c.fault.Method, c.fault.Path = "scim", http.MethodPost, "/Users$"
			l.fault(c.fault)
			r, err := l.RunCycle(context.Background(), l.job)
			if err != nil || r.Error != nil {
				t.Fatalf("the cycle: %+v (%v)", r, err)
			}
			switch {
			case c.code == "" && r.Failed > 0, c.code != "" && (r.Failed != 1 || !strings.HasSuffix(r.Failures[0].Code, c.code)):
				t.Errorf("the first cycle: %s, %+v, want the code %q", counts(r), r.Failures, c.code)
			}
			if got := counts(l.cycle()); !strings.HasPrefix(got, c.second+" ") || !strings.HasSuffix(got, "failed 0") {
				t.Errorf("the second cycle: %s, want %s and no failure", got, c.second)
			}
		})
	}
}

func TestFaultsOverTheAdminAPI(t *testing.T) {
	l := startLab(t)
	for _, c := range []struct {
		body object
		want string
	}{
		{object{"operation": "listUser", "status": 500}, "rule field operation"},
		{object{"probability": 3, "status": 500}, "rule field probability"},
		{object{"probability": 3, "statu": 500}, `unknown field "statu"`},
	} {
		if a := l.admin(400, "POST", "/sim/faults", c.body); !strings.Contains(a.text, strings.ReplaceAll(c.want, `"`, `\"`)) {
			t.Errorf("%v: %s, want %s", c.body, a.text, c.want)
		}
	}
	id := l.admin(200, "POST", "/sim/faults", object{"operation": "listUsers", "status": 503, "count": -1}).body["id"].(string)
	l.want(503, "GET", "/users", nil)
	if a := l.admin(200, "GET", "/sim/faults", nil); !strings.Contains(a.text, `"matches":1,"hits":1`) {
		t.Errorf("the rules: %s", a.text)
	}
	l.admin(204, "DELETE", "/sim/faults/"+id, nil)
	l.want(200, "GET", "/users", nil)
	l.admin(404, "DELETE", "/sim/faults/"+id, nil)
	if a := l.admin(400, "POST", "/sim/clock", object{"advance": "-5m"}); !strings.Contains(a.text, "never runs backwards") {
		t.Errorf("a clock that is set back: %s", a.text)
	}
}
