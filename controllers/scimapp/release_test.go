package scimapp

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/entra"
)

func TestReleased(t *testing.T) {
	adoptOnly := &v1alpha1.ApplicationSpec{CreationPolicy: v1alpha1.CreationAdoptOnly, ServicePrincipalID: "sp"}
	tests := map[string]struct {
		spec *v1alpha1.ApplicationSpec
		have []string
		want []string
	}{
		"one that we made is found again by the kept mark": {nil, []string{"a", "scim-operator/test/docs/wiki", "b"}, []string{"a", "b", "scim-operator-retained/test/docs/wiki"}},
		"one that we took up is nobody's":                  {adoptOnly, []string{"a", "scim-operator/test/docs/wiki", "b"}, []string{"a", "b"}},
		"the last tag of one that we took up":              {adoptOnly, []string{"scim-operator/test/docs/wiki"}, []string{}},
		"one without our mark is left alone":               {nil, []string{"a"}, nil},
		"one with another's mark is left alone":            {adoptOnly, []string{"scim-operator/test/docs/other"}, nil},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			s := tenantScope(nil, nil)
			s.app.Spec.Application = tc.spec
			got, differ := s.released(tc.have)
			if d := cmp.Diff(tc.want, got); d != "" || differ != (tc.want != nil) {
				t.Errorf("released, %t (-want +got):\n%s", differ, d)
			}
			if claimant("", entra.Application{Tags: got}, entra.ServicePrincipal{}) != "" {
				t.Errorf("%v still keeps others from taking it up", got)
			}
		})
	}
}

func TestTheCommandThatTakesAMarkOff(t *testing.T) {
	s := tenantScope(nil, nil)
	const mark = "scim-operator/test/docs/other"
	got := untag(s, "applications/app", []string{"HideApp", mark, "it's; $(touch x)"}, mark)
	want := `az rest --method PATCH --resource https://graph.microsoft.com --url https://graph.microsoft.com/v1.0/applications/app --body '{"tags":["HideApp","it'\''s; $(touch x)"]}'`
	if got != want {
		t.Errorf("the command is\n%s\nwant\n%s", got, want)
	}
	s.tenant.Spec.Cloud = v1alpha1.CloudChina
	if got := untag(s, "applications/app", nil, mark); !strings.Contains(got, "--url https://microsoftgraph.chinacloudapi.cn/v1.0/applications/app") {
		t.Errorf("in the cloud of China the command is %s", got)
	}
	if got := untag(s, "applications/app", []string{mark}, mark); !strings.HasSuffix(got, `'{"tags":[]}'`) {
		t.Errorf("the last tag is taken off by %s", got)
	}
}
