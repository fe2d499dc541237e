package grant

import (
	"fmt"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
)

// Namespace is a namespace as grants see it.
type Namespace struct {
	Name   string
	Labels map[string]string
}

// Request is what one ScimApp wants to do.
type Request struct {
	// Scope is the provisioning scope; empty means Assigned.
	Scope v1alpha1.ProvisioningScope
	// Groups to assign.
	Groups []Group
	// Users are the names of the assignments that are about a single user.
	Users []string
	// Owners are the object IDs of those who are to own the application beside the operator.
	Owners []string
	// Adopt is the service principal to take up; empty for an application that the operator makes. App is who takes it up.
	Adopt, App string
	// EndpointURL is the SCIM address that Entra is to be given; empty when there is none yet.
	EndpointURL string
	// WebhookURL is the address that changes are to be sent to; empty for none.
	WebhookURL string
	// Pods are those of a managed endpoint.
	Pods Pods
	// SourceAttributes are the attributes of Entra that the mappings read.
	SourceAttributes []SourceAttribute
}

// Group is a group to assign.
type Group struct {
	// Name of the entry in spec.assignments.
	Name string
	// ObjectID of the group.
	ObjectID string
	// DisplayName that Entra gives the group, never the manifest's word for it; while it is empty no grant by name counts.
	DisplayName string
}

// SourceAttribute is one use of an attribute of Entra: directly, inside an expression, or in a scope, which tells by who is
// provisioned what the value is.
type SourceAttribute struct {
	// Mapping is the kind and name of the mapping, empty for Entra's default mapping.
	Mapping string
	// Target is the attribute of the app that receives the value; empty where ScopeGroup, a group of clauses, asks for it.
	Target, ScopeGroup string
	// Source is the attribute's name in Entra.
	Source string
}

// Denial is one thing that no grant covers.
type Denial struct {
	// Field of the ScimApp that asks for it.
	Field string
	// Message says what was seen, why it is not allowed, and what to change on which side.
	Message string
}

// Validate finds selectors that Kubernetes cannot read. Such a selector names nobody.
func Validate(tenant *v1alpha1.EntraTenant) error {
	for _, g := range tenant.Spec.Grants {
		if _, err := selectorOf(g); err != nil {
			return fmt.Errorf("spec.grants[%s].namespaces.selector cannot be read and names nobody: %w", g.Name, err)
		}
	}
	return nil
}

// grantsOf gives the grants that name the namespace.
func grantsOf(tenant *v1alpha1.EntraTenant, ns Namespace) []v1alpha1.Grant {
	var found []v1alpha1.Grant
	for _, g := range tenant.Spec.Grants {
		if names(g, ns) {
			found = append(found, g)
		}
	}
	return found
}

func names(g v1alpha1.Grant, ns Namespace) bool {
	if slices.Contains(g.Namespaces.Names, ns.Name) {
		return true
	}
	selector, err := selectorOf(g)
	return err == nil && selector.Matches(labels.Set(ns.Labels))
}

// selectorOf reads the selector of a grant. Kubernetes' own reading of an empty selector is everybody; a grant that
// somebody left empty must not open the tenant to the whole cluster.
func selectorOf(g v1alpha1.Grant) (labels.Selector, error) {
	s := g.Namespaces.Selector
	if s == nil || len(s.MatchLabels) == 0 && len(s.MatchExpressions) == 0 {
		return labels.Nothing(), nil
	}
	return metav1.LabelSelectorAsSelector(s)
}
