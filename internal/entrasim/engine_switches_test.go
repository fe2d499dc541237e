package entrasim_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/scim-operator/scim-operator/internal/entrasim"
)

// unmapped takes the mapping of IsSoftDeleted away.
func unmapped(l *lab) {
	l.editMappings(func(m []any) []any {
		return slices.DeleteFunc(m, func(a any) bool { return a.(object)["targetAttributeName"] == "active" })
	})
}

func leaves(l *lab) { l.admin(204, "DELETE", "/sim/groups/Staff/members/bengt@contoso.com", nil) }

func restarts(scope string) func(l *lab) {
	return func(l *lab) {
		l.want(204, "POST", l.jobPath("/restart"), object{"criteria": object{"resetScope": scope}})
	}
}

// filtered lets only groups of another name pass.
func filtered(l *lab) {
	schema := l.want(200, "GET", l.jobPath("/schema"), nil).body
	schema["synchronizationRules"].([]any)[0].(object)["objectMappings"].([]any)[1].(object)["scope"] = object{"groups": []any{
		object{"name": "others", "clauses": []any{object{"operatorName": "EQUALS", "sourceOperandName": "displayName",
			"targetOperand": object{"values": []string{"Others"}}}}}}}
	l.want(204, "PUT", l.jobPath("/schema"), schema)
}

// TestSwitchesOfTheEngine: what the next cycle does after a change, in both readings of what nobody documents.
func TestSwitchesOfTheEngine(t *testing.T) {
	skip := secret("SkipOutOfScopeDeletions", "True")
	for name, c := range map[string]struct {
		behaviour, value string
		secrets          []object
		changes          []func(*lab)
		want, switched   string // method and path of what is written
	}{
		"who leaves when active is not mapped": {"no-active", "delete", nil, []func(*lab){unmapped, leaves},
			"PATCH /Groups", "DELETE /Users"},
		"who was disabled, when out of scope is kept": {"skip-deletions", "inactive", []object{skip},
			[]func(*lab){func(l *lab) { l.admin(200, "PATCH", "/sim/users/bengt@contoso.com", object{"accountEnabled": false}) }},
			"PATCH /Users", ""},
		"who left before a restart": {"restart-disables", "dropped", nil, []func(*lab){leaves, restarts("Watermark")},
			"PATCH /Users, PATCH /Groups", "PATCH /Groups"},
		"who left before a change of the mappings": {"restart-disables", "dropped", nil, []func(*lab){leaves, filtered},
			"PATCH /Users, DELETE /Groups", "PATCH /Users, DELETE /Groups"},
		"a group that no longer passes the filter": {"group-out-of-scope", "kept", nil, []func(*lab){filtered}, "DELETE /Groups", ""},
		"who was soft-deleted": {"deleted-members", "kept", nil,
			[]func(*lab){func(l *lab) { l.admin(204, "DELETE", "/sim/users/bengt@contoso.com", nil) }},
			"PATCH /Users, PATCH /Groups", "PATCH /Users"},
	} {
		for value, want := range map[string]string{"": c.want, c.value: c.switched} {
			t.Run(strings.TrimSuffix(name+" "+value, " "), func(t *testing.T) {
				w := startWire(t)
				l := runningWith(t, w, "", func(o *entrasim.Options) { switched(t, o, c.behaviour, value) }, c.secrets...)
				for _, change := range c.changes {
					change(l)
				}
				l.cycle()
				if got := w.written(); got != want {
					t.Errorf("written %q, want %q", got, want)
				}
			})
		}
	}
}

func switched(t *testing.T, o *entrasim.Options, behaviour, value string) {
	t.Helper()
	if value == "" {
		return
	}
	if err := o.Switch(behaviour, value); err != nil {
		t.Fatal(err)
	}
}

// written are method and collection of the writes since the last call.
func (w *wire) written() string {
	var out []string
	for _, r := range w.take("") {
		if r.method != http.MethodGet {
			out = append(out, r.method+" /"+strings.Split(r.path, "/")[1])
		}
	}
	return strings.Join(out, ", ")
}

