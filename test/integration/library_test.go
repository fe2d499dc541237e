package integration

import (
	"strings"
	"testing"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/test/kit"
)

func TestAMappingOfTheClusterIsAppliedLikeOneOfTheNamespace(t *testing.T) {
	t.Parallel()
	w, _ := steady(t)
	name := w.InCluster(kit.Library)
	w.ChangeApp(t, func(s *v1alpha1.ScimAppSpec) {
		s.AttributeMappings = []v1alpha1.AttributeMappingReference{{ClusterName: name}, {Name: "wiki-groups"}}
	})
	message := w.ExpectStalled(t, v1alpha1.ReasonMappingNotFound)
	for _, words := range []string{"spec.attributeMappings", name, "no ClusterAttributeMapping", "create it or take it off the list"} {
		if !strings.Contains(message, words) {
			t.Errorf("the message does not say %q: %s", words, message)
		}
	}
	library := &v1alpha1.ClusterAttributeMapping{Spec: w.Manifests(t).Users.Spec}
	library.Name = name
	library.Spec.Attributes = append(library.Spec.Attributes, v1alpha1.MappedAttribute{Target: "nickName", Source: "mailNickname"})
	if err := w.Client.Create(t.Context(), library); err != nil {
		t.Fatal(err)
	}
	kit.Eventually(t, "the schema is written", func() error { return atLeast(w.Job(t).SchemaWrites, 2) })
	app := w.ExpectReady(t)
	kit.Eventually(t, "the library's mapping names its user", func() error {
		if err := w.Client.Get(t.Context(), keyOf(library), library); err != nil {
			return err
		}
		if used := library.Status.UsedBy; used == nil || used.Examples[0] != w.Namespace+"/wiki" {
			return errNotYet
		}
		return nil
	})
	if got := app.Status.AppliedMapping(library); got == nil || got.Revision != library.Status.Revision {
		t.Errorf("the app says of the mapping %+v, want revision %s", got, library.Status.Revision)
	}
	kit.Change(t, w, library, func(m *v1alpha1.ClusterAttributeMapping) { m.Spec.Attributes[len(m.Spec.Attributes)-1].Source = "city" })
	kit.Eventually(t, "a change of it is applied at once, since it has one user", func() error { return atLeast(w.Job(t).SchemaWrites, 3) })
	w.ExpectReady(t)
	kit.Eventually(t, "the library has seen it too", func() error {
		err := w.Client.Get(t.Context(), keyOf(library), library)
		if err == nil && library.Status.ObservedGeneration != library.Generation {
			err = errNotYet
		}
		return err
	})
}

func TestAnAttributeLeavesTheSchemaBeforeTheEndpoint(t *testing.T) {
	t.Parallel()
	const shelf = "urn:ietf:params:scim:schemas:extension:wiki:2.0:User:shelf"
	w, o := steady(t)
	w.ChangeUsers(t, func(s *v1alpha1.AttributeMappingSpec) {
		s.Attributes = append(s.Attributes, v1alpha1.MappedAttribute{Target: shelf, Source: "department"})
	})
	kit.Eventually(t, "the schema is written", func() error { return atLeast(w.Job(t).SchemaWrites, 2) })
	w.Look(t)
	w.ExpectReady(t)
	calls := len(o.Calls())
	w.ChangeUsers(t, func(s *v1alpha1.AttributeMappingSpec) { s.Attributes = s.Attributes[:len(s.Attributes)-1] })
	order := func() (config, put int) {
		config, put = -1, -1
		for i, call := range o.Calls()[calls:] {
			switch {
			case strings.HasPrefix(call.Name, "PATCH configmaps/wiki-scim-config ") && config < 0:
				config = i
			case strings.HasPrefix(call.Name, "PUT ") && strings.Contains(call.Name, "/schema "):
				put = i
			}
		}
		return config, put
	}
	kit.Eventually(t, "the endpoint forgets the attribute", func() error {
		config, _ := order()
		return atLeast(config, 0)
	})
	w.ExpectReady(t)
	if config, put := order(); put < 0 || config < put {
		t.Errorf("the schema was written as call %d and the endpoint's configuration as call %d", put, config)
	}
}
