package attributemapping

import (
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/conditions"
	"github.com/scim-operator/scim-operator/test/gen"
)

func TestJudge(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*v1alpha1.AttributeMapping)
		status metav1.ConditionStatus
		reason string
		says   []string
	}{
		"a good mapping is ready": {
			change: gen.WithAttribute(v1alpha1.MappedAttribute{Target: "active", Expression: "Not([IsSoftDeleted])"}),
			status: "True", reason: "MappingValid", says: []string{"3 mappings of User attributes"},
		},
		"a warning stops nothing and is told": {
			change: func(m *v1alpha1.AttributeMapping) { m.Spec.Attributes = m.Spec.Attributes[:1] },
			status: "True", reason: "MappingValid", says: []string{"to be considered", "externalId comes from mailNickname"},
		},
		"a syntax error stalls, with the target": {
			change: gen.WithAttribute(v1alpha1.MappedAttribute{Target: "title", Expression: `Join(" ", [givenName]`}),
			status: "False", reason: "MappingInvalid", says: []string{"target title", "expression is wrong", "keep what Entra has"},
		},
		"all errors are told at once": {
			change: func(m *v1alpha1.AttributeMapping) {
				gen.WithAttribute(v1alpha1.MappedAttribute{Target: "title", Expression: "Nope([a])"})(m)
				gen.WithAttribute(v1alpha1.MappedAttribute{Target: "urn:ietf:params:scim:schemas:extension:wiki:2.0:Group:shelf", Source: "a"})(m)
			},
			status: "False", reason: "MappingInvalid", says: []string{"target title", "Group:shelf"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := gen.AttributeMapping("wiki-users", func(m *v1alpha1.AttributeMapping) { m.Generation = 2 }, test.change)
			judge(m)
			if err := conditions.Check(m.Status.Conditions, 2); err != nil {
				t.Error(err)
			}
			ready := meta.FindStatusCondition(m.Status.Conditions, v1alpha1.ConditionReady)
			if ready == nil || ready.Status != test.status || ready.Reason != test.reason {
				t.Fatalf("Ready is %+v, want %s with reason %s", ready, test.status, test.reason)
			}
			for _, words := range test.says {
				if !strings.Contains(ready.Message, words) {
					t.Errorf("message %q does not say %q", ready.Message, words)
				}
			}
		})
	}
}
