package graph

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/fault"
)

const (
	syncPath = "/v1.0/servicePrincipals/" + sp + "/synchronization"
	jobPath1 = syncPath + "/jobs/" + jobID
)

var ref = entra.JobRef{ServicePrincipalID: sp, JobID: jobID}

// freshJob is the documentation's sample, whose interval is .NET's TimeSpan.MaxValue.
const freshJob = `{"@odata.context":"x","id":"` + jobID + `","templateId":"scim",
  "schedule":{"expiration":null,"interval":"P10675199DT2H48M5.4775807S","state":"Disabled"},
  "status":{"code":"NotConfigured","countSuccessiveCompleteFailures":0,"escrowsPruned":false,"lastExecution":null,"lastSuccessfulExecution":null,
    "lastSuccessfulExecutionWithExports":null,"steadyStateFirstAchievedTime":"0001-01-01T00:00:00Z","steadyStateLastAchievedTime":"0001-01-01T00:00:00Z",
    "quarantine":null,"troubleshootingUrl":null,"progress":[],"synchronizedEntryCountByType":[]},
  "synchronizationJobSettings":[{"name":"AzureIngestionAttributeOptimization","value":"False"}]}`

const quarantinedJob = `{"id":"` + jobID + `","templateId":"scim","schedule":{"expiration":"","interval":"PT40M","state":"Active"},
  "status":{"code":"Quarantine","countSuccessiveCompleteFailures":1,
    "lastExecution":{"activityIdentifier":"act","state":"Failed","timeBegan":"2024-01-01T12:00:00+02:00","timeEnded":"","countEntitled":4,"countEntitledForProvisioning":3,
      "countEscrowed":2,"countEscrowedRaw":5,"countExported":1,"countExports":7,"countImported":6,"countImportedDeltas":8,"countImportedReferenceDeltas":9,
      "error":{"code":"SystemForCrossDomainIdentityManagementInvalidCredentials","message":"Please provide a valid tenant URL for your application.","tenantActionable":true}},
    "quarantine":{"currentBegan":"2024-01-01T10:00:00Z","nextAttempt":"2024-01-01T10:05:00Z","reason":"AReasonOfTomorrow","seriesBegan":"2024-01-01T09:00:00Z","seriesCount":2,
      "error":{"code":"c","message":"m","tenantActionable":false}},
    "steadyStateFirstAchievedTime":"2023-12-31T10:00:00Z",
    "synchronizedEntryCountByType":[{"key":"User to urn:ietf:params:scim:schemas:extension:enterprise:2.0:User","value":12}]}}`

