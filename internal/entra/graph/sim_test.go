package graph

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/entrasim"
	people "github.com/scim-operator/scim-operator/internal/entrasim/directory"
	"github.com/scim-operator/scim-operator/internal/fault"
)

const (
	simAnna  = "00000000-0000-4000-8000-000000000001"
	simStaff = "00000000-0000-4000-8000-0000000000a1"
	simMail  = "00000000-0000-4000-8000-0000000000a3"
)

// sim is the simulator with a directory opened on it.
type sim struct {
	*entrasim.Server
	t         *testing.T
	connector *Connector
	directory entra.Directory
}

func startSim(t *testing.T, change ...func(*entrasim.Options)) *sim {
	t.Helper()
	no := false
	options := entrasim.Options{
		TenantID: tenantID,
		Directory: &people.Directory{
			Users: []*people.User{{ID: simAnna, UserPrincipalName: "anna.o'neill@contoso.com", DisplayName: "Anna O'Neill"}},
			Groups: []*people.Group{
				{ID: simStaff, DisplayName: "Staff", Members: []string{simAnna}},
				{ID: simMail, DisplayName: "Staff", SecurityEnabled: &no},
			},
		},
		Clients:    []entrasim.Client{{ID: clientID, Secret: "s3cret"}},
		CheckShape: true,
	}
	for _, c := range change {
		c(&options)
	}
	server, err := entrasim.New(options)
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	t.Cleanup(func() {
		for _, d := range server.Shape().Departures {
			t.Errorf("the simulator departed from Graph's metadata in %d answers to %s: %s", d.Count, d.Operation, d.Problem)
		}
	})
	s := &sim{Server: server, t: t, connector: newTestConnector(t, Options{})}
	s.directory = connect(t, s.connector, s.connection())
	return s
}

func (s *sim) connection() entra.Connection {
	return entra.Connection{
		TenantID: tenantID, Cloud: entra.CloudCustom, GraphURL: s.URL, AuthorityURL: s.URL,
		CABundle: s.CAPEM, ClientID: clientID, ClientSecret: "s3cret",
	}
}

// instantiated gives a new application with its job.
func (s *sim) instantiated() (entra.Enterprise, entra.JobRef) {
	s.t.Helper()
	pair, err := s.directory.InstantiateApplication(s.t.Context(), entra.NewApplication{DisplayName: "Wiki [k3f9x2ab]"})
	if err != nil {
		s.t.Fatal(err)
	}
	job, err := s.directory.CreateJob(s.t.Context(), pair.ServicePrincipal.ID, "scim")
	if err != nil {
		s.t.Fatal(err)
	}
	return pair, entra.JobRef{ServicePrincipalID: pair.ServicePrincipal.ID, JobID: job.ID}
}

func (s *sim) fault(rule entrasim.Fault) {
	s.t.Helper()
	if _, err := s.AddFault(rule); err != nil {
		s.t.Fatal(err)
	}
}

