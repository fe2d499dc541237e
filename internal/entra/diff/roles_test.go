package diff

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/scim-operator/scim-operator/internal/entra"
)

const appID = "2b3c"

// own is a role as we make it.
func own(value string) entra.AppRole {
	return entra.AppRole{ID: RoleID(appID, value), Value: value, DisplayName: value, Description: value, IsEnabled: true, AllowedMemberTypes: []string{"User"}}
}

// foreign is a role that somebody else made.
func foreign(id, value string) entra.AppRole {
	return entra.AppRole{ID: id, Value: value, DisplayName: "Theirs", Description: "Made in the portal", IsEnabled: true, AllowedMemberTypes: []string{"User"}}
}

func disabled(r entra.AppRole) entra.AppRole {
	r.IsEnabled = false
	return r
}

func wish(value string) Role { return Role{Value: value, DisplayName: value, Description: value} }

func TestMergeRoles(t *testing.T) {
	template := entra.AppRole{ID: "t-1", DisplayName: "User", IsEnabled: true, AllowedMemberTypes: []string{"User"}}
	tests := map[string]struct {
		have  []entra.AppRole
		want  []Role
		inUse func(string) bool
		roles []entra.AppRole // the list to write; nil when there is nothing to write
	}{
		"nothing is declared and nothing is ours": {[]entra.AppRole{template, foreign("f-1", "auditor")}, nil, nobody, nil},
		"a declared role is added to the template's own": {
			[]entra.AppRole{template}, []Role{wish("editor")}, nobody, []entra.AppRole{template, own("editor")},
		},
		"a declared role that is there needs nothing":  {[]entra.AppRole{template, own("editor")}, []Role{wish("editor")}, everybody, nil},
		"the order of the declaration does not matter": {[]entra.AppRole{own("a"), own("b")}, []Role{wish("b"), wish("a")}, nobody, nil},
		"a new display name is written and the ID stays": {
			[]entra.AppRole{own("editor")}, []Role{{Value: "editor", DisplayName: "Writer", Description: "editor"}}, nobody,
			[]entra.AppRole{func() entra.AppRole { r := own("editor"); r.DisplayName = "Writer"; return r }()},
		},
		"one of ours that is declared again is enabled again": {
			[]entra.AppRole{disabled(own("editor"))}, []Role{wish("editor")}, nobody, []entra.AppRole{own("editor")},
		},
		"one of ours that is not declared any more is disabled first": {
			[]entra.AppRole{template, own("editor")}, nil, nobody, []entra.AppRole{template, disabled(own("editor"))},
		},
		"one that is disabled and held by somebody stays": {
			[]entra.AppRole{disabled(own("editor"))}, nil, everybody, nil,
		},
		"one that is disabled and held by nobody is removed": {
			[]entra.AppRole{template, disabled(own("editor"))}, nil, nobody, []entra.AppRole{template},
		},
		"the last role is removed by an empty list, which is not no list": {
			[]entra.AppRole{disabled(own("editor"))}, nil, nobody, []entra.AppRole{},
		},
		"somebody else's disabled role stays": {[]entra.AppRole{disabled(foreign("f-1", "auditor"))}, nil, nobody, nil},
		"a declared value that somebody else made is taken over with its ID": {
			[]entra.AppRole{foreign("f-1", "editor")}, []Role{wish("editor")}, nobody,
			[]entra.AppRole{func() entra.AppRole { r := own("editor"); r.ID = "f-1"; return r }()},
		},
		"one that was taken over and is not declared any more stays": {
			[]entra.AppRole{foreign("f-1", "editor")}, nil, nobody, nil,
		},
		"a role of another application's ID is not ours": {
			[]entra.AppRole{{ID: RoleID("other", "editor"), Value: "editor", IsEnabled: true}}, nil, nobody, nil,
		},
		"the template's roles without a value match no declaration": {
			[]entra.AppRole{template}, []Role{{Value: "", DisplayName: "User"}}, nobody, nil,
		},
		"a description that is left out is the display name": {
			nil, []Role{{Value: "editor", DisplayName: "editor"}}, nobody, []entra.AppRole{own("editor")},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			have := entra.Application{ID: appID, DisplayName: "Wiki", Tags: []string{marker}, AppRoles: tc.have}
			patch, differs := Application{DisplayName: "Wiki", Marker: marker, Roles: tc.want}.OfApplication(have, tc.inUse)
			if differs != (tc.roles != nil) {
				t.Fatalf("differs = %t, want %t (%+v)", differs, tc.roles != nil, patch.AppRoles)
			}
			if d := cmp.Diff(tc.roles, patch.AppRoles); d != "" {
				t.Errorf("roles (-want +got):\n%s", d)
			}
		})
	}
}

