package cli

import (
	"encoding/json"
	"fmt"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/fault"
	"github.com/scim-operator/scim-operator/internal/grant"
	"github.com/scim-operator/scim-operator/internal/principals"
	"github.com/scim-operator/scim-operator/internal/provisioning"
)

// planProblem is something for which the operator would not do what is declared.
type planProblem struct {
	// Reason is that of the ScimApp's condition, such as Denied.
	Reason  string `json:"reason"`
	Message string `json:"message"`
}

// holdAgainstGrants judges the manifest, and the schema that Entra would have, as the operator does before it writes.
func (r *planReport) holdAgainstGrants(app plannedApp, groups []grant.Group, schema json.RawMessage) {
	if app.tenant == nil {
		r.note("grants are not checked: no EntraTenant was read; add its file with -f, or run plan with a kubeconfig of its cluster")
		return
	}
	req := grant.RequestOf(&app.app, provisioning.Address(&app.app, app.cloud()), app.desired.Mappings, "")
	req.Groups = groups
	image := req.Pods.Image
	req.Pods.Image = ""
	denials := grant.Check(app.tenant, app.namespace, req)
	if len(denials) == 0 && grant.DeniesSources(app.tenant) {
		denials = grant.Check(app.tenant, app.namespace, grant.SourcesOf(schema))
	}
	// A grant takes away as well as gives: with an attribute that it denies.
	if app.namespaceUnknown != nil && (len(denials) > 0 || grant.DeniesSources(app.tenant)) {
		r.note("grants are not checked: some of EntraTenant %s name namespaces by their labels, and those of %s were not read (%v)",
			app.tenant.Name, app.namespace.Name, app.namespaceUnknown)
		return
	}
	for _, d := range denials {
		r.Problems = append(r.Problems, planProblem{v1alpha1.ReasonDenied, d.Field + ": " + d.Message})
	}
	if len(denials) == 0 && image != "" {
		for _, d := range grant.Check(app.tenant, app.namespace, grant.Request{Pods: grant.Pods{Image: image}}) {
			r.note("%s: %s. The operator's own image needs no grant, and which that is only the operator knows", d.Field, d.Message)
		}
	}
	if len(denials) > 0 {
		r.note("until a grant covers it the operator does nothing of this, and pauses the job if it runs")
	}
}

// unjudged is why an assignment could not be looked up where that is no fault of the manifest, such as a permission that
// the caller lacks.
func unjudged(all []principals.Principal) error {
	for _, p := range all {
		switch fault.ReasonOf(p.Problem, "") {
		case "", v1alpha1.ReasonPrincipalNotFound, v1alpha1.ReasonPrincipalAmbiguous:
		default:
			return fmt.Errorf("resolving spec.assignments[%s]: %w", p.Assignment.Name, p.Problem)
		}
	}
	return nil
}

// addProblems tells which assignments lead nowhere; the operator leaves these out.
func (r *planReport) addProblems(all []principals.Principal) {
	for _, p := range all {
		if p.Problem != nil {
			r.Problems = append(r.Problems, planProblem{fault.ReasonOf(p.Problem, v1alpha1.ReasonPrincipalNotFound), p.Problem.Error()})
		}
	}
}