func TestGuestNames(t *testing.T) {
	for value, want := range map[string]string{"": "gil_partner.example", "kept": "gil_partner.example#EXT#@contoso.onmicrosoft.com"} {
		t.Run("guest-name="+value, func(t *testing.T) {
			w := startWire(t)
			l := startLab(t, func(o *entrasim.Options) { switched(t, o, "guest-name", value) })
			l.provision(w.URL, w.Token)
			l.assign(guest, l.role())
			l.want(204, "POST", l.jobPath("/start"), nil)
			l.cycle()
			if got := w.take(http.MethodPost)[0].body["userName"]; got != want {
				t.Errorf("userName %v, want %s", got, want)
			}
		})
	}
}

func TestManagerWithTheFlag(t *testing.T) {
	w := startWire(t)
	l := runningWith(t, w, "?aadOptscim062020", func(o *entrasim.Options) { switched(t, o, "manager-dialect", "list") })
	l.admin(200, "PATCH", "/sim/users/anna@contoso.com", object{"manager": bengt})
	l.cycle()
	got := w.operations()
	if len(got) != 1 || got[0].(object)["op"] != "add" || got[0].(object)["path"] != "manager" {
		t.Errorf("sent %v, want the manager as a list at its bare name", got)
	}
}

// TestAServerThatNormalisesValues is written to with each change, unless the engine remembers what it wrote.
func TestAServerThatNormalisesValues(t *testing.T) {
	for value, want := range map[string]int{"": 1, "export": 0} {
		t.Run("comparison="+value, func(t *testing.T) {
			w := startWire(t)
			l := runningWith(t, w, "", func(o *entrasim.Options) { switched(t, o, "comparison", value) })
			id := scimList(t, w.URL, w.Token, "Users", "userName")["anna@contoso.com"]["id"].(string)
			w.instead(func(rw http.ResponseWriter, r *http.Request) bool {
				if r.Method != http.MethodGet || !strings.HasSuffix(r.URL.Path, id) {
					return false
				}
				rw.Header().Set("Content-Type", "application/scim+json")
				_, _ = fmt.Fprintf(rw, `{"id":%q,"displayName":"ANNA (normalised)","userName":"anna@contoso.com"}`, id)
				return true
			})
			// The name of the company is not mapped, but the object is new to the delta.
			l.admin(200, "PATCH", "/sim/users/anna@contoso.com", object{"companyName": "Contoso"})
			l.cycle()
			if got := len(w.take(http.MethodPatch)); got != want {
				t.Errorf("%d PATCH requests, want %d", got, want)
			}
		})
	}
}

func TestRetryAfterOfTheEndpoint(t *testing.T) {
	for value, want := range map[string]int{"": 1, "honoured": 0} {
		t.Run("retry-after="+value, func(t *testing.T) {
			w := startWire(t)
			l := runningWith(t, w, "", func(o *entrasim.Options) { switched(t, o, "retry-after", value) })
			l.admin(200, "PATCH", "/sim/users/anna@contoso.com", object{"jobTitle": "Director"})
			refused := 0
			w.instead(func(rw http.ResponseWriter, r *http.Request) bool {
				if r.Method != http.MethodPatch || refused > 0 {
					return false
				}
				refused++
				rw.Header().Set("Retry-After", "1")
				http.Error(rw, "{}", http.StatusTooManyRequests)
				return true
			})
			r := l.cycle()
			if r.Failed != want || want > 0 && !strings.HasSuffix(r.Failures[0].Code, "TooManyRequests") {
				t.Errorf("failures %+v, want %d", r.Failures, want)
			}
		})
	}
}

// TestAssignmentsReachTheEngineLate: Graph shows an assignment at once, the engine learns of it after the lag.
func TestAssignmentsReachTheEngineLate(t *testing.T) {
	w := startWire(t)
	l := startLab(t, stoppedClock(0), func(o *entrasim.Options) { o.Tenant.AssignmentLag = 10 * time.Minute })
	l.provision(w.URL, w.Token)
	l.want(204, "POST", l.jobPath("/start"), nil)
	assignment := l.assign(anna, l.role())
	expectCounts(t, l.cycle(), "created 0 updated 0 disabled 0 deleted 0 skipped 0 failed 0")
	l.want(204, "POST", l.jobPath("/pause"), nil)
	l.advance(10 * time.Minute)
	l.want(204, "POST", l.jobPath("/start"), nil)
	expectCounts(t, l.cycle(), "created 1 updated 0 disabled 0 deleted 0 skipped 0 failed 0")
	l.want(204, "DELETE", "/servicePrincipals/"+l.sp+"/appRoleAssignedTo/"+assignment, nil)
	expectCounts(t, l.cycle(), "created 0 updated 0 disabled 0 deleted 0 skipped 0 failed 0")
	l.want(204, "POST", l.jobPath("/pause"), nil)
	l.advance(10 * time.Minute)
	l.want(204, "POST", l.jobPath("/start"), nil)
	expectCounts(t, l.cycle(), "created 0 updated 0 disabled 1 deleted 0 skipped 0 failed 0")
}