// Writing what is asked for ends in at most two writes (disable, then remove), and never loses a role of others.
func TestMergeRolesSettles(t *testing.T) {
	universe := []entra.AppRole{own("a"), disabled(own("b")), foreign("f-1", "c"), foreign("f-2", ""), own("d")}
	values := []string{"a", "b", "c", "e"}
	for haveMask := range 1 << len(universe) {
		for wantMask := range 1 << len(values) {
			have := entra.Application{ID: appID, AppRoles: pick(universe, haveMask)}
			var want Application
			for _, value := range pick(values, wantMask) {
				want.Roles = append(want.Roles, wish(value))
			}
			name := fmt.Sprintf("have %v, want %v", have.AppRoles, want.Roles)
			after := have
			writes := 0
			for patch, differs := want.OfApplication(after, nobody); patch.AppRoles != nil && differs; patch, differs = want.OfApplication(after, nobody) {
				after.AppRoles = patch.AppRoles
				if writes++; writes > 2 {
					t.Fatalf("%s: still not settled after %d writes", name, writes)
				}
			}
			for _, w := range want.Roles {
				if _, ok := Enabled(after.AppRoles, w.Value); !ok {
					t.Fatalf("%s: role %q is not enabled in the end", name, w.Value)
				}
			}
			for _, r := range have.AppRoles {
				if ours := r.ID == RoleID(appID, r.Value); !ours && !hasID(after.AppRoles, r.ID) {
					t.Fatalf("%s: role %s of others is gone", name, r.ID)
				}
			}
		}
	}
}

func pick[T any](all []T, mask int) (out []T) {
	for i, x := range all {
		if mask&(1<<i) != 0 {
			out = append(out, x)
		}
	}
	return out
}

func hasID(roles []entra.AppRole, id string) bool {
	for _, r := range roles {
		if r.ID == id {
			return true
		}
	}
	return false
}

func TestRoleID(t *testing.T) {
	if RoleID("a", "editor") == RoleID("b", "editor") || RoleID("a", "editor") == RoleID("a", "reader") {
		t.Error("two roles have one ID")
	}
	// The ID is in tenants: a change of the formula makes every role of ours a stranger.
	if got, want := RoleID("00000000-0000-0000-0000-000000000001", "editor"), "c98969ac-d7cb-5ae6-b977-8609b6b2f9dc"; got != want {
		t.Errorf("RoleID = %s, want %s", got, want)
	}
}

func TestEnabled(t *testing.T) {
	application := own("editor")
	application.AllowedMemberTypes = []string{"Application"}
	tests := map[string]struct {
		roles []entra.AppRole
		found bool
	}{
		"the role is there":             {[]entra.AppRole{own("reader"), own("editor")}, true},
		"it is not there yet":           {[]entra.AppRole{own("reader")}, false},
		"it is disabled":                {[]entra.AppRole{disabled(own("editor"))}, false},
		"it is for applications only":   {[]entra.AppRole{application}, false},
		"a usable one follows the rest": {[]entra.AppRole{disabled(own("editor")), own("editor")}, true},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			got, found := Enabled(tc.roles, "editor")
			if found != tc.found {
				t.Fatalf("found = %t, want %t", found, tc.found)
			}
			if want := own("editor"); found {
				if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
					t.Errorf("role (-want +got):\n%s", d)
				}
			}
		})
	}
}

func TestBasicAccess(t *testing.T) {
	role := func(id, name, value string, enabled bool) entra.AppRole {
		return entra.AppRole{ID: id, DisplayName: name, Value: value, IsEnabled: enabled, AllowedMemberTypes: []string{"User"}}
	}
	tests := map[string]struct {
		roles []entra.AppRole
		want  string
	}{
		"no role at all":                         {nil, "00000000-0000-0000-0000-000000000000"},
		"the template's User comes first":        {[]entra.AppRole{role("m", "msiam_access", "", true), role("u", "User", "", true)}, "u"},
		"msiam_access where User is disabled":    {[]entra.AppRole{role("u", "User", "", false), role("m", "msiam_access", "", true)}, "m"},
		"any role without a value is better":     {[]entra.AppRole{role("e", "Editor", "editor", true), role("x", "Access", "", true)}, "x"},
		"a role with a value is no basic access": {[]entra.AppRole{role("e", "User", "editor", true)}, "00000000-0000-0000-0000-000000000000"},
		"a role for applications is none":        {[]entra.AppRole{{ID: "a", DisplayName: "User", IsEnabled: true, AllowedMemberTypes: []string{"Application"}}}, "00000000-0000-0000-0000-000000000000"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if got := BasicAccess(tc.roles); got != tc.want {
				t.Errorf("BasicAccess = %s, want %s", got, tc.want)
			}
		})
	}
}
