package diff

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/scim-operator/scim-operator/internal/entra"
)

func live(id, principal, role string) entra.Assignment {
	return entra.Assignment{ID: id, PrincipalID: principal, AppRoleID: role}
}

func TestAssignments(t *testing.T) {
	jane, ada, editors := Pair{"jane", "reader"}, Pair{"ada", "reader"}, Pair{"editors", "editor"}
	tests := map[string]struct {
		live          []entra.Assignment
		wanted, owned []Pair
		want          AssignmentPlan
	}{
		"nothing is wanted and nothing is there": {},
		"what is missing is created, in order": {
			wanted: []Pair{jane, editors},
			want:   AssignmentPlan{Create: []Pair{jane, editors}},
		},
		"what is there is left alone": {
			live: []entra.Assignment{live("1", "jane", "reader")}, wanted: []Pair{jane}, owned: []Pair{jane},
		},
		"what others assigned stays": {
			live: []entra.Assignment{live("1", "ada", "reader"), live("2", "jane", "reader")}, wanted: []Pair{jane}, owned: []Pair{jane},
		},
		"what others assigned and we want becomes ours without a write": {
			live: []entra.Assignment{live("1", "jane", "reader")}, wanted: []Pair{jane},
		},
		"what is ours and not wanted any more is deleted": {
			live: []entra.Assignment{live("1", "ada", "reader"), live("2", "jane", "reader")}, wanted: []Pair{jane}, owned: []Pair{jane, ada},
			want: AssignmentPlan{Delete: []entra.Assignment{live("1", "ada", "reader")}},
		},
		"a change of role creates the new one and deletes the old one": {
			live: []entra.Assignment{live("1", "jane", "reader")}, wanted: []Pair{{"jane", "editor"}}, owned: []Pair{jane, {"jane", "editor"}},
			want: AssignmentPlan{Create: []Pair{{"jane", "editor"}}, Delete: []entra.Assignment{live("1", "jane", "reader")}},
		},
		"one pair under two names is created once": {
			wanted: []Pair{jane, jane},
			want:   AssignmentPlan{Create: []Pair{jane}},
		},
		"every copy of a pair that is ours and unwanted is deleted": {
			live: []entra.Assignment{live("1", "ada", "reader"), live("2", "ada", "reader")}, owned: []Pair{ada},
			want: AssignmentPlan{Delete: []entra.Assignment{live("1", "ada", "reader"), live("2", "ada", "reader")}},
		},
		"what is ours and gone already needs nothing": {owned: []Pair{ada}},
		"with a lost status nothing counts as ours": {
			live: []entra.Assignment{live("1", "ada", "reader")},
		},
		"the same person in another role is somebody else's business": {
			live: []entra.Assignment{live("1", "jane", "admin")}, wanted: []Pair{jane}, owned: []Pair{jane},
			want: AssignmentPlan{Create: []Pair{jane}},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			got := Assignments(tc.live, tc.wanted, tc.owned)
			if d := cmp.Diff(tc.want, got, cmpopts.EquateEmpty()); d != "" {
				t.Errorf("plan (-want +got):\n%s", d)
			}
		})
	}
}

// The plan, carried out in any part, never leaves a wanted pair without access, and needs nothing more once it is done.
func TestAssignmentsConverge(t *testing.T) {
	all := []Pair{{"jane", "reader"}, {"jane", "editor"}, {"ada", "reader"}}
	subset := func(mask int) (out []Pair) {
		for i, pair := range all {
			if mask&(1<<i) != 0 {
				out = append(out, pair)
			}
		}
		return out
	}
	for liveMask := range 1 << len(all) {
		for wantedMask := range 1 << len(all) {
			for ownedMask := range 1 << len(all) {
				var have []entra.Assignment
				for _, pair := range subset(liveMask) {
					have = append(have, live(pair.PrincipalID+pair.AppRoleID, pair.PrincipalID, pair.AppRoleID))
				}
				wanted, owned := subset(wantedMask), subset(ownedMask)
				plan := Assignments(have, wanted, owned)
				after := carryOut(have, plan)
				for _, pair := range wanted {
					if _, ok := Find(after, pair); !ok {
						t.Fatalf("live %v wanted %v owned %v: %v is not assigned afterwards", have, wanted, owned, pair)
					}
				}
				if again := Assignments(after, wanted, owned); len(again.Create)+len(again.Delete) > 0 {
					t.Fatalf("live %v wanted %v owned %v: a second plan still has %+v", have, wanted, owned, again)
				}
				for _, gone := range plan.Delete {
					if pair := (Pair{gone.PrincipalID, gone.AppRoleID}); !slices.Contains(owned, pair) || slices.Contains(wanted, pair) {
						t.Fatalf("live %v wanted %v owned %v: %v is deleted", have, wanted, owned, pair)
					}
				}
			}
		}
	}
}

func carryOut(have []entra.Assignment, plan AssignmentPlan) []entra.Assignment {
	var out []entra.Assignment
	for _, a := range have {
		if _, gone := Find(plan.Delete, Pair{a.PrincipalID, a.AppRoleID}); !gone {
			out = append(out, a)
		}
	}
	for _, pair := range plan.Create {
		out = append(out, live("new", pair.PrincipalID, pair.AppRoleID))
	}
	return out
}

func TestFind(t *testing.T) {
	have := []entra.Assignment{live("1", "ada", "reader"), live("2", "jane", "reader")}
	if got, ok := Find(have, Pair{"jane", "reader"}); !ok || got.ID != "2" {
		t.Errorf("Find = %v %t, want assignment 2", got, ok)
	}
	if got, ok := Find(have, Pair{"jane", "editor"}); ok {
		t.Errorf("Find = %v, want none: the role is another", got)
	}
}
