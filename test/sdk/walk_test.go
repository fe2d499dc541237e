package sdk

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/google/uuid"
	abstractions "github.com/microsoft/kiota-abstractions-go"
	kauth "github.com/microsoft/kiota-authentication-azure-go"
	khttp "github.com/microsoft/kiota-http-go"
	kjson "github.com/microsoft/kiota-serialization-json-go"
	core "github.com/microsoftgraph/msgraph-sdk-go-core"
	"github.com/microsoftgraph/msgraph-sdk-go/applicationtemplates"
	"github.com/microsoftgraph/msgraph-sdk-go/models"
	"github.com/microsoftgraph/msgraph-sdk-go/models/odataerrors"
	"github.com/microsoftgraph/msgraph-sdk-go/serviceprincipals"

	"github.com/scim-operator/scim-operator/internal/entrasim"
	"github.com/scim-operator/scim-operator/internal/entrasim/directory"
	"github.com/scim-operator/scim-operator/internal/scim/scimtest"
)

const (
	client   = "walker"
	secret   = "the secret of the walk"
	template = "8adf8e6e-67b2-4cf2-a259-e3dc5476c621"
)

// adapter is the SDK's own way to the simulator: azidentity for tokens, and every middleware that it has by default.
func adapter(t *testing.T, sim *entrasim.Server) abstractions.RequestAdapter {
	t.Helper()
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(sim.CAPEM) {
		t.Fatal("the simulator has no certificate")
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: true}
	t.Cleanup(transport.CloseIdleConnections)
	credential, err := azidentity.NewClientSecretCredential(sim.TenantID(), client, secret, &azidentity.ClientSecretCredentialOptions{
		DisableInstanceDiscovery: true,
		ClientOptions: azcore.ClientOptions{Cloud: cloud.Configuration{ActiveDirectoryAuthorityHost: sim.URL},
			Transport: &http.Client{Transport: transport}},
	})
	if err != nil {
		t.Fatal(err)
	}
	auth, err := kauth.NewAzureIdentityAuthenticationProviderWithScopesAndValidHosts(credential, []string{sim.URL + "/.default"}, []string{"127.0.0.1"})
	if err != nil {
		t.Fatal(err)
	}
	options := core.GraphClientOptions{GraphServiceVersion: "v1.0"}
	a, err := core.NewGraphRequestAdapterBaseWithParseNodeFactoryAndSerializationWriterFactoryAndHttpClient(auth, options,
		kjson.NewJsonParseNodeFactory(), kjson.NewJsonSerializationWriterFactory(), &http.Client{
			Transport: khttp.NewCustomTransportWithParentTransport(transport, core.GetDefaultMiddlewaresWithOptions(&options)...)})
	if err != nil {
		t.Fatal(err)
	}
	a.SetBaseUrl(sim.URL + "/v1.0")
	return a
}

