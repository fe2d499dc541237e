package entrasim_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scim-operator/scim-operator/internal/entrasim"
)

// running makes a job that has run its initial cycle for Staff (Anna, Bengt) and the guest.
func running(t *testing.T, w *wire, flag string, secrets ...object) *lab {
	t.Helper()
	return runningWith(t, w, flag, func(*entrasim.Options) {}, secrets...)
}

func runningWith(t *testing.T, w *wire, flag string, change func(*entrasim.Options), secrets ...object) *lab {
	t.Helper()
	l := startLab(t, change)
	l.provision(w.URL+flag, w.Token, secrets...)
	l.assign(staff, l.role())
	l.want(http.StatusNoContent, "POST", l.jobPath("/start"), nil)
	expectCounts(t, l.cycle(), "created 3 updated 0 disabled 0 deleted 0 skipped 1 failed 0")
	w.take("")
	return l
}

// replace and capital are one operation in the two dialects.
func op(kind, path string, value any) object {
	o := object{"op": kind, "path": path}
	if value != nil {
		o["value"] = value
	}
	return o
}

// TestWhatIncrementalCyclesSend is the life of people and groups on the wire, in both PATCH dialects.
func TestWhatIncrementalCyclesSend(t *testing.T) {
	const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:"
	cases := map[string]struct {
		change       func(l *lab)
		counts       string
		legacy, rfc  func(l *lab, ids map[string]string) []any
		method, path string // instead of PATCH operations: one request of this method
	}{
		"somebody marries": {
			change: func(l *lab) {
				l.admin(200, "PATCH", "/sim/users/anna@contoso.com", object{"surname": "Öberg", "displayName": "Anna Öberg",
					"userPrincipalName": "anna.oberg@contoso.com", "mail": "anna.oberg@contoso.com"})
			},
			counts: "created 0 updated 1 disabled 0 deleted 0 skipped 0 failed 0",
			legacy: func(*lab, map[string]string) []any {
				return []any{op("Replace", "userName", "anna.oberg@contoso.com"), op("Replace", "displayName", "Anna Öberg"),
					op("Replace", `emails[type eq "work"].value`, "anna.oberg@contoso.com"),
					op("Replace", "name.familyName", "Öberg"), op("Replace", "name.formatted", "Anna Öberg")}
			},
			rfc: func(*lab, map[string]string) []any {
				return []any{op("replace", `emails[type eq "work"].value`, "anna.oberg@contoso.com"),
					object{"op": "replace", "value": object{"userName": "anna.oberg@contoso.com", "displayName": "Anna Öberg",
						"name.familyName": "Öberg", "name.formatted": "Anna Öberg"}}}
			},
		},
		"somebody gets a mailbox": {
			change: func(l *lab) { l.admin(200, "PATCH", "/sim/users/bengt@contoso.com", object{"mail": "b@contoso.com"}) },
			counts: "created 0 updated 1 disabled 0 deleted 0 skipped 0 failed 0",
			legacy: func(*lab, map[string]string) []any {
				return []any{op("Add", `emails[type eq "work"].value`, "b@contoso.com")}
			},
			rfc: func(*lab, map[string]string) []any {
				return []any{op("add", `emails[type eq "work"].value`, "b@contoso.com")}
			},
		},
		"a value is cleared, which nobody is told": {
			change: func(l *lab) { l.admin(200, "PATCH", "/sim/users/anna@contoso.com", object{"jobTitle": nil}) },
			counts: "created 0 updated 0 disabled 0 deleted 0 skipped 1 failed 0",
			legacy: func(*lab, map[string]string) []any { return nil },
			rfc:    func(*lab, map[string]string) []any { return nil },
		},
		"an account is disabled": {
			change: func(l *lab) { l.admin(200, "PATCH", "/sim/users/bengt@contoso.com", object{"accountEnabled": false}) },
			counts: "created 0 updated 0 disabled 1 deleted 0 skipped 0 failed 0",
			legacy: func(*lab, map[string]string) []any { return []any{op("Replace", "active", "False")} },
			rfc:    func(*lab, map[string]string) []any { return []any{op("replace", "active", false)} },
		},
		"somebody leaves the assigned group": {
			change: func(l *lab) { l.admin(204, "DELETE", "/sim/groups/Staff/members/bengt@contoso.com", nil) },
			counts: "created 0 updated 1 disabled 1 deleted 0 skipped 0 failed 0",
			legacy: func(_ *lab, ids map[string]string) []any {
				return []any{op("Replace", "active", "False"),
					op("Remove", "members", []any{object{"$ref": nil, "value": ids["bengt@contoso.com"]}})}
			},
			rfc: func(_ *lab, ids map[string]string) []any {
				return []any{op("replace", "active", false), op("remove", `members[value eq "`+ids["bengt@contoso.com"]+`"]`, nil)}
			},
		},
		"a group is renamed": {
			change: func(l *lab) { l.admin(200, "PATCH", "/sim/groups/Staff", object{"displayName": "People"}) },
			counts: "created 0 updated 1 disabled 0 deleted 0 skipped 0 failed 0",
			legacy: func(*lab, map[string]string) []any { return []any{op("Replace", "displayName", "People")} },
			rfc: func(*lab, map[string]string) []any {
				return []any{object{"op": "replace", "value": object{"displayName": "People"}}}
			},
		},
		"somebody gets another manager": {
			change: func(l *lab) {
				l.admin(200, "PATCH", "/sim/users/anna@contoso.com", object{"manager": "bengt@contoso.com"})
			},
			counts: "created 0 updated 1 disabled 0 deleted 0 skipped 0 failed 0",
			legacy: func(l *lab, ids map[string]string) []any {
				return []any{op("Add", "manager", []any{object{"$ref": ids["base"] + "/Users/" + ids["bengt@contoso.com"],
					"value": ids["bengt@contoso.com"]}})}
			},
			rfc: func(_ *lab, ids map[string]string) []any {
				return []any{op("add", enterprise+"manager", ids["bengt@contoso.com"])}
			},
		},
	}
	for name, c := range cases {
		for flag, want := range map[string]func(*lab, map[string]string) []any{"": c.legacy, "?aadOptscim062020": c.rfc} {
			t.Run(strings.TrimSuffix(name+" "+flag, " "), func(t *testing.T) {
				w := startWire(t)
				l := running(t, w, flag)
				ids := map[string]string{"base": w.URL}
				for user, o := range scimList(t, w.URL, w.Token, "Users", "userName") {
					ids[user] = o["id"].(string)
				}
				c.change(l)
				r := l.cycle()
				expectCounts(t, r, c.counts)
				if diff := cmp.Diff(want(l, ids), w.operations()); diff != "" {
					t.Errorf("PATCH operations (-want +got):\n%s", diff)
				}
				l.cycle()
				if again := w.operations(); again != nil {
					t.Errorf("a cycle without any change sent %v", again)
				}
			})
		}
	}
}

