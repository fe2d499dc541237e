package grant

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
)

// Pods is what a ScimApp wants its endpoint's pods to be. The zero value is what needs no grant.
type Pods struct {
	// Image is empty for the operator's own.
	Image string
	// Labels and Annotations are the keys, Tolerations the keys of the taints.
	Labels, Annotations, Tolerations []string
	PriorityClassName                string
}

// qualified is an image with the host of its registry. Without one, which registry it comes from is decided by the node.
var qualified = regexp.MustCompile(`^((?:localhost|[a-z0-9][-a-z0-9.]*\.[-a-z0-9.]*[a-z0-9]|[a-z0-9][-a-z0-9.]*:[0-9]{1,5})(?::[0-9]{1,5})?(?:/[a-z0-9][-a-z0-9._]*)+)` +
	`(?::[A-Za-z0-9_][-A-Za-z0-9_.]{0,127})?(?:@sha256:[0-9a-f]{64})?$`)

func (c checker) pods(pods Pods) []Denial {
	denials := c.image(pods.Image)
	template := func(list func(*v1alpha1.PodTemplateGrant) []string) func(string) bool {
		return func(name string) bool {
			return slices.ContainsFunc(c.grants, func(g v1alpha1.Grant) bool {
				return g.PodTemplate != nil && slices.ContainsFunc(list(g.PodTemplate), func(pattern string) bool { return matchesName(pattern, name) })
			})
		}
	}
	denials = append(denials, c.template(pods.Labels, "labels", "the pods would carry label %s",
		template(func(g *v1alpha1.PodTemplateGrant) []string { return g.Labels }))...)
	denials = append(denials, c.template(pods.Annotations, "annotations", "the pods would carry annotation %s",
		template(func(g *v1alpha1.PodTemplateGrant) []string { return g.Annotations }))...)
	denials = append(denials, c.template(pods.Tolerations, "tolerations", "the pods would tolerate taint %s",
		template(func(g *v1alpha1.PodTemplateGrant) []string { return g.Tolerations }))...)
	if pods.PriorityClassName == "" || template(func(g *v1alpha1.PodTemplateGrant) []string { return g.PriorityClassNames })(pods.PriorityClassName) {
		return denials
	}
	return append(denials, c.denial(podTemplate+"priorityClassName", "the pods would have priority class "+pods.PriorityClassName,
		"podTemplate.priorityClassNames", "does not list it", "remove it"))
}

const podTemplate = "spec.endpoint.managed.podTemplate."

func (c checker) template(names []string, member, seen string, allowed func(string) bool) []Denial {
	var denials []Denial
	for _, name := range names {
		if allowed(name) {
			continue
		}
		if name == "" {
			name = "of every key"
		}
		denials = append(denials, c.denial(podTemplate+member, fmt.Sprintf(seen, name), "podTemplate."+member, "does not list it", "remove it"))
	}
	return shorten(denials, podTemplate+member, member)
}

func (c checker) image(image string) []Denial {
	const field = "spec.endpoint.managed.image"
	if image == "" {
		return nil
	}
	parts := qualified.FindStringSubmatch(image)
	if parts == nil {
		return []Denial{{Field: field, Message: fmt.Sprintf("image %s does not begin with the host of its registry, so no grant can cover it; "+
			"write it in full, such as registry.example.com/scim/endpoint:v1, or remove it to run the operator's own image", image)}}
	}
	for _, g := range c.grants {
		if slices.ContainsFunc(g.Images, func(pattern string) bool { return matchesRepository(pattern, parts[1]) }) {
			return nil
		}
	}
	return []Denial{c.denial(field, "the pods would run image "+image, "images", "has no pattern for it", "remove it to run the operator's own image")}
}

// matchesRepository takes registry/folder/* for every repository under that folder, however deep, and all else literally.
func matchesRepository(pattern, repository string) bool {
	if folder, ok := strings.CutSuffix(pattern, "*"); ok {
		return len(repository) > len(folder) && strings.HasPrefix(repository, folder)
	}
	return pattern == repository
}

// matchesName takes a beginning followed by * for every name that begins so, and all else literally.
func matchesName(pattern, name string) bool {
	if beginning, ok := strings.CutSuffix(pattern, "*"); ok {
		return strings.HasPrefix(name, beginning)
	}
	return pattern == name
}
