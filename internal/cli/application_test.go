package cli

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/entra/graph"
)

// abroad is a directory whose applications are registered in another one.
type abroad struct{ entra.Directory }

func (abroad) ApplicationByAppID(context.Context, string) (entra.Application, error) {
	return entra.Application{}, &entra.Error{Operation: "could not read the application by appId", Status: http.StatusNotFound}
}

// otherTemplate is a directory whose applications are provisioned by a job of another template, if by any, and have none of ours.
type otherTemplate struct {
	entra.Directory
	jobs []entra.Job
}

func (o otherTemplate) Jobs(context.Context, string) ([]entra.Job, error) { return o.jobs, nil }

func (otherTemplate) TemplateSchema(context.Context, string, string) (json.RawMessage, error) {
	return nil, &entra.Error{Operation: "could not read the schema of the template", Status: http.StatusNotFound}
}

// TestAnApplicationThatCannotBeProvisionedIsExplained: the simulator makes no application of another directory.
func TestAnApplicationThatCannotBeProvisionedIsExplained(t *testing.T) {
	connector, err := graph.NewConnector(graph.Options{})
	if err != nil {
		t.Fatal(err)
	}
	p := openPortal(t, connector)
	bare, err := p.InstantiateApplication(t.Context(), entra.NewApplication{DisplayName: "Notes"})
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		in        entra.Directory
		principal string
		says      string
	}{
		"when it is registered in another directory":   {abroad{p}, p.principal, `application "Käse & Wiki" is registered in another directory`},
		"when nobody set up its provisioning":          {p, bare.ServicePrincipal.ID, `application "Notes" has no provisioning job`},
		"when a job of another template provisions it": {otherTemplate{p, []entra.Job{{ID: "j", TemplateID: "customappsso"}}}, p.principal, `is provisioned by a job of template customappsso`},
		"when it was made from another template":       {otherTemplate{Directory: p}, p.principal, "let the operator make one, with creationPolicy: Create"},
		"when its ID is another's":                     {p, "00000000-0000-4000-8000-000000000000", "give the object ID of the enterprise application"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := readProvisioned(t.Context(), test.in, test.principal); err == nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("error %v, want that %s", err, test.says)
			}
		})
	}
}
