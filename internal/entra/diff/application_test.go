package diff

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scim-operator/scim-operator/internal/entra"
)

const marker = "scim-operator/test/docs/wiki"

func TestOfApplication(t *testing.T) {
	settled := entra.Application{ID: "app", DisplayName: "Wiki", Notes: "mine", Tags: []string{"theirs", marker}}
	tests := map[string]struct {
		have entra.Application
		want Application
		// patch is what has to be written; nil when nothing has.
		patch *entra.ApplicationPatch
	}{
		"as it should be": {settled, Application{DisplayName: "Wiki", Marker: marker}, nil},
		"a creation name becomes the final one, and the mark is added to the others' tags": {
			entra.Application{ID: "app", DisplayName: "Wiki [1234abcd]", Tags: []string{"theirs"}},
			Application{DisplayName: "Wiki", Marker: marker},
			&entra.ApplicationPatch{DisplayName: new("Wiki"), Tags: []string{"theirs", marker}},
		},
		"notes and reference that are not declared stay": {
			entra.Application{ID: "app", DisplayName: "Wiki", Notes: "theirs", ServiceManagementReference: "42", Tags: []string{marker}},
			Application{DisplayName: "Wiki", Marker: marker}, nil,
		},
		"notes and reference that are declared are written": {
			settled, Application{DisplayName: "Wiki", Marker: marker, Notes: "ours", ServiceManagementReference: "42"},
			&entra.ApplicationPatch{Notes: new("ours"), ServiceManagementReference: new("42")},
		},
		"My Apps is the service principal's business": {settled, Application{DisplayName: "Wiki", Marker: marker, Hidden: true}, nil},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			tagsBefore := slices.Clone(tc.have.Tags)
			got, differs := tc.want.OfApplication(tc.have, nobody)
			if differs != (tc.patch != nil) {
				t.Fatalf("differs = %t, want %t", differs, tc.patch != nil)
			}
			if tc.patch != nil {
				if d := cmp.Diff(*tc.patch, got); d != "" {
					t.Errorf("patch (-want +got):\n%s", d)
				}
			}
			if !slices.Equal(tagsBefore, tc.have.Tags) {
				t.Error("the given application was changed")
			}
		})
	}
}

func TestOfServicePrincipal(t *testing.T) {
	tests := map[string]struct {
		have  []string
		want  Application
		patch []string // the tags to write; nil when there is nothing to write
	}{
		"hidden and marked already":                {[]string{"theirs", marker, "HideApp"}, Application{Marker: marker, Hidden: true}, nil},
		"hidden and marked in another order":       {[]string{"HideApp", marker}, Application{Marker: marker, Hidden: true}, nil},
		"a fresh one is marked and hidden":         {[]string{"theirs"}, Application{Marker: marker, Hidden: true}, []string{"theirs", marker, "HideApp"}},
		"one without tags is marked":               {nil, Application{Marker: marker}, []string{marker}},
		"one that is to be seen loses its hiding":  {[]string{"HideApp", "theirs", marker}, Application{Marker: marker}, []string{"theirs", marker}},
		"one that is to be hidden keeps its marks": {[]string{marker}, Application{Marker: marker, Hidden: true}, []string{marker, "HideApp"}},
		"one that is seen already":                 {[]string{marker, "theirs"}, Application{Marker: marker}, nil},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			got, differs := tc.want.OfServicePrincipal(entra.ServicePrincipal{Tags: tc.have})
			if differs != (tc.patch != nil) {
				t.Fatalf("differs = %t, want %t", differs, tc.patch != nil)
			}
			if d := cmp.Diff(tc.patch, got.Tags); d != "" {
				t.Errorf("tags (-want +got):\n%s", d)
			}
			if tc.patch == nil {
				return
			}
			if _, again := tc.want.OfServicePrincipal(entra.ServicePrincipal{Tags: got.Tags}); again {
				t.Error("the written tags differ again")
			}
		})
	}
	t.Run("name and notes are written where declared", func(t *testing.T) {
		want := Application{DisplayName: "Wiki", Notes: "ours", Marker: marker}
		got, differs := want.OfServicePrincipal(entra.ServicePrincipal{DisplayName: "Wiki [1234abcd]", Notes: "theirs", Tags: []string{marker}})
		if d := cmp.Diff(entra.ServicePrincipalPatch{DisplayName: new("Wiki"), Notes: new("ours")}, got); d != "" || !differs {
			t.Errorf("differs %t, patch (-want +got):\n%s", differs, d)
		}
	})
}

func TestMissing(t *testing.T) {
	want := []string{"us", "ada", "jane"}
	if d := cmp.Diff([]string{"us", "jane"}, Missing([]string{"ada", "somebody"}, want)); d != "" {
		t.Errorf("missing (-want +got):\n%s", d)
	}
	if got := Missing(want, want); len(got) != 0 {
		t.Errorf("missing %v though all are there", got)
	}
	if d := cmp.Diff([]string{"us", "ada", "jane"}, want); d != "" {
		t.Errorf("Missing changed its argument:\n%s", d)
	}
}

func nobody(string) bool { return false }

func everybody(string) bool { return true }
