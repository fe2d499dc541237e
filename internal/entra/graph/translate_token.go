package graph

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/fault"
)

// refusals are what the token endpoint says when a person has to act, each with the
// field of the EntraTenant and the remedy (Microsoft Entra authentication error codes).
var refusals = map[string]string{
	"AADSTS7000215": "spec.credentials.clientSecret of the EntraTenant: Entra refuses the client secret. Put the secret's value, not its ID, into the Secret that secretRef names",
	"AADSTS7000222": "spec.credentials.clientSecret of the EntraTenant: the client secret has expired. Make a new one on the app registration and put its value into the Secret that secretRef names",
	"AADSTS700016":  "spec.credentials of the EntraTenant: no application with this clientID exists in the directory of spec.tenantID. Correct one of the two, or have an administrator consent to the application there",
	"AADSTS7000112": "spec.credentials of the EntraTenant: the application with this clientID is disabled in the directory. Enable its service principal",
	"AADSTS90002":   "spec.tenantID of the EntraTenant: Entra knows no directory with this ID. Correct it, or spec.cloud if the directory is in another cloud",
	"AADSTS900023":  "spec.tenantID of the EntraTenant: this is not the ID of a directory. Correct it",
	"AADSTS70021":   federationRemedy,
	"AADSTS700211":  federationRemedy,
	"AADSTS700212":  federationRemedy,
	"AADSTS700213":  federationRemedy,
	"AADSTS53003":   "spec.credentials of the EntraTenant: a Conditional Access policy blocks this client. Exclude it from the policy or allow the cluster's addresses",
}

const federationRemedy = "spec.credentials.workloadIdentity of the EntraTenant: the app registration has no federated credential that matches the operator's service account token. " +
	"Add one whose issuer, subject and audience are those of the token (audience api://AzureADTokenExchange)"

var aadstsCode = regexp.MustCompile(`^(AADSTS\d+): ?`)

// translateToken classifies a failure to get an access token. Graph never saw the
// request, so nothing can have happened there.
func translateToken(op operation, failed *azidentity.AuthenticationFailedError) error {
	e := &entra.Error{Operation: op.doing + ": get an access token", NotSent: true}
	if failed.RawResponse == nil {
		e.Err = failed
		return fault.NewRetryable(entra.ReasonGraphUnreachable, e)
	}
	body, err := runtime.Payload(failed.RawResponse)
	if err != nil {
		e.Err = fmt.Errorf("reading the token endpoint's answer: %w", err)
		return fault.NewRetryable(entra.ReasonGraphUnreachable, e)
	}
	e = errorOf(op, &answer{status: failed.RawResponse.StatusCode, header: failed.RawResponse.Header, body: body})
	e.Operation, e.NotSent = op.doing+": get an access token", true
	if m := aadstsCode.FindStringSubmatch(e.Message); m != nil {
		e.Code = m[1]
		e.Message = firstSentence(strings.TrimPrefix(e.Message, m[0]))
	}
	if op.caller && e.Status < http.StatusInternalServerError && e.Status != http.StatusTooManyRequests {
		return fault.NewTerminal(entra.ReasonCredentialsInvalid, callerRefused(e))
	}
	if remedy, ok := refusals[e.Code]; ok {
		return fault.NewTerminal(entra.ReasonCredentialsInvalid, fmt.Errorf("%s: %w", remedy, e))
	}
	switch {
	case e.Status == http.StatusTooManyRequests:
		return throttled(op, e)
	case e.Status >= http.StatusInternalServerError || e.Status == http.StatusRequestTimeout || e.Code == "temporarily_unavailable":
		return fault.NewRetryable(entra.ReasonServerError, e)
	default:
		return fault.NewTerminal(entra.ReasonCredentialsInvalid, fmt.Errorf("spec.credentials of the EntraTenant: Entra refuses them: %w", e))
	}
}

// firstSentence leaves out the trace IDs and time that follow it.
func firstSentence(s string) string {
	if i := strings.Index(s, ". "); i >= 0 {
		return s[:i+1]
	}
	return s
}
