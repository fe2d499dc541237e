package graph

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/entrasim"
	"github.com/scim-operator/scim-operator/internal/fault"
)

func TestFaultsAtTheSimulator(t *testing.T) {
	s := startSim(t)
	d, ctx := s.directory, t.Context()
	create := func(name string) error {
		return second(d.InstantiateApplication(ctx, entra.NewApplication{DisplayName: name}))
	}
	for name, rule := range map[string]entrasim.Fault{
		"created but answered 404":        {Operation: "instantiate", Status: 404, AfterEffect: true, Body: `{"error":{"code":"NotFound","message":"Graph call failed with httpCode=NotFound"}}`},
		"created but answered 504":        {Operation: "instantiate", Status: 504, AfterEffect: true},
		"created but the connection died": {Operation: "instantiate", DropAfter: true},
	} {
		t.Run(name, func(t *testing.T) {
			s.ClearFaults()
			s.fault(rule)
			if err := create(name); !entra.Unclear(err) {
				t.Fatalf("this is unclear: %v", err)
			}
			if found := must[[]entra.Application](t)(d.ApplicationsByDisplayName(ctx, name)); len(found) != 1 {
				t.Errorf("%d applications, want exactly one", len(found))
			}
		})
	}
	s.ClearFaults()
	s.fault(entrasim.Fault{Operation: "instantiate", Status: 429, Headers: map[string]string{"Retry-After": "17"}})
	if err := create("throttled"); fault.ClassOf(err) != fault.Throttled || fault.AfterOf(err) != 17*time.Second || entra.Unclear(err) {
		t.Errorf("throttled for 17 s and surely not created: %v", err)
	}
	s.fault(entrasim.Fault{Path: "/oauth2/v2.0/token", Status: 503})
	conn := s.connection()
	conn.TokenFile = "another connection, so without a token"
	if err := second(connect(t, s.connector, conn).User(ctx, simAnna)); fault.ReasonOf(err, "") != entra.ReasonServerError {
		t.Errorf("a token endpoint that is down is retried: %v", err)
	}
}

func TestANewPrincipalAtTheSimulator(t *testing.T) {
	s := startSim(t, func(o *entrasim.Options) { o.Tenant.ReplicationLag = time.Minute })
	pair := must[entra.Enterprise](t)(s.directory.InstantiateApplication(t.Context(), entra.NewApplication{DisplayName: "Wiki"}))
	if _, err := s.directory.Application(t.Context(), pair.Application.ID); !entra.IsNotFound(err) {
		t.Errorf("the application is not replicated yet: %v", err)
	}
	if _, err := s.directory.Templates(t.Context(), pair.ServicePrincipal.ID); fault.ReasonOf(err, "") != entra.ReasonSynchronizationDenied || fault.ClassOf(err) != fault.Waiting {
		t.Errorf("a young principal is waited for: %v", err)
	}
	if _, err := s.Advance(context.WithoutCancel(t.Context()), 2*time.Minute); err != nil {
		t.Fatal(err)
	}
	if templates := must[[]string](t)(s.directory.Templates(t.Context(), pair.ServicePrincipal.ID)); !slices.Contains(templates, "scim") {
		t.Errorf("templates: %v", templates)
	}
}