// must fails the test on an error and gives the value.
func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// scimEndpoint answers every query with an empty list to whoever has the token.
func scimEndpoint(t *testing.T, token string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/scim+json")
		if r.Header.Get("Authorization") != "Bearer "+token {
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = fmt.Fprintf(w, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"401","detail":"unknown token %s"}`, r.Header.Get("Authorization"))
			return
		}
		_, _ = io.WriteString(w, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":0,"startIndex":1,"itemsPerPage":0,"Resources":[]}`)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func TestApplicationsAtTheSimulator(t *testing.T) {
	s := startSim(t)
	d, ctx := s.directory, t.Context()
	pair, _ := s.instantiated()
	appID, spID := pair.Application.ID, pair.ServicePrincipal.ID
	if pair.Application.TemplateID != templatePublic || pair.Application.AppID != pair.ServicePrincipal.AppID {
		t.Errorf("the pair is %+v", pair)
	}

	name, notes, tag := "Wiki", "the company's wiki", "scim-operator/eu/docs/wiki"
	editor := entra.AppRole{ID: role, Value: "editor", DisplayName: "Editor", Description: "Editor", IsEnabled: true, AllowedMemberTypes: []string{"User"}}
	patch := entra.ApplicationPatch{DisplayName: &name, Notes: &notes, Tags: []string{tag}, AppRoles: append(slices.Clone(pair.Application.AppRoles), editor)}
	if err := d.UpdateApplication(ctx, appID, patch); err != nil {
		t.Fatal(err)
	}
	if err := d.UpdateServicePrincipal(ctx, spID, entra.ServicePrincipalPatch{DisplayName: &name, Tags: append(slices.Clone(pair.ServicePrincipal.Tags), tag, "HideApp")}); err != nil {
		t.Fatal(err)
	}
	read := must[entra.Application](t)(d.Application(ctx, appID))
	if read.DisplayName != name || read.Notes != notes || !slices.Equal(read.Tags, []string{tag}) || len(read.AppRoles) != len(pair.Application.AppRoles)+1 {
		t.Errorf("the application is %+v", read)
	}
	if read.CreatedAt.IsZero() || read.CreatedAt.Location() != time.UTC {
		t.Errorf("created at %v", read.CreatedAt)
	}
	for how, found := range map[string][]entra.Application{
		"name": must[[]entra.Application](t)(d.ApplicationsByDisplayName(ctx, name)),
		"tag":  must[[]entra.Application](t)(d.ApplicationsByTag(ctx, tag)),
	} {
		if len(found) != 1 || found[0].ID != appID {
			t.Errorf("by %s: %+v", how, found)
		}
	}
	if byKey := must[entra.ServicePrincipal](t)(d.ServicePrincipalByAppID(ctx, pair.Application.AppID)); byKey.ID != spID || byKey.DisplayName != name {
		t.Errorf("the service principal by its appId is %+v", byKey)
	}
	if !slices.Contains(must[entra.ServicePrincipal](t)(d.ServicePrincipal(ctx, spID)).Tags, "HideApp") {
		t.Error("the service principal is not hidden")
	}

	for range 2 { // twice: the second time it is there already
		if err := d.AddServicePrincipalOwner(ctx, spID, simAnna); err != nil {
			t.Error(err)
		}
		if err := d.AddApplicationOwner(ctx, appID, simAnna); err != nil {
			t.Error(err)
		}
	}
	if owners := must[[]string](t)(d.ServicePrincipalOwners(ctx, spID)); !slices.Contains(owners, simAnna) {
		t.Errorf("owners of the service principal: %v", owners)
	}
	if owners := must[[]string](t)(d.ApplicationOwners(ctx, appID)); !slices.Contains(owners, simAnna) {
		t.Errorf("owners of the application: %v", owners)
	}

	for range 2 {
		if err := d.DeleteApplication(ctx, appID); err != nil {
			t.Error(err)
		}
	}
	if _, err := d.ServicePrincipal(ctx, spID); !entra.IsNotFound(err) {
		t.Errorf("the service principal goes with its application: %v", err)
	}
}

func TestPrincipalsAndAssignmentsAtTheSimulator(t *testing.T) {
	s := startSim(t)
	d, ctx := s.directory, t.Context()
	pair, _ := s.instantiated()
	spID, roleID := pair.ServicePrincipal.ID, pair.ServicePrincipal.AppRoles[0].ID

	anna := entra.Principal{ID: simAnna, Kind: entra.PrincipalUser, DisplayName: "Anna O'Neill", PrincipalName: "anna.o'neill@contoso.com"}
	if diff := cmp.Diff(anna, must[entra.Principal](t)(d.UserByPrincipalName(ctx, "Anna.O'Neill@contoso.com"))); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(anna, must[entra.Principal](t)(d.User(ctx, simAnna))); diff != "" {
		t.Error(diff)
	}
	if _, err := d.UserByPrincipalName(ctx, "nobody@contoso.com"); !entra.IsNotFound(err) {
		t.Error(err)
	}
	staff := entra.Principal{ID: simStaff, Kind: entra.PrincipalGroup, DisplayName: "Staff", SecurityEnabled: true}
	namesakes := []entra.Principal{staff, {ID: simMail, Kind: entra.PrincipalGroup, DisplayName: "Staff"}}
	if diff := cmp.Diff(namesakes, must[[]entra.Principal](t)(d.GroupsByDisplayName(ctx, "Staff"))); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(staff, must[entra.Principal](t)(d.Group(ctx, simStaff))); diff != "" {
		t.Error(diff)
	}

	made := must[entra.Assignment](t)(d.CreateAssignment(ctx, spID, simStaff, roleID))
	want := entra.Assignment{ID: made.ID, AppRoleID: roleID, PrincipalID: simStaff, PrincipalKind: entra.PrincipalGroup, PrincipalDisplayName: "Staff"}
	if diff := cmp.Diff(want, made); diff != "" || made.ID == "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(entra.Assignment{AppRoleID: roleID, PrincipalID: simStaff}, must[entra.Assignment](t)(d.CreateAssignment(ctx, spID, simStaff, roleID))); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]entra.Assignment{want}, must[[]entra.Assignment](t)(d.ListAssignments(ctx, spID))); diff != "" {
		t.Error(diff)
	}
	for range 2 {
		if err := d.DeleteAssignment(ctx, spID, made.ID); err != nil {
			t.Error(err)
		}
	}
	if left := must[[]entra.Assignment](t)(d.ListAssignments(ctx, spID)); len(left) != 0 {
		t.Errorf("left: %+v", left)
	}
}