// TestWhoArrives checks creation in full, as the endpoint gets it.
func TestWhoArrives(t *testing.T) {
	w := startWire(t)
	l := startLab(t)
	l.provision(w.URL, w.Token)
	l.assign(guest, l.role())
	l.assign(anna, l.role())
	l.want(http.StatusNoContent, "POST", l.jobPath("/start"), nil)
	l.cycle()
	var bodies []any
	for _, r := range w.take(http.MethodPost) {
		bodies = append(bodies, r.body)
	}
	core, enterprise := "urn:ietf:params:scim:schemas:core:2.0:User", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
	want := []any{
		object{"schemas": []any{core, enterprise}, "meta": object{"resourceType": "User"}, "externalId": "anna",
			"userName": "anna@contoso.com", "active": true, "displayName": "Anna Åkesson", "title": "Lead",
			"emails":   []any{object{"type": "work", "value": "anna@contoso.com", "primary": true}},
			"name":     object{"givenName": "Anna", "familyName": "Åkesson", "formatted": "Anna Åkesson"},
			enterprise: object{"department": "Engineering"}},
		object{"schemas": []any{core, enterprise}, "meta": object{"resourceType": "User"}, "externalId": "gil",
			"userName": "gil_partner.example", "active": true, "displayName": "Gil Guest",
			"emails": []any{object{"type": "work", "value": "gil@partner.example", "primary": true}}},
	}
	if diff := cmp.Diff(want, bodies); diff != "" {
		t.Errorf("POST bodies (-want +got):\n%s", diff)
	}
}

