package entratenant

import (
	"fmt"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/util/duration"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/conditions"
	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/fault"
	"github.com/scim-operator/scim-operator/internal/grant"
)

// maxNames bounds the names in a message.
const maxNames = 10

// judge turns a proved identity into the status. Ready needs working credentials, the permissions that no ScimApp can do
// without, and grants that can be read; what else is missing is said, and hits only those who need it.
func judge(tenant *v1alpha1.EntraTenant, identity entra.Identity) {
	st, generation := &tenant.Status, tenant.Generation
	st.Identity = identity.ObjectID
	var vital []string
	st.Permissions, vital = compare(identity.Permissions)
	grants := grant.Validate(tenant)
	switch {
	case len(vital) > 0:
		conditions.MarkStalled(&st.Conditions, generation, v1alpha1.ReasonPermissionMissing, fmt.Sprintf(
			"client %s lacks %s, without which no ScimApp can work; grant it as an application permission of Microsoft Graph and have an administrator "+
				"consent to it, which shows here within 15 minutes", clientID(tenant), strings.Join(vital, " and ")))
	case grants != nil:
		conditions.MarkStalled(&st.Conditions, generation, v1alpha1.ReasonInvalidSpec, fmt.Sprintf(
			"%v; use the operators In, NotIn, Exists and DoesNotExist as in any label selector", grants))
	default:
		conditions.MarkReady(&st.Conditions, generation, v1alpha1.ReasonCredentialsValid, readyMessage(tenant))
	}
}

func readyMessage(tenant *v1alpha1.EntraTenant) string {
	message := fmt.Sprintf("Entra issued a token for client %s in tenant %s", clientID(tenant), tenant.Spec.TenantID)
	var missing []string
	for _, p := range tenant.Status.Permissions {
		if p.State == v1alpha1.PermissionMissing {
			missing = append(missing, fmt.Sprintf("%s (%s)", p.Name, p.NeededFor))
		}
	}
	if len(missing) == 0 {
		return message + "; it has every permission that the operator needs"
	}
	return message + "; it lacks " + strings.Join(missing, ", ") + "; grant these where they are needed"
}

// judgeFailure says why nothing is known. What was found earlier about identity and permissions stays while the cause may
// pass by itself, and goes when the credentials are at fault. The operator looks again after the given time.
func judgeFailure(tenant *v1alpha1.EntraTenant, err error, again time.Duration) {
	st, generation := &tenant.Status, tenant.Generation
	if fault.ClassOf(err) != fault.Terminal {
		conditions.MarkReconciling(&st.Conditions, generation, fault.ReasonOf(err, v1alpha1.ReasonGraphUnreachable), fmt.Sprintf(
			"the credentials could not be proved: %v; the operator tries again by itself, see that it can reach Entra if this stays", err))
		return
	}
	st.Identity, st.Permissions = "", nil
	conditions.MarkStalled(&st.Conditions, generation, fault.ReasonOf(err, v1alpha1.ReasonCredentialsInvalid), fmt.Sprintf(
		"%v; the operator looks again every %s, and at once when an annotation of this object changes", err, duration.HumanDuration(again)))
}

// hold says why a tenant that is being deleted stays.
func hold(tenant *v1alpha1.EntraTenant, apps []v1alpha1.ScimApp) {
	names := make([]string, 0, maxNames)
	for _, app := range apps[:min(len(apps), maxNames)] {
		names = append(names, appName(app))
	}
	list := strings.Join(names, ", ")
	if more := len(apps) - len(names); more > 0 {
		list += fmt.Sprintf(" and %d more", more)
	}
	conditions.MarkStalled(&tenant.Status.Conditions, tenant.Generation, v1alpha1.ReasonInUse, fmt.Sprintf(
		"this EntraTenant is being deleted, but %s: without it the operator could not clean up in Entra; delete the ScimApps first, "+
			"and this object goes by itself", plural(len(apps), list)))
}

func plural(n int, list string) string {
	if n == 1 {
		return "ScimApp " + list + " uses it"
	}
	return fmt.Sprintf("%d ScimApps use it: %s", n, list)
}

func clientID(tenant *v1alpha1.EntraTenant) v1alpha1.ObjectID {
	switch c := tenant.Spec.Credentials; {
	case c.WorkloadIdentity != nil:
		return c.WorkloadIdentity.ClientID
	case c.ClientSecret != nil:
		return c.ClientSecret.ClientID
	default:
		return ""
	}
}