func start(t *testing.T) *entrasim.Server {
	t.Helper()
	people, err := directory.Generate(5, 7)
	if err != nil {
		t.Fatal(err)
	}
	sim, err := entrasim.New(entrasim.Options{Directory: people, CheckShape: true,
		Clients: []entrasim.Client{{ID: client, Secret: secret}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := sim.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sim.Close)
	return sim
}

// must ends the test for the error of a call.
func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func pair(key models.SynchronizationSecret, value string) models.SynchronizationSecretKeyStringValuePairable {
	p := models.NewSynchronizationSecretKeyStringValuePair()
	p.SetKey(&key)
	p.SetValue(&value)
	return p
}

// TestWalk takes an application from the template to a started job, and lets a cycle and a run on demand reach the endpoint.
func TestWalk(t *testing.T) {
	ctx, sim, endpoint := t.Context(), start(t), scimtest.Start(t)
	graph := adapter(t, sim)
	principals := serviceprincipals.NewServicePrincipalsRequestBuilderInternal(map[string]string{}, graph)

	body := applicationtemplates.NewItemInstantiatePostRequestBody()
	body.SetDisplayName(new("Wiki"))
	made := must[models.ApplicationServicePrincipalable](t)(applicationtemplates.NewApplicationTemplatesRequestBuilderInternal(map[string]string{}, graph).
		ByApplicationTemplateId(template).Instantiate().Post(ctx, body, nil))
	sp := *made.GetServicePrincipal().GetId()
	principal := principals.ByServicePrincipalId(sp)
	sync := principal.Synchronization()

	templates := must[models.SynchronizationTemplateCollectionResponseable](t)(sync.Templates().Get(ctx, nil))
	if len(templates.GetValue()) != 2 || *templates.GetValue()[0].GetId() != "scim" {
		t.Fatalf("%d templates", len(templates.GetValue()))
	}
	wanted := models.NewSynchronizationJob()
	wanted.SetTemplateId(new("scim"))
	created := must[models.SynchronizationJobable](t)(sync.Jobs().Post(ctx, wanted, nil))
	id := *created.GetId()
	job := sync.Jobs().BySynchronizationJobId(id)

	credentials := []models.SynchronizationSecretKeyStringValuePairable{
		pair(models.BASEADDRESS_SYNCHRONIZATIONSECRET, endpoint.URL), pair(models.SECRETTOKEN_SYNCHRONIZATIONSECRET, endpoint.Token)}
	validation := serviceprincipals.NewItemSynchronizationJobsItemValidateCredentialsPostRequestBody()
	validation.SetCredentials(credentials)
	if err := job.ValidateCredentials().Post(ctx, validation, nil); err != nil {
		t.Fatal(err)
	}
	secrets := serviceprincipals.NewItemSynchronizationSecretsPutRequestBody()
	secrets.SetValue(append(credentials, pair(models.SYNCALL_SYNCHRONIZATIONSECRET, "false"),
		pair(models.SYNCNOTIFICATIONSETTINGS_SYNCHRONIZATIONSECRET, `{"Enabled":false,"DeleteThresholdEnabled":false}`)))
	if _, err := sync.Secrets().PutAsSecretsPutResponse(ctx, secrets, nil); err != nil {
		t.Fatal(err)
	}
	schema := must[models.SynchronizationSchemaable](t)(job.Schema().Get(ctx, nil))
	assignEverybody(t, sim, principal, sp, *made.GetServicePrincipal().GetAppRoles()[0].GetId())

	if err := job.Start().Post(ctx, nil); err != nil {
		t.Fatal(err)
	}
	started := must[models.SynchronizationJobable](t)(job.Get(ctx, nil))
	if *started.GetSchedule().GetState() != models.ACTIVE_SYNCHRONIZATIONSCHEDULESTATE {
		t.Errorf("the job is %s", started.GetSchedule().GetState())
	}
	if report, err := sim.RunCycle(ctx, id); err != nil || report.Error != nil || report.Created != 2 {
		t.Errorf("the cycle: %+v (%v), want 2 people", report, err)
	}
	onDemand(t, job, *schema.GetSynchronizationRules()[0].GetId(), sim.Tenant().Users()[0].ID)
	for _, d := range sim.Shape().Departures {
		t.Errorf("shape of %d answers to %s: %s", d.Count, d.Operation, d.Problem)
	}
}

// assignEverybody gives the first two people of the directory a role.
func assignEverybody(t *testing.T, sim *entrasim.Server, principal *serviceprincipals.ServicePrincipalItemRequestBuilder, sp string, role uuid.UUID) {
	t.Helper()
	for _, user := range sim.Tenant().Users()[:2] {
		assignment := models.NewAppRoleAssignment()
		assignment.SetPrincipalId(new(uuid.MustParse(user.ID)))
		assignment.SetResourceId(new(uuid.MustParse(sp)))
		assignment.SetAppRoleId(&role)
		must[models.AppRoleAssignmentable](t)(principal.AppRoleAssignedTo().Post(t.Context(), assignment, nil))
	}
	assigned := must[models.AppRoleAssignmentCollectionResponseable](t)(principal.AppRoleAssignedTo().Get(t.Context(), nil))
	if len(assigned.GetValue()) != 2 {
		t.Errorf("%d assignments, want 2", len(assigned.GetValue()))
	}
}

func onDemand(t *testing.T, job *serviceprincipals.ItemSynchronizationJobsSynchronizationJobItemRequestBuilder, rule, user string) {
	t.Helper()
	subject := models.NewSynchronizationJobSubject()
	subject.SetObjectId(&user)
	subject.SetObjectTypeName(new("User"))
	parameters := models.NewSynchronizationJobApplicationParameters()
	parameters.SetRuleId(&rule)
	parameters.SetSubjects([]models.SynchronizationJobSubjectable{subject})
	body := serviceprincipals.NewItemSynchronizationJobsItemProvisionOnDemandPostRequestBody()
	body.SetParameters([]models.SynchronizationJobApplicationParametersable{parameters})
	outcome := must[models.StringKeyStringValuePairable](t)(job.ProvisionOnDemand().Post(t.Context(), body, nil))
	if *outcome.GetKey() == "" || *outcome.GetValue() == "" {
		t.Errorf("the outcome is empty")
	}
}

// TestErrorsAreTheSDKs: what the simulator refuses arrives as the SDK's own error.
func TestErrorsAreTheSDKs(t *testing.T) {
	sim := start(t)
	principals := serviceprincipals.NewServicePrincipalsRequestBuilderInternal(map[string]string{}, adapter(t, sim))
	_, err := principals.ByServicePrincipalId(uuid.NewString()).Get(t.Context(), nil)
	var refused *odataerrors.ODataError
	if !errors.As(err, &refused) || refused.ResponseStatusCode != http.StatusNotFound || *refused.GetErrorEscaped().GetCode() != "Request_ResourceNotFound" {
		t.Errorf("%v, want a 404 of the SDK", err)
	}
	inner := refused.GetErrorEscaped().GetInnerError()
	if inner == nil || inner.GetRequestId() == nil || inner.GetDate() == nil {
		t.Error("the error names neither request nor date")
	}
}
