package graph

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/fault"
)

func TestWritten(t *testing.T) {
	const (
		path  = "/v1.0/auditLogs/provisioning"
		first = `{"value":[
  {"provisioningAction":"create","provisioningStatusInfo":{"status":"success"},"modifiedProperties":[{"displayName":"active","oldValue":null,"newValue":"False"}]},
  {"provisioningAction":"Disable","provisioningStatusInfo":{"status":"Success"}},
  {"provisioningAction":"delete","provisioningStatusInfo":{"status":"success"}},
  {"provisioningAction":"update","provisioningStatusInfo":{"status":"success"},"modifiedProperties":[{"displayName":"active","newValue":"False"},{"displayName":"title","newValue":"x"}]},
  {"provisioningAction":"update","provisioningStatusInfo":{"status":"success"},"modifiedProperties":[{"displayName":"active","newValue":false}]}`
		second = `{"value":[
  {"provisioningAction":"update","provisioningStatusInfo":{"status":"success"},"modifiedProperties":[{"displayName":"active","newValue":"True"}]},
  {"provisioningAction":"disable","provisioningStatusInfo":{"status":"failure"}},
  {"provisioningAction":"disable","provisioningStatusInfo":{"status":"skipped"}},
  {"provisioningAction":"stagedDelete","provisioningStatusInfo":{"status":"success"}},
  {"provisioningAction":"other","provisioningStatusInfo":{"status":"success"}}]}`
	)
	s := newStub(t, nil)
	s.replies = map[string][]reply{
		"GET " + path:             ok(first + `],"@odata.nextLink":"` + s.server.URL + path + `?page=2"}`),
		"GET " + path + "?page=2": ok(second),
	}
	from := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	got, err := s.connect(Options{}).Written(t.Context(), ref, from, from.Add(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(entra.Written{Entries: 6, Disabled: 4}, got); diff != "" {
		t.Errorf("written (-want +got):\n%s", diff)
	}
	want := map[string]string{
		"$filter": "jobId eq '" + jobID + "' and activityDateTime ge 2026-11-25T12:00:00Z and activityDateTime le 2026-11-25T12:01:01Z", "$top": "999",
	}
	if diff := cmp.Diff(want, s.calls[0].Query); diff != "" {
		t.Errorf("the query (-want +got):\n%s", diff)
	}
}

func TestWithoutTheRightToReadTheLog(t *testing.T) {
	s := newStub(t, map[string][]reply{"GET /v1.0/auditLogs/provisioning": {{status: 403, body: `{"error":{"code":"Authorization_RequestDenied","message":"no"}}`}}})
	_, err := s.connect(Options{}).Written(t.Context(), ref, time.Now(), time.Now())
	if fault.ClassOf(err) != fault.Terminal || fault.ReasonOf(err, "") != entra.ReasonPermissionMissing {
		t.Errorf("the error is %v of class %s, want a missing permission", err, fault.ClassOf(err))
	}
}
