package controllers_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/conditions"
	"github.com/scim-operator/scim-operator/test/gen"
)

// expectMapping waits until the mapping's Ready and usedBy are as wanted.
func expectMapping(t *testing.T, m v1alpha1.MappingObject, ready metav1.ConditionStatus, reason string, usedBy *v1alpha1.UsedBy) {
	t.Helper()
	eventually(t, func(ctx context.Context) error {
		if err := server.Client.Get(ctx, client.ObjectKeyFromObject(m), m); err != nil {
			return err
		}
		st := m.MappingStatus()
		c := meta.FindStatusCondition(st.Conditions, v1alpha1.ConditionReady)
		if c == nil || c.Status != ready || c.Reason != reason || st.ObservedGeneration != m.GetGeneration() {
			return fmt.Errorf("status is %+v, want Ready %s with reason %s at generation %d", st, ready, reason, m.GetGeneration())
		}
		if diff := cmp.Diff(usedBy, st.UsedBy); diff != "" {
			return fmt.Errorf("usedBy (-want +got):\n%s", diff)
		}
		return nil
	})
	if err := conditions.Check(m.MappingStatus().Conditions, m.GetGeneration()); err != nil {
		t.Error(err)
	}
}

func TestAMappingFollowsItsSpecAndItsUsers(t *testing.T) {
	o := startOperator(t)
	m := gen.AttributeMapping("followed")
	create(t, m)
	expectMapping(t, m, metav1.ConditionTrue, v1alpha1.ReasonMappingValid, nil)

	app := gen.ScimApp("user", gen.WithMappings("followed", "not-there"))
	create(t, app)
	expectMapping(t, m, metav1.ConditionTrue, v1alpha1.ReasonMappingValid, &v1alpha1.UsedBy{Count: 1, Examples: []string{"user"}})

	good := m.Spec.DeepCopy()
	gen.WithAttribute(v1alpha1.MappedAttribute{Target: "title", Expression: "Join("})(m)
	update(t, m)
	expectMapping(t, m, metav1.ConditionFalse, v1alpha1.ReasonMappingInvalid, &v1alpha1.UsedBy{Count: 1, Examples: []string{"user"}})

	m.Spec = *good
	update(t, m)
	expectMapping(t, m, metav1.ConditionTrue, v1alpha1.ReasonMappingValid, &v1alpha1.UsedBy{Count: 1, Examples: []string{"user"}})

	gen.WithMappings("not-there")(app)
	update(t, app)
	expectMapping(t, m, metav1.ConditionTrue, v1alpha1.ReasonMappingValid, nil)

	// One status for each of the five changes, and nothing else.
	want := make([]string, 5)
	for i := range want {
		want[i] = "PATCH /apis/scim-operator.io/v1alpha1/namespaces/docs/attributemappings/followed/status"
	}
	if diff := cmp.Diff(want, o.written()); diff != "" {
		t.Errorf("writes (-want +got):\n%s", diff)
	}
}

func TestAMappingOfTheClusterNamesItsUsersWithTheirNamespace(t *testing.T) {
	startOperator(t)
	m := &v1alpha1.ClusterAttributeMapping{Spec: gen.AttributeMapping("library").Spec}
	m.Name = "library"
	create(t, m)
	expectMapping(t, m, metav1.ConditionTrue, v1alpha1.ReasonMappingValid, nil)
	app := gen.ScimApp("reader", func(app *v1alpha1.ScimApp) {
		app.Spec.AttributeMappings = []v1alpha1.AttributeMappingReference{{ClusterName: "library"}}
	})
	create(t, app)
	expectMapping(t, m, metav1.ConditionTrue, v1alpha1.ReasonMappingValid, &v1alpha1.UsedBy{Count: 1, Examples: []string{gen.Namespace + "/reader"}})
	gen.WithMappings("library")(app)
	update(t, app)
	expectMapping(t, m, metav1.ConditionTrue, v1alpha1.ReasonMappingValid, nil)

	before := m.Status.Revision
	m.Spec.Attributes[0], m.Spec.Attributes[1] = m.Spec.Attributes[1], m.Spec.Attributes[0]
	update(t, m)
	expectMapping(t, m, metav1.ConditionTrue, v1alpha1.ReasonMappingValid, nil)
	if m.Status.Revision != before {
		t.Errorf("another order of the attributes is revision %s after %s", m.Status.Revision, before)
	}
	m.Spec.Attributes[0].Default = "none"
	update(t, m)
	expectMapping(t, m, metav1.ConditionTrue, v1alpha1.ReasonMappingValid, nil)
	if m.Status.Revision == before {
		t.Error("another default is the same revision")
	}
}

func update(t *testing.T, object client.Object) {
	t.Helper()
	if err := server.Client.Update(context.Background(), object); err != nil {
		t.Fatal(err)
	}
}