func TestJobs(t *testing.T) {
	s := newStub(t, map[string][]reply{
		"GET " + syncPath + "/templates": ok(`{"value":[{"id":"scim","default":true,"schema":{"id":"scim.0"},"metadata":[{"key":"galleryApplicationKey","value":"x"}]},{"id":"customappsso"}]}`),
		"GET " + syncPath + "/jobs":      {{status: 200, body: `{"value":[]}`}, {status: 200, body: `{"value":[` + freshJob + `]}`}},
		"POST " + syncPath + "/jobs":     {{status: http.StatusCreated, body: freshJob}},
		"GET " + jobPath1:                ok(quarantinedJob),
		"POST " + jobPath1 + "/start":    noContent(),
		"POST " + jobPath1 + "/pause":    noContent(),
		"POST " + jobPath1 + "/restart":  noContent(),
	})
	d := s.connect(Options{})
	templates, err := d.Templates(t.Context(), sp)
	if diff := cmp.Diff([]string{"scim", "customappsso"}, templates); err != nil || diff != "" {
		t.Error(err, diff)
	}
	none, err := d.Jobs(t.Context(), sp)
	if err != nil || len(none) != 0 {
		t.Error(none, err)
	}
	fresh := entra.Job{ID: jobID, TemplateID: "scim", Schedule: entra.ScheduleDisabled, Code: entra.CodeNotConfigured}
	created, err := d.CreateJob(t.Context(), sp, "scim")
	if diff := cmp.Diff(fresh, created); err != nil || diff != "" {
		t.Error(err, diff)
	}
	one, err := d.Jobs(t.Context(), sp)
	if diff := cmp.Diff([]entra.Job{fresh}, one); err != nil || diff != "" {
		t.Error(err, diff)
	}
	at := func(hour, minute int) time.Time { return time.Date(2024, 1, 1, hour, minute, 0, 0, time.UTC) }
	steady := time.Date(2023, 12, 31, 10, 0, 0, 0, time.UTC)
	want := entra.Job{
		ID: jobID, TemplateID: "scim", Schedule: entra.ScheduleActive, Code: entra.CodeQuarantine, SteadySince: &steady,
		LastExecution: &entra.Execution{
			ActivityID: "act", State: "Failed", Began: at(10, 0), Entitled: 4, EntitledToExport: 3, Imported: 6, Escrowed: 2, Exported: 1, ExportedEntryOps: 7, ImportedDeltas: 8, ImportedRefDeltas: 9,
			Error: &entra.JobError{Code: "SystemForCrossDomainIdentityManagementInvalidCredentials", Message: "Please provide a valid tenant URL for your application.", TenantActionable: true},
		},
		Quarantine: &entra.Quarantine{
			Reason: "AReasonOfTomorrow", Began: at(10, 0), SeriesBegan: at(9, 0), SeriesCount: 2, NextAttempt: at(10, 5), Error: &entra.JobError{Code: "c", Message: "m"},
		},
		Entries: map[string]int64{"User to urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": 12},
	}
	got, err := d.Job(t.Context(), ref)
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Error(err, diff)
	}
	if err := d.StartJob(t.Context(), ref); err != nil {
		t.Error(err)
	}
	if err := d.PauseJob(t.Context(), ref); err != nil {
		t.Error(err)
	}
	if err := d.RestartJob(t.Context(), ref, entra.RestartFull); err != nil {
		t.Error(err)
	}
	all := s.requests()
	if got := compact(all[2].Body); got != `{"templateId":"scim"}` {
		t.Errorf("body %s", got)
	}
	if got := compact(all[len(all)-1].Body); got != `{"criteria":{"resetScope":"Full"}}` {
		t.Errorf("body of the restart %s", got)
	}
}

func TestSecrets(t *testing.T) {
	s := newStub(t, map[string][]reply{
		"GET " + syncPath + "/secrets": ok(`{"value":[{"key":"BaseAddress","value":"https://scim.example.com/scim"},{"key":"SecretToken","value":"*"},{"key":"SyncAll","value":null}]}`),
		"PUT " + syncPath + "/secrets": noContent(),
		"POST " + jobPath1 + "/validateCredentials": {
			{status: 204}, {status: 204},
			failure(400, "CredentialValidationUnavailable", refusedByEndpoint),
		},
	})
	d := s.connect(Options{})
	stored, err := d.Secrets(t.Context(), sp)
	if diff := cmp.Diff(entra.Secrets{entra.SecretBaseAddress: "https://scim.example.com/scim", entra.SecretToken: "*", entra.SecretSyncAll: ""}, stored); err != nil || diff != "" {
		t.Error(err, diff)
	}
	set := entra.Secrets{
		entra.SecretToken: "t0ken-value", entra.SecretBaseAddress: "https://scim.example.com/scim?a=1&b=2", entra.SecretSyncAll: "false",
		entra.SecretSyncNotificationSettings: `{"Enabled":true}`, entra.SecretSkipOutOfScopeDeletions: "",
	}
	if err := d.PutSecrets(t.Context(), sp, set); err != nil {
		t.Error(err)
	}
	if err := d.ValidateCredentials(t.Context(), ref, entra.Secrets{entra.SecretToken: "t0ken-value", entra.SecretBaseAddress: "https://scim.example.com/scim"}); err != nil {
		t.Error(err)
	}
	if err := d.ValidateSavedCredentials(t.Context(), ref); err != nil {
		t.Error(err)
	}
	s.expectRequests(
		seen{Method: "GET", Path: syncPath + "/secrets"},
		seen{Method: "PUT", Path: syncPath + "/secrets", Body: `{"value":[{"key":"BaseAddress","value":"https://scim.example.com/scim?a=1&b=2"},{"key":"SecretToken","value":"t0ken-value"},
			{"key":"SkipOutOfScopeDeletions","value":""},{"key":"SyncAll","value":"false"},{"key":"SyncNotificationSettings","value":"{\"Enabled\":true}"}]}`},
		seen{Method: "POST", Path: jobPath1 + "/validateCredentials", Body: `{"credentials":[{"key":"BaseAddress","value":"https://scim.example.com/scim"},{"key":"SecretToken","value":"t0ken-value"}]}`},
		seen{Method: "POST", Path: jobPath1 + "/validateCredentials", Body: `{"useSavedCredentials":true}`},
	)
	err = d.ValidateCredentials(t.Context(), ref, entra.Secrets{entra.SecretToken: "t0ken-value"})
	if !entra.IsCredentialProblem(err) || fault.ClassOf(err) != fault.Terminal {
		t.Fatalf("the endpoint is to blame: %v", err)
	}
	expectText(t, err.Error(), []string{"answered Unauthorized"}, []string{"t0ken-value"})
}