func TestProvisioningAtTheSimulator(t *testing.T) {
	s := startSim(t)
	d, ctx := s.directory, t.Context()
	pair, job := s.instantiated()
	spID, address := pair.ServicePrincipal.ID, scimEndpoint(t, "the-right-token")

	if templates := must[[]string](t)(d.Templates(ctx, spID)); !slices.Contains(templates, "scim") {
		t.Errorf("templates: %v", templates)
	}
	if jobs := must[[]entra.Job](t)(d.Jobs(ctx, spID)); len(jobs) != 1 || jobs[0].ID != job.JobID || jobs[0].TemplateID != "scim" || jobs[0].SteadySince != nil {
		t.Errorf("jobs: %+v", jobs)
	}

	wrong := entra.Secrets{entra.SecretBaseAddress: address, entra.SecretToken: "the-wrong-token"}
	err := d.ValidateCredentials(ctx, job, wrong)
	if !entra.IsCredentialProblem(err) || fault.ClassOf(err) != fault.Terminal {
		t.Fatalf("a wrong token is the endpoint's or the token's fault: %v", err)
	}
	expectText(t, err.Error(), []string{"answered 401", address, "unknown token"}, []string{"the-wrong-token"})
	if err := d.ValidateSavedCredentials(ctx, job); fault.ReasonOf(err, "") != entra.ReasonReplicating || entra.IsCredentialProblem(err) {
		t.Errorf("nothing is stored: %v", err)
	}
	set := entra.Secrets{
		entra.SecretBaseAddress: address, entra.SecretToken: "the-right-token", entra.SecretSyncAll: "false",
		entra.SecretSyncNotificationSettings: `{"Enabled":false,"DeleteThresholdEnabled":true,"DeleteThresholdValue":50}`,
	}
	if err := d.ValidateCredentials(ctx, job, set); err != nil {
		t.Error(err)
	}
	if err := d.PutSecrets(ctx, spID, set); err != nil {
		t.Fatal(err)
	}
	if err := d.ValidateSavedCredentials(ctx, job); err != nil {
		t.Error(err)
	}
	stored := must[entra.Secrets](t)(d.Secrets(ctx, spID))
	if stored[entra.SecretBaseAddress] != address || stored[entra.SecretToken] != "*" || stored[entra.SecretSyncAll] != "false" {
		t.Errorf("stored: %v", stored)
	}
	if err := d.PutSecrets(ctx, spID, entra.Secrets{"TenantId": "x"}); fault.ClassOf(err) != fault.Terminal {
		t.Errorf("an unknown key is terminal: %v", err)
	}

	template := must[json.RawMessage](t)(d.TemplateSchema(ctx, spID, "scim"))
	schema := must[json.RawMessage](t)(d.Schema(ctx, job))
	if !json.Valid(template) || !strings.Contains(string(schema), `"synchronizationRules"`) {
		t.Errorf("schema %.200s", schema)
	}
	if err := d.PutSchema(ctx, job, schema); err != nil {
		t.Error(err)
	}
	if err := d.PutSchema(ctx, job, json.RawMessage(`{}`)); fault.ClassOf(err) != fault.Terminal {
		t.Errorf("an empty schema is terminal: %v", err)
	}
	if operators := must[json.RawMessage](t)(d.FilterOperators(ctx, job)); !strings.Contains(string(operators), `"NOT REGEX MATCH"`) {
		t.Errorf("operators: %s", operators)
	}
	if parsed := must[entra.ParsedExpression](t)(d.ParseExpression(ctx, job, "Not([IsSoftDeleted])")); !parsed.Succeeded || !strings.Contains(string(parsed.Source), `"Function"`) {
		t.Errorf("parsed: %+v", parsed)
	}
	if parsed := must[entra.ParsedExpression](t)(d.ParseExpression(ctx, job, "Not([IsSoftDeleted]")); parsed.Succeeded || parsed.Message == "" {
		t.Errorf("parsed: %+v", parsed)
	}

	if err := d.StartJob(ctx, job); err != nil {
		t.Fatal(err)
	}
	if _, err := s.RunCycle(context.WithoutCancel(ctx), job.JobID); err != nil {
		t.Fatal(err)
	}
	after := must[entra.Job](t)(d.Job(ctx, job))
	if after.Schedule != entra.ScheduleActive || after.Code != entra.CodeActive || after.SteadySince == nil || after.LastExecution == nil || after.LastExecution.State != "Succeeded" || after.Quarantine != nil {
		t.Errorf("after a cycle: %+v %+v", after, after.LastExecution)
	}
	if err := d.PauseJob(ctx, job); err != nil {
		t.Error(err)
	}
	if paused := must[entra.Job](t)(d.Job(ctx, job)); paused.Schedule != entra.SchedulePaused {
		t.Errorf("after pause: %+v", paused)
	}
	for range 2 {
		if err := d.DeleteJob(ctx, job); err != nil {
			t.Error(err)
		}
	}
}

