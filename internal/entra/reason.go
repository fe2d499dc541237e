package entra

import (
	"errors"
	"fmt"

	"github.com/scim-operator/scim-operator/internal/fault"
)

// The reasons of the classified errors that a Directory gives (fault.ReasonOf), spelt as the API spells them where it has
// the same.
const (
	// ReasonThrottled: Graph answered 429, or 503 with Retry-After. Class Throttled.
	ReasonThrottled = "Throttled"
	// ReasonGraphUnreachable: no usable answer from Graph or from the token endpoint. Class Retryable.
	ReasonGraphUnreachable = "GraphUnreachable"
	// ReasonServerError: Graph answered 5xx or 408. Class Retryable.
	ReasonServerError = "GraphServerError"
	// ReasonTokenRefused: Graph answered 401 outside of synchronization. Class Retryable.
	ReasonTokenRefused = "AccessTokenRefused"
	// ReasonCredentialsInvalid: the token endpoint refuses the EntraTenant's credentials. Class Terminal.
	ReasonCredentialsInvalid = "CredentialsInvalid"
	// ReasonPermissionMissing: our application lacks a permission. Class Terminal.
	ReasonPermissionMissing = "PermissionMissing"
	// ReasonSynchronizationDenied: 401 or 403 on a synchronization path, which means replication for a young service
	// principal and a missing permission for an old one. Class Waiting; see DeniedForGood.
	ReasonSynchronizationDenied = "SynchronizationDenied"
	// ReasonNotFound: Graph answered 404. Class Retryable: the object may not be replicated yet; see IsNotFound.
	ReasonNotFound = "NotFoundInEntra"
	// ReasonConflict: 409, a concurrent change or replication. Class Waiting.
	ReasonConflict = "Conflict"
	// ReasonReplicating: 400 that stems from an object which is not everywhere yet. Class Waiting.
	ReasonReplicating = "Replicating"
	// ReasonCredentialsRejected: Entra called the SCIM endpoint and refuses its answer. Class Terminal; see IsCredentialProblem.
	ReasonCredentialsRejected = "CredentialsRejected"
	// ReasonRequestRefused: any other 4xx, which the same request would meet again. Class Terminal.
	ReasonRequestRefused = "RequestRefused"
	// ReasonInvalidConnection: the EntraTenant's addresses or credentials cannot be used as they are. Class Terminal.
	ReasonInvalidConnection = "InvalidConnection"
)

// IsSynchronizationDenied is true for a 401 or 403 on a synchronization path that the
// token itself does not explain.
func IsSynchronizationDenied(err error) bool {
	return fault.ReasonOf(err, "") == ReasonSynchronizationDenied
}

// DeniedForGood turns a denied synchronization call into a terminal PermissionMissing
// that names the permission. It is for callers that know the service principal to be
// too old for replication to be the cause (five minutes); other errors stay as they are.
func DeniedForGood(err error) error {
	if !IsSynchronizationDenied(err) {
		return err
	}
	return fault.NewTerminal(ReasonPermissionMissing, fmt.Errorf("%w; %s", err, PermissionAdvice(err)))
}

// PermissionAdvice says in words which application permission to grant, from the
// *Error in err's chain.
func PermissionAdvice(err error) string {
	var e *Error
	if !errors.As(err, &e) || e.Permission == "" {
		return "grant the application permissions of the EntraTenant's client and have an administrator consent to them"
	}
	return fmt.Sprintf("grant %s as an application permission to the client in the EntraTenant's spec.credentials and have an "+
		"administrator consent to it", e.Permission)
}