func TestOffboarding(t *testing.T) {
	for name, c := range map[string]struct {
		secrets []object
		change  func(l *lab)
		counts  string
		deletes int
	}{
		"a soft-deleted user is disabled and leaves the groups": {nil, func(l *lab) { l.admin(204, "DELETE", "/sim/users/bengt@contoso.com", nil) },
			"created 0 updated 1 disabled 1 deleted 0 skipped 0 failed 0", 0},
		"a purged user is deleted": {nil, func(l *lab) { l.admin(204, "DELETE", "/sim/users/bengt@contoso.com?hard=true", nil) },
			"created 0 updated 0 disabled 0 deleted 1 skipped 1 failed 0", 1},
		"a deleted group is deleted and its people are disabled": {nil, func(l *lab) { l.admin(204, "DELETE", "/sim/groups/Staff", nil) },
			"created 0 updated 0 disabled 2 deleted 1 skipped 0 failed 0", 1},
		"out of scope is kept when SkipOutOfScopeDeletions says so": {[]object{{"key": "SkipOutOfScopeDeletions", "value": "True"}},
			func(l *lab) { l.admin(204, "DELETE", "/sim/groups/Staff", nil) },
			"created 0 updated 0 disabled 0 deleted 0 skipped 0 failed 0", 0},
	} {
		t.Run(name, func(t *testing.T) {
			w := startWire(t)
			l := running(t, w, "", c.secrets...)
			c.change(l)
			expectCounts(t, l.cycle(), c.counts)
			if n := len(w.take(http.MethodDelete)); n != c.deletes {
				t.Errorf("%d DELETE requests, want %d", n, c.deletes)
			}
		})
	}
}

func TestWhoLeftIsNotDeletedLater(t *testing.T) {
	w := startWire(t)
	l := running(t, w, "")
	l.admin(204, "DELETE", "/sim/groups/Staff/members/bengt@contoso.com", nil)
	l.cycle()
	l.admin(204, "DELETE", "/sim/users/bengt@contoso.com?hard=true", nil)
	w.take("")
	l.cycle()
	if sent := w.take(http.MethodDelete); sent != nil {
		t.Errorf("an account that is no longer managed was deleted: %v", sent)
	}
	if bengt := scimList(t, w.URL, w.Token, "Users", "userName")["bengt@contoso.com"]; bengt["active"] != false {
		t.Errorf("Bengt at the endpoint: %v, want active=false", bengt)
	}
}

func TestReturningIsReactivated(t *testing.T) {
	w := startWire(t)
	l := running(t, w, "")
	l.admin(204, "DELETE", "/sim/groups/Staff/members/bengt@contoso.com", nil)
	l.cycle()
	l.admin(204, "POST", "/sim/groups/Staff/members/bengt@contoso.com", nil)
	w.take("")
	expectCounts(t, l.cycle(), "created 0 updated 2 disabled 0 deleted 0 skipped 0 failed 0")
	got := w.operations()
	if len(got) != 2 || !cmp.Equal(got[0], any(op("Replace", "active", "True"))) || got[1].(object)["path"] != "members" {
		t.Errorf("PATCH operations %v, want active True and then the membership", got)
	}
}

func TestBrokenReferencesWaitForARestart(t *testing.T) {
	w := startWire(t)
	l := startLab(t)
	l.provision(w.URL, w.Token)
	l.assign(bengt, l.role()) // his manager Anna is not assigned
	l.want(http.StatusNoContent, "POST", l.jobPath("/start"), nil)
	l.cycle()
	l.assign(anna, l.role())
	w.take("")
	l.cycle()
	if got := w.operations(); got != nil {
		t.Errorf("a manager who came into scope later was written without a restart: %v", got)
	}
	l.want(http.StatusNoContent, "POST", l.jobPath("/restart"), object{"criteria": object{"resetScope": "Watermark"}})
	if r := l.cycle(); !r.Initial {
		t.Error("the cycle after a restart of the watermark is not an initial one")
	}
	if got := w.operations(); len(got) != 1 || got[0].(object)["path"] != "manager" {
		t.Errorf("after a restart of the watermark: %v, want the manager", got)
	}
}

func TestExistingAccountsAreMatchedNotDuplicated(t *testing.T) {
	w := startWire(t)
	l := running(t, w, "")
	l.want(http.StatusNoContent, "POST", l.jobPath("/restart"), object{"criteria": object{"resetScope": "Full"}})
	w.take("")
	// With the links goes the memory of what was told: Bengt's manager and the group's members are written again.
	expectCounts(t, l.cycle(), "created 0 updated 2 disabled 0 deleted 0 skipped 2 failed 0")
	if posts := w.take(http.MethodPost); posts != nil {
		t.Errorf("a full restart created again: %v", posts)
	}
}

func TestRecycledNameIsRebound(t *testing.T) {
	w := startWire(t)
	l := running(t, w, "")
	l.admin(204, "DELETE", "/sim/users/bengt@contoso.com?hard=true", nil)
	l.admin(200, "POST", "/sim/users", object{"userPrincipalName": "bengt@contoso.com", "displayName": "Bengt the Second"})
	l.admin(204, "POST", "/sim/groups/Staff/members/bengt@contoso.com", nil)
	r := l.cycle()
	if r.Created+r.Updated+r.Failed == 0 || r.Error != nil {
		t.Errorf("the namesake was passed over: %+v", r)
	}
}
