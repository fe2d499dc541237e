package grant_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/grant"
	"github.com/scim-operator/scim-operator/test/gen"
)

func TestCheckOfImages(t *testing.T) {
	const digest = "@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	for name, test := range map[string]struct {
		pattern, image string
		want           bool
	}{
		"the operator's own image needs no grant":               {"registry.example.com/other", "", true},
		"a repository matches every tag":                        {"registry.example.com/scim/endpoint", "registry.example.com/scim/endpoint:v1", true},
		"a repository matches every digest":                     {"registry.example.com/scim/endpoint", "registry.example.com/scim/endpoint:v1" + digest, true},
		"a repository matches without tag and digest":           {"registry.example.com/scim/endpoint", "registry.example.com/scim/endpoint", true},
		"a repository does not match what begins like it":       {"registry.example.com/scim/endpoint", "registry.example.com/scim/endpoint-evil:v1", false},
		"a repository does not match what is under it":          {"registry.example.com/scim/endpoint", "registry.example.com/scim/endpoint/evil:v1", false},
		"a folder matches what is in it":                        {"registry.example.com/scim/*", "registry.example.com/scim/endpoint:v1", true},
		"a folder matches at any depth":                         {"registry.example.com/scim/*", "registry.example.com/scim/a/b:v1", true},
		"a folder does not match one that begins like it":       {"registry.example.com/scim/*", "registry.example.com/scim-evil/endpoint:v1", false},
		"a folder does not match itself":                        {"registry.example.com/scim/*", "registry.example.com/scim:v1", false},
		"a registry matches all of it":                          {"registry.example.com/*", "registry.example.com/scim/endpoint:v1", true},
		"a registry does not match one that begins like it":     {"registry.example.com/*", "registry.example.com.evil.org/scim:v1", false},
		"a registry without its port is another":                {"registry.example.com/*", "registry.example.com:5000/scim:v1", false},
		"a registry with its port":                              {"registry.example.com:5000/*", "registry.example.com:5000/scim:v1", true},
		"a registry of one label with a port":                   {"registry:5000/*", "registry:5000/scim:v1", true},
		"the local registry":                                    {"localhost/*", "localhost/scim:v1", true},
		"a port alone is not taken for the tag of a registry":   {"registry.example.com/*", "registry.example.com:5000", false},
		"an image without a registry is not granted":            {"docker.io/*", "scim-operator/scim-endpoint:dev", false},
		"a bare name is not granted":                            {"docker.io/library/*", "nginx", false},
		"an image in capitals cannot be read":                   {"registry.example.com/*", "REGISTRY.example.com/scim:v1", false},
		"an image with a space cannot be read":                  {"registry.example.com/*", "registry.example.com/scim :v1", false},
		"an image with a new line cannot be read":               {"registry.example.com/*", "registry.example.com/scim:v1\n", false},
		"an image with a scheme cannot be read":                 {"registry.example.com/*", "https://registry.example.com/scim:v1", false},
		"an image with a user cannot be read":                   {"registry.example.com/*", "registry.example.com@evil.example/scim:v1", false},
		"an image that climbs out of its folder is not granted": {"registry.example.com/scim/*", "registry.example.com/scim/../evil:v1", false},
		"an image with a broken digest cannot be read":          {"registry.example.com/*", "registry.example.com/scim@sha256:01", false},
	} {
		t.Run(name, func(t *testing.T) {
			tenant := gen.EntraTenant(gen.Tenant, gen.WithGrant("a", func(g *v1alpha1.Grant) { g.Images = []string{test.pattern} }))
			denials := grant.Check(tenant, docs, grant.Request{Pods: grant.Pods{Image: test.image}})
			if got := len(denials) == 0; got != test.want {
				t.Errorf("pattern %q allows image %q: %t, want %t", test.pattern, test.image, got, test.want)
			}
			for _, d := range denials {
				if d.Field != "spec.endpoint.managed.image" {
					t.Errorf("the denial is about %s", d.Field)
				}
			}
		})
	}
}

