package scimapp

import (
	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/phase"
)

// Phases is what one pass does, in order. A phase runs when the conditions that it needs hold; all others run whatever
// happened before, so that one pass gives a whole status.
//
// The order is a matter of safety. Who is not to read any more is locked out first, whatever else is wrong. The token and the endpoint come first, since Entra calls the endpoint as soon as it
// has credentials. What others set up is changed only when that was approved. The endpoint knows every attribute before the
// schema names it. The scope is narrowed when everybody is assigned. The job starts last, when all else is as declared.
func (r *Reconciler) Phases() []phase.Phase[*scope] {
	const (
		allowed     = v1alpha1.ConditionAllowed
		token       = v1alpha1.ConditionTokenReady
		endpoint    = v1alpha1.ConditionEndpointReady
		application = v1alpha1.ConditionApplicationReady
		credentials = v1alpha1.ConditionCredentialsAccepted
		mappings    = v1alpha1.ConditionMappingsApplied
		assignments = v1alpha1.ConditionAssignmentsApplied
		sync        = v1alpha1.ConditionInSync
		job         = v1alpha1.ConditionJobHealthy
	)
	return []phase.Phase[*scope]{
		{Name: "readers", Condition: endpoint, Run: r.revokeReaders},
		{Name: "mappings-read", Condition: mappings, Run: r.readMappings},
		{Name: "grant", Condition: allowed, Run: r.checkGrant},
		{Name: "principals", Condition: allowed, Needs: []string{allowed}, Run: r.resolvePrincipals},
		{Name: "token", Condition: token, Run: r.ensureToken},
		{Name: "endpoint", Condition: endpoint, Needs: []string{token}, Run: r.ensureEndpoint},
		{Name: "application", Condition: application, Needs: []string{allowed}, Run: r.ensureApplication},
		{Name: "job", Condition: application, Needs: []string{application}, Run: r.ensureJob},
		{Name: "adoption", Condition: application, Needs: []string{application}, Run: r.judgeAdoption},
		{Name: "credentials", Condition: credentials, Needs: []string{token, endpoint, application}, Run: r.ensureCredentials},
		{Name: "sources", Condition: allowed, Needs: []string{allowed}, Run: r.checkSources},
		{Name: "mappings", Condition: mappings, Needs: []string{mappings, endpoint, application}, Run: r.applyMappings},
		{Name: "sync", Condition: sync, Needs: []string{mappings}, Run: r.judgeSync},
		{Name: "assignments", Condition: assignments, Needs: []string{application}, Run: r.applyAssignments},
		{Name: "scope", Condition: assignments, Needs: []string{allowed, assignments}, Run: r.narrowScope},
		{Name: "start", Needs: []string{allowed, credentials, mappings, assignments}, Run: r.startJob},
		{Name: "observe", Condition: job, Needs: []string{application}, Run: r.observeJob},
	}
}
