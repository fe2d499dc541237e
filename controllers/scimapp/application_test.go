package scimapp

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/entra/diff"
	"github.com/scim-operator/scim-operator/test/gen"
)

func TestCreationName(t *testing.T) {
	const marker = "scim-operator/test/docs/wiki"
	name := creationName("wiki", marker, 0)
	if name != creationName("wiki", marker, 0) {
		t.Error("the name is not the same twice, so a lost status would lead to a second application")
	}
	if !strings.HasPrefix(name, "wiki [") || len(name) != len("wiki [0123456789abcdef]") {
		t.Errorf("the name is %q, want the ScimApp's name and sixteen digits in brackets", name)
	}
	seen := map[string]bool{}
	for _, m := range []string{marker, "scim-operator/test/docs/wiki2", "scim-operator/other/docs/wiki"} {
		for attempt := range int32(5) {
			n := creationName("wiki", m, attempt)
			if seen[n] {
				t.Errorf("two attempts share the name %q", n)
			}
			seen[n] = true
		}
	}
	if n := utf8.RuneCountInString(creationName(strings.Repeat("w", 40), marker, 0)); n > 120 {
		t.Errorf("the longest name has %d characters, Entra allows 120", n)
	}
	// The name is in tenants while an application is being made: another formula would lose it.
	if want := "wiki [53366acb63ecf849]"; name != want {
		t.Errorf("the name is %q, want %q", name, want)
	}
}

func tenantScope(tags, spTags []string) *scope {
	return &scope{
		app: gen.ScimApp("wiki"), tenant: gen.EntraTenant("contoso"),
		application: entra.Application{ID: "app", Tags: tags}, servicePrincipal: entra.ServicePrincipal{ID: "sp", Tags: spTags},
	}
}

// holders is a directory that can only be asked who holds which role.
type holders struct {
	entra.Directory
	assigned []entra.Assignment
	fails    error
	asked    bool
}

func (h *holders) ListAssignments(context.Context, string) ([]entra.Assignment, error) {
	h.asked = true
	return h.assigned, h.fails
}

func TestRolesInUse(t *testing.T) {
	id := diff.RoleID("app", "editor")
	retired := entra.AppRole{ID: id, Value: "editor", IsEnabled: false}
	tests := map[string]struct {
		roles     []entra.AppRole
		want      []diff.Role
		directory holders
		asks      bool
		inUse     bool
		fails     bool
	}{
		"no role of ours is about to go":             {roles: []entra.AppRole{{ID: "other", Value: "editor"}}, inUse: true},
		"one of ours is to be disabled first":        {roles: []entra.AppRole{{ID: id, Value: "editor", IsEnabled: true}}, inUse: true},
		"one of ours is declared again":              {roles: []entra.AppRole{retired}, want: []diff.Role{{Value: "editor"}}, inUse: true},
		"one of ours is about to go and is held":     {roles: []entra.AppRole{retired}, directory: holders{assigned: []entra.Assignment{{AppRoleID: id}}}, asks: true, inUse: true},
		"one of ours is about to go and is not held": {roles: []entra.AppRole{retired}, directory: holders{assigned: []entra.Assignment{{AppRoleID: "other"}}}, asks: true},
		"who holds it cannot be read":                {roles: []entra.AppRole{retired}, directory: holders{fails: errors.New("503")}, asks: true, fails: true},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			s := tenantScope(nil, nil)
			s.application.AppRoles, s.directory = tc.roles, &tc.directory
			inUse, err := s.rolesInUse(t.Context(), tc.want)
			if (err != nil) != tc.fails || tc.directory.asked != tc.asks {
				t.Fatalf("rolesInUse = %v, asked %t, want asked %t", err, tc.directory.asked, tc.asks)
			}
			if err == nil && inUse(id) != tc.inUse {
				t.Errorf("in use = %t, want %t", inUse(id), tc.inUse)
			}
		})
	}
}

func TestOldest(t *testing.T) {
	at := func(id string, minute int) entra.Application {
		return entra.Application{ID: id, CreatedAt: time.Date(2026, 1, 1, 0, minute, 0, 0, time.UTC)}
	}
	if got := oldest([]entra.Application{at("c", 2), at("b", 1), at("a", 1), at("d", 3)}); got.ID != "a" {
		t.Errorf("oldest = %s, want a: among equals the ID decides, so that every pass takes the same", got.ID)
	}
	if got := ids([]entra.Application{at("a", 1), at("b", 2)}); got != "a, b" {
		t.Errorf("ids = %q", got)
	}
}

func TestForgetApplication(t *testing.T) {
	s := tenantScope(nil, nil)
	s.prepareStatus()
	st := &s.app.Status
	st.Application.ApplicationID, st.Job.ID, st.Job.StartedGeneration, st.Token.Fingerprint = "app", "job", 3, "abc"
	st.Assignments, st.Mappings = []v1alpha1.AssignmentStatus{{Name: "a"}}, &v1alpha1.MappingsStatus{}
	st.Endpoint.URL = "https://x"
	s.forgetApplication()
	want := v1alpha1.ScimAppStatus{
		Application: &v1alpha1.ApplicationStatus{}, Job: &v1alpha1.JobStatus{}, Token: &v1alpha1.TokenStatus{}, Endpoint: &v1alpha1.EndpointStatus{URL: "https://x"},
	}
	if d := cmp.Diff(want, *st); d != "" {
		t.Errorf("status (-want +got):\n%s", d)
	}
}

func TestPortalURL(t *testing.T) {
	for cloud, center := range map[entra.Cloud]string{
		entra.CloudPublic: "https://entra.microsoft.com/", entra.CloudUSGovernmentDoD: "https://entra.microsoft.us/", entra.CloudChina: "https://entra.microsoftonline.cn/",
	} {
		got := portalURL(cloud, "client", "object")
		if !strings.HasPrefix(got, center) || !strings.Contains(got, "/objectId/object/") || !strings.HasSuffix(got, "/appId/client") {
			t.Errorf("portalURL in %s = %s", cloud, got)
		}
	}
}