func TestSchema(t *testing.T) {
	schema := `{"@odata.context":"x","id":"` + jobID + `","version":"Date:2019","unknown":{"kept":12345678901234567890},"synchronizationRules":[{"objectMappings":[{"flowTypes":"Add, Update, Delete"}]}]}`
	s := newStub(t, map[string][]reply{
		"GET " + syncPath + "/templates/scim/schema": ok(schema),
		"GET " + jobPath1 + "/schema":                {{status: 200, body: schema}, {status: 200, body: `{"id":`}},
		"PUT " + jobPath1 + "/schema":                noContent(),
		"POST " + jobPath1 + "/schema/parseExpression": {
			{status: 200, body: `{"error":null,"parsingSucceeded":true,"evaluationSucceeded":true,"evaluationResult":["x"],"parsedExpression":{"expression":"Not([IsSoftDeleted])","name":"Not","type":"Function","parameters":[]}}`},
			{status: 200, body: `{"error":{"code":"Bad","message":"unexpected ')' at 4","tenantActionable":true},"parsingSucceeded":false,"parsedExpression":null}`},
		},
	})
	d := s.connect(Options{})
	for _, read := range []func() (got []byte, err error){
		func() ([]byte, error) { return d.TemplateSchema(t.Context(), sp, "scim") },
		func() ([]byte, error) { return d.Schema(t.Context(), ref) },
	} {
		got, err := read()
		if err != nil || string(got) != schema {
			t.Errorf("a schema is given as it came; got %s, %v", got, err)
		}
	}
	if _, err := d.Schema(t.Context(), ref); fault.ClassOf(err) != fault.Retryable || err == nil {
		t.Errorf("half a schema is an error: %v", err)
	}
	if err := d.PutSchema(t.Context(), ref, []byte(schema)); err != nil {
		t.Error(err)
	}
	if got := s.requests()[3].Body; got != schema {
		t.Errorf("a schema is sent as it was given; got %s", got)
	}
	parsed, err := d.ParseExpression(t.Context(), ref, "Not([IsSoftDeleted])")
	want := entra.ParsedExpression{Succeeded: true, Source: []byte(`{"expression":"Not([IsSoftDeleted])","name":"Not","type":"Function","parameters":[]}`)}
	if diff := cmp.Diff(want, parsed); err != nil || diff != "" {
		t.Error(err, diff)
	}
	refused, err := d.ParseExpression(t.Context(), ref, "Not()")
	if diff := cmp.Diff(entra.ParsedExpression{Message: "unexpected ')' at 4"}, refused); err != nil || diff != "" {
		t.Error(err, diff)
	}
}