func TestCheckOfPodTemplates(t *testing.T) {
	const template = "spec.endpoint.managed.podTemplate."
	all := grant.Pods{Labels: []string{"team"}, Annotations: []string{"example.com/scrape"}, Tolerations: []string{"dedicated"}, PriorityClassName: "high"}
	allow := func(p v1alpha1.PodTemplateGrant) func(*v1alpha1.Grant) {
		return func(g *v1alpha1.Grant) { g.PodTemplate = &p }
	}
	for name, test := range map[string]struct {
		grants []func(*v1alpha1.EntraTenant)
		pods   grant.Pods
		want   []string // the fields of the denials, in order
	}{
		"a bare grant allows none of it": {
			grants: []func(*v1alpha1.EntraTenant){gen.WithGrant("a")}, pods: all,
			want: []string{template + "labels", template + "annotations", template + "tolerations", template + "priorityClassName"},
		},
		"each is allowed by its name": {
			grants: []func(*v1alpha1.EntraTenant){gen.WithGrant("a", allow(v1alpha1.PodTemplateGrant{
				Labels: []string{"team"}, Annotations: []string{"example.com/scrape"}, Tolerations: []string{"dedicated"}, PriorityClassNames: []string{"high"},
			}))}, pods: all,
		},
		"a star allows every name": {
			grants: []func(*v1alpha1.EntraTenant){gen.WithGrant("a", allow(v1alpha1.PodTemplateGrant{
				Labels: []string{"*"}, Annotations: []string{"*"}, Tolerations: []string{"*"}, PriorityClassNames: []string{"*"},
			}))}, pods: all,
		},
		"one list says nothing about another": {
			grants: []func(*v1alpha1.EntraTenant){gen.WithGrant("a", allow(v1alpha1.PodTemplateGrant{Labels: []string{"*"}}))}, pods: all,
			want: []string{template + "annotations", template + "tolerations", template + "priorityClassName"},
		},
		"a beginning allows what begins so, and no more": {
			grants: []func(*v1alpha1.EntraTenant){gen.WithGrant("a", allow(v1alpha1.PodTemplateGrant{Labels: []string{"example.com/*"}}))},
			pods:   grant.Pods{Labels: []string{"example.com/team", "example.community", "app"}},
			want:   []string{template + "labels", template + "labels"},
		},
		"a name is compared as a whole": {
			grants: []func(*v1alpha1.EntraTenant){gen.WithGrant("a", allow(v1alpha1.PodTemplateGrant{PriorityClassNames: []string{"high"}}))},
			pods:   grant.Pods{PriorityClassName: "highest"}, want: []string{template + "priorityClassName"},
		},
		"a toleration of every taint is not one of those that begin somehow": {
			grants: []func(*v1alpha1.EntraTenant){gen.WithGrant("a", allow(v1alpha1.PodTemplateGrant{Tolerations: []string{"example.com/*"}}))},
			pods:   grant.Pods{Tolerations: []string{""}}, want: []string{template + "tolerations"},
		},
		"a toleration of every taint needs a star": {
			grants: []func(*v1alpha1.EntraTenant){gen.WithGrant("a", allow(v1alpha1.PodTemplateGrant{Tolerations: []string{"*"}}))},
			pods:   grant.Pods{Tolerations: []string{""}},
		},
		"grants add up": {
			grants: []func(*v1alpha1.EntraTenant){
				gen.WithGrant("a", allow(v1alpha1.PodTemplateGrant{Labels: []string{"team"}})), gen.WithGrant("b", allow(v1alpha1.PodTemplateGrant{Labels: []string{"app"}})), gen.WithGrant("c"),
			},
			pods: grant.Pods{Labels: []string{"app", "team"}},
		},
		"what another namespace may is not allowed": {
			grants: []func(*v1alpha1.EntraTenant){gen.WithGrant("a"), gen.WithGrant("b", byName("crm"), allow(v1alpha1.PodTemplateGrant{Labels: []string{"*"}}))},
			pods:   grant.Pods{Labels: []string{"team"}}, want: []string{template + "labels"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			denials := grant.Check(gen.EntraTenant(gen.Tenant, test.grants...), docs, grant.Request{Pods: test.pods})
			var fields []string
			for _, d := range denials {
				fields = append(fields, d.Field)
			}
			if diff := cmp.Diff(test.want, fields); diff != "" {
				t.Errorf("denied fields (-want +got):\n%s\n%v", diff, denials)
			}
		})
	}
}