func TestIdentityAtTheSimulator(t *testing.T) {
	s := startSim(t, func(o *entrasim.Options) { o.Clients[0].Permissions = []string{"Application.Read.All"} })
	id := must[entra.Identity](t)(s.directory.Identity(t.Context()))
	if id.ObjectID == "" || !slices.Equal(id.Permissions, []string{"Application.Read.All"}) {
		t.Errorf("identity: %+v", id)
	}
	for what, c := range map[string]struct {
		err    error
		reason string
	}{
		"a directory call":       {second(s.directory.User(t.Context(), simAnna)), entra.ReasonPermissionMissing},
		"a synchronization call": {second(s.directory.Jobs(t.Context(), sp)), entra.ReasonSynchronizationDenied},
	} {
		if got := fault.ReasonOf(c.err, ""); got != c.reason {
			t.Errorf("%s without permission has reason %s, want %s: %v", what, got, c.reason, c.err)
		}
	}
	for says, change := range map[string]func(*entra.Connection){
		"spec.credentials.clientSecret": func(c *entra.Connection) { c.ClientSecret = "wrong" },
		"clientID":                      func(c *entra.Connection) { c.ClientID = app },
		"spec.tenantID":                 func(c *entra.Connection) { c.TenantID = app },
	} {
		conn := s.connection()
		change(&conn)
		_, err := connect(t, s.connector, conn).Identity(t.Context())
		if fault.ReasonOf(err, "") != entra.ReasonCredentialsInvalid || !strings.Contains(err.Error(), says) {
			t.Errorf("want %s with %s, got %v", entra.ReasonCredentialsInvalid, says, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }
