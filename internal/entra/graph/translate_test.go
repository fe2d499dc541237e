package graph

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/fault"
)

const syncfabric404 = `{"error":{"code":"UnknownError","message":"{\"Message\":\"No HTTP resource was found that matches the request URI 'https://syncfabric.windowsazure.com/api/servicePrincipals('1')/synchronization/jobs('2')/schema?api-version=2.0'.\"}","innerError":{}}}`

const refusedByEndpoint = "We received this unexpected response from your application: Received response from Web resource. Resource: " +
	"https://scim.example.com/scim/Users?filter=userName+eq+%2200000000-0000-0000-0000-000000000000%22 Operation: GET Response Status Code: Unauthorized " +
	"Response Headers: Set-Cookie: session=abc Date: Mon, 01 Jan 2024 10:00:00 GMT Response Content: {\"detail\":\"the token t0ken-value is unknown\"}"

func TestTranslate(t *testing.T) {
	tests := map[string]struct {
		op     operation
		reply  reply
		class  fault.Class
		reason string
		after  time.Duration
		// says and conceals are parts that the text must have and must not have.
		says, conceals []string
	}{
		"429 is throttled for as long as Retry-After says": {
			op: opJob, reply: reply{status: 429, header: map[string]string{"Retry-After": "17"}, body: failure(429, "TooManyRequests", "Too many").body},
			class: fault.Throttled, reason: entra.ReasonThrottled, after: 17 * time.Second,
		},
		"429 with Retry-After as a date is relative to the answer's own date": {
			op: opJob, reply: reply{status: 429, header: map[string]string{"Date": "Mon, 01 Jan 2024 10:00:00 GMT", "Retry-After": "Mon, 01 Jan 2024 10:01:30 GMT"}},
			class: fault.Throttled, reason: entra.ReasonThrottled, after: 90 * time.Second,
		},
		"429 without Retry-After leaves the wait to the class": {
			op: opUser, reply: failure(429, "activityLimitReached", "slow"), class: fault.Throttled, reason: entra.ReasonThrottled,
		},
		"503 with Retry-After is throttled too": {
			op: opUser, reply: reply{status: 503, header: map[string]string{"Retry-After": "5"}},
			class: fault.Throttled, reason: entra.ReasonThrottled, after: 5 * time.Second,
		},
		"an expired token is retried, on a synchronization path too": {
			op: opJob, reply: failure(401, "InvalidAuthenticationToken", "Access token has expired or is not yet valid."),
			class: fault.Retryable, reason: entra.ReasonTokenRefused,
		},
		"401 without a message on a synchronization path may be replication": {
			op: opJobs, reply: failure(401, "UnknownError", ""), class: fault.Waiting, reason: entra.ReasonSynchronizationDenied, after: replicationWait,
		},
		"403 on a synchronization path may be replication": {
			op: opCreateJob, reply: failure(403, "Authorization_RequestDenied", "Insufficient privileges"),
			class: fault.Waiting, reason: entra.ReasonSynchronizationDenied, after: replicationWait,
		},
		"401 with an empty body on a synchronization path may be replication": {
			op: opPutSecrets, reply: reply{status: 401}, class: fault.Waiting, reason: entra.ReasonSynchronizationDenied, after: replicationWait,
		},
		"403 elsewhere is a missing permission, which is named": {
			op: opCreateAssignment, reply: failure(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation."),
			class: fault.Terminal, reason: entra.ReasonPermissionMissing,
			says: []string{"AppRoleAssignment.ReadWrite.All", "consent", "spec.credentials", "could not create the assignment", "Insufficient privileges", "9d1e5c2b-0000-0000-0000-00000000000a"},
		},
		"404 is retried and known as not found": {
			op: opApplication, reply: failure(404, "Request_ResourceNotFound", "Resource 'x' does not exist or one of its queried reference-property objects are not present."),
			class: fault.Retryable, reason: entra.ReasonNotFound,
		},
		"a message that is JSON itself is taken apart": {
			op: opPutSchema, reply: reply{status: 404, body: syncfabric404}, class: fault.Retryable, reason: entra.ReasonNotFound,
			says: []string{": No HTTP resource was found"}, conceals: []string{`{"Message"`},
		},
		"409 waits a little": {
			op: opCreateJob, reply: failure(409, "Conflict", "busy"), class: fault.Waiting, reason: entra.ReasonConflict, after: conflictWait,
		},
		"an application that is not everywhere yet is waited for": {
			op: opCreateAssignment, reply: failure(400, "Request_BadRequest", "The appId 'x' of the service principal does not reference a valid application object."),
			class: fault.Waiting, reason: entra.ReasonReplicating, after: replicationWait,
		},
		"a role that is not everywhere yet is waited for": {
			op: opCreateAssignment, reply: failure(400, "Request_BadRequest", "Permission being assigned was not found on application 'x'."),
			class: fault.Waiting, reason: entra.ReasonReplicating, after: replicationWait,
		},
		"400 on a schema is terminal with Graph's words": {
			op: opPutSchema, reply: failure(400, "BadRequest", "The target attribute 'x' does not exist."), class: fault.Terminal, reason: entra.ReasonRequestRefused,
			says: []string{"could not write the attribute mappings", "The target attribute 'x' does not exist."},
		},
		"a secret too large is terminal with Graph's words": {
			op: opPutSecrets, reply: failure(400, "BadRequest", "Request_InvalidPropertyValue: Size of input ExternalSecret data is invalid. Parameter name: data"),
			class: fault.Terminal, reason: entra.ReasonRequestRefused, says: []string{"Size of input ExternalSecret data is invalid"},
		},
		"a failed validation repeats what the endpoint answered, without headers and without the token": {
			op: opValidate.hiding("t0ken-value"), reply: failure(400, "SystemForCrossDomainIdentityManagementCredentialValidationFailure", refusedByEndpoint),
			class: fault.Terminal, reason: entra.ReasonCredentialsRejected,
			says:     []string{"answered Unauthorized", "GET https://scim.example.com/scim/Users", "the token [hidden] is unknown"},
			conceals: []string{"t0ken-value", "Set-Cookie", "session=abc"},
		},
		"a failed validation without an answer keeps Graph's words": {
			op: opValidate, reply: failure(400, "CredentialValidationUnavailable", "Unable to connect to remote server"),
			class: fault.Terminal, reason: entra.ReasonCredentialsRejected, says: []string{"Unable to connect to remote server"},
		},
		"credentials that are not stored yet are waited for": {
			op: opValidateSaved, reply: failure(400, "CredentialsMissing", "No credentials are saved."),
			class: fault.Waiting, reason: entra.ReasonReplicating, after: replicationWait,
		},
		"a validation that lacks a parameter is our own mistake": {
			op: opValidate, reply: failure(400, "RequestMissingRequiredParameter", "BaseAddress is required"), class: fault.Terminal, reason: entra.ReasonRequestRefused,
		},
		"an unknown secret key is terminal although it is a 500": {
			op: opPutSecrets, reply: failure(500, "InternalError", "Requested value 'TenantId' was not found."),
			class: fault.Terminal, reason: entra.ReasonRequestRefused, says: []string{"Requested value 'TenantId' was not found."},
		},
		"504 is retried": {
			op: opInstantiate, reply: reply{status: 504}, class: fault.Retryable, reason: entra.ReasonServerError,
		},
		"a proxy's page is called one": {
			op: opJob, reply: reply{status: 502, header: map[string]string{"Content-Type": "text/html"}, body: "<html><body>Bad gateway <b>internal detail</b></body></html>"},
			class: fault.Retryable, reason: entra.ReasonServerError, says: []string{"answered 502", "text/html", "proxy"}, conceals: []string{"internal detail"},
		},
		"plain text is repeated": {
			op: opJob, reply: reply{status: 500, body: "upstream\nconnect error"}, class: fault.Retryable, reason: entra.ReasonServerError, says: []string{"upstream connect error"},
		},
		"a redirect is no success": {
			op: opStartJob, reply: reply{status: 302, header: map[string]string{"Location": "https://login.proxy.example.com"}},
			class: fault.Terminal, reason: entra.ReasonRequestRefused, says: []string{"answered 302"},
		},
		"413 is terminal": {
			op: opPutSchema, reply: reply{status: 413}, class: fault.Terminal, reason: entra.ReasonRequestRefused,
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			header := http.Header{}
			for k, v := range tc.reply.header {
				header.Set(k, v)
			}
			err := translate(tc.op, fmt.Errorf("in the SDK: %w", &answer{status: tc.reply.status, header: header, body: []byte(tc.reply.body)}))
			if got := fault.ClassOf(err); got != tc.class {
				t.Errorf("class %v, want %v", got, tc.class)
			}
			if got := fault.ReasonOf(err, ""); got != tc.reason {
				t.Errorf("reason %q, want %q", got, tc.reason)
			}
			if got := fault.AfterOf(err); got != tc.after {
				t.Errorf("after %v, want %v", got, tc.after)
			}
			var e *entra.Error
			if !errors.As(err, &e) || e.Status != tc.reply.status {
				t.Fatalf("no *entra.Error with status %d in %v", tc.reply.status, err)
			}
			expectText(t, err.Error(), tc.says, tc.conceals)
		})
	}
}

func expectText(t *testing.T, text string, says, conceals []string) {
	t.Helper()
	for _, part := range says {
		if !strings.Contains(text, part) {
			t.Errorf("%q does not say %q", text, part)
		}
	}
	for _, part := range conceals {
		if strings.Contains(text, part) {
			t.Errorf("%q gives %q away", text, part)
		}
	}
}

func TestTranslateOfTransportErrors(t *testing.T) {
	err := translate(opUserByPrincipalName, &url.Error{Op: "Get", URL: "https://graph.example.com/v1.0/users?$filter=userPrincipalName%20eq%20'jane@contoso.com'", Err: context.DeadlineExceeded})
	if fault.ClassOf(err) != fault.Retryable || !errors.Is(err, context.DeadlineExceeded) || !entra.Unclear(err) {
		t.Errorf("a timeout is retryable, unclear and a timeout still; got %v", err)
	}
	expectText(t, err.Error(), []string{"could not find the user"}, []string{"jane@contoso.com"})
	if translate(opUser, nil) != nil {
		t.Error("success became an error")
	}
}

func TestErrorOf(t *testing.T) {
	e := errorOf(opJob, &answer{status: 404, header: http.Header{}, body: []byte(failure(404, "ResourceNotFound", "gone").body)})
	if want := time.Date(2024, 1, 1, 10, 0, 0, 0, time.UTC); !e.Date.Equal(want) || e.RequestID != "9d1e5c2b-0000-0000-0000-00000000000a" {
		t.Errorf("date %v and request ID %q are not those of innerError", e.Date, e.RequestID)
	}
	e = errorOf(opJob, &answer{status: 404, header: http.Header{"Request-Id": {"from-header"}, "Date": {"Mon, 01 Jan 2024 11:00:00 GMT"}}})
	if want := time.Date(2024, 1, 1, 11, 0, 0, 0, time.UTC); !e.Date.Equal(want) || e.RequestID != "from-header" {
		t.Errorf("date %v and request ID %q are not those of the headers", e.Date, e.RequestID)
	}
	if long := errorOf(opJob, &answer{status: 500, header: http.Header{}, body: []byte(strings.Repeat("x", 5000))}); len(long.Message) > messageLimit+3 {
		t.Errorf("a message of %d bytes is no condition's", len(long.Message))
	}
}
