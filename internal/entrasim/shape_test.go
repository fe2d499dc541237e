package entrasim_test

import (
	"strings"
	"testing"

	"github.com/scim-operator/scim-operator/internal/entrasim"
)

// inShape fails a test whose answers departed from Microsoft's metadata. Every simulator of this suite ends with it.
func inShape(t *testing.T, server *entrasim.Server) {
	t.Helper()
	for _, d := range server.Shape().Departures {
		t.Errorf("shape of %d answers to %s: %s", d.Count, d.Operation, d.Problem)
	}
}

// TestShapeOfEveryObject asks for one of everything, so that no kind of answer stays unchecked.
func TestShapeOfEveryObject(t *testing.T) {
	w := startWire(t)
	l := running(t, w, "")
	for _, path := range []string{"/users?$select=" + strings.Join([]string{"id", "accountEnabled", "userType", "onPremisesExtensionAttributes",
		"createdDateTime", "proxyAddresses", "faxNumber", "employeeId"}, ","), "/groups", "/applications", "/servicePrincipals",
		"/servicePrincipals/" + l.sp + "/appRoleAssignedTo", l.sync("/templates"), l.sync("/templates/scim/schema"), l.sync("/jobs"),
		l.sync("/secrets"), l.jobPath("/schema"), "/auditLogs/provisioning", "/auditLogs/directoryAudits", "/groups/" + staff + "/members",
		"/applications/" + l.app + "/owners", "/applicationTemplates", "/users/" + bengt + "/manager", "/users/" + bengt + "/memberOf",
		l.jobPath("/schema/functions"), l.jobPath("/schema/filterOperators")} {
		before := l.Shape().Checked
		l.want(200, "GET", path, nil)
		if l.Shape().Checked != before+1 {
			t.Errorf("the answer to GET %s was not checked", path)
		}
	}
}