// TestWhatARunningCycleKeeps: by default all that it began with, else what changes on the way counts at once.
func TestWhatARunningCycleKeeps(t *testing.T) {
	for value, want := range map[string]string{"": "POST /Users, POST /Groups, PATCH /Groups", "anew": "POST /Users, POST /Groups"} {
		t.Run("cycle-snapshot="+value, func(t *testing.T) {
			w := startWire(t)
			l := startLab(t, func(o *entrasim.Options) { switched(t, o, "cycle-snapshot", value) })
			l.provision(w.URL, w.Token)
			id := l.assign(staff, l.role())
			l.admin(204, "DELETE", "/sim/groups/Staff/members/bengt@contoso.com", nil)
			l.want(204, "POST", l.jobPath("/start"), nil)
			w.instead(func(_ http.ResponseWriter, r *http.Request) bool {
				if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/Groups") && id != "" {
					l.want(204, "DELETE", "/servicePrincipals/"+l.sp+"/appRoleAssignedTo/"+id, nil)
					id = ""
				}
				return false
			})
			l.cycle()
			if got := w.written(); got != want {
				t.Errorf("written %q, want %q", got, want)
			}
		})
	}
}

func TestTwoGroupsOfOneName(t *testing.T) {
	for value, want := range map[string]string{
		"":       "created 1 updated 0 disabled 0 deleted 0 skipped 0 failed 1",
		"linked": "created 1 updated 1 disabled 0 deleted 0 skipped 0 failed 0",
	} {
		t.Run("shared-target="+value, func(t *testing.T) {
			w := startWire(t)
			l := startLab(t, func(o *entrasim.Options) { switched(t, o, "shared-target", value) })
			l.provision(w.URL, w.Token)
			twin := l.admin(200, "POST", "/sim/groups", object{"displayName": "Nested"}).body["id"].(string)
			first, second := l.assign(nested, l.role()), l.assign(twin, l.role())
			l.want(204, "POST", l.jobPath("/start"), nil)
			l.want(204, "DELETE", "/servicePrincipals/"+l.sp+"/appRoleAssignedTo/"+first, nil)
			l.want(204, "DELETE", "/servicePrincipals/"+l.sp+"/appRoleAssignedTo/"+second, nil)
			l.admin(204, "DELETE", "/sim/groups/"+nested+"/members/carla@contoso.com", nil)
			l.assign(nested, l.role())
			l.assign(twin, l.role())
			r := l.cycle()
			expectCounts(t, r, want)
			if r.Failed == 1 && !strings.HasSuffix(r.Failures[0].Code, "DuplicateSourceEntries") {
				t.Errorf("failure %+v", r.Failures[0])
			}
		})
	}
}

// TestPrunedEscrows: an initial cycle that ends in quarantine by rate may forget what failed, and says so.
func TestPrunedEscrows(t *testing.T) {
	for value, want := range map[string]bool{"": false, "pruned": true} {
		t.Run("escrows-pruned="+value, func(t *testing.T) {
			w := startWire(t)
			l := startLab(t, func(o *entrasim.Options) {
				o.Engine.QuarantineScale = 5000
				switched(t, o, "escrows-pruned", value)
			})
			l.provision(w.URL, w.Token)
			l.assign(anna, l.role())
			l.want(204, "POST", l.jobPath("/start"), nil)
			w.instead(func(rw http.ResponseWriter, r *http.Request) bool {
				if r.Method != http.MethodPost {
					return false
				}
				http.Error(rw, "{}", http.StatusBadRequest)
				return true
			})
			if r, err := l.RunCycle(t.Context(), l.job); err != nil || r.Error == nil {
				t.Fatalf("report %+v (%v), want quarantine by rate", r, err)
			}
			if s := l.status(); s["escrowsPruned"] != want || s["code"] != "Quarantine" {
				t.Errorf("status %v", s)
			}
		})
	}
}
