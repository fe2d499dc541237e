package graph

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/fault"
)

const (
	// conflictWait is for changes that another request or replication is in the middle of.
	conflictWait = 10 * time.Second
	// replicationWait is for what is not everywhere yet: seconds to minutes.
	replicationWait = 15 * time.Second
)

// rule says what class an answer has. The first rule that matches counts.
type rule struct {
	matches func(operation, *entra.Error) bool
	class   func(operation, *entra.Error) error
}

// rules are the codes per call of Graph, from the special to the general.
var rules = []rule{
	{status(0), retryable(entra.ReasonGraphUnreachable)},
	{status(http.StatusTooManyRequests), throttled},
	{func(_ operation, e *entra.Error) bool {
		return e.Status == http.StatusServiceUnavailable && e.RetryAfter > 0
	}, throttled},
	{status(http.StatusUnauthorized).and(code("InvalidAuthenticationToken")), retryable(entra.ReasonTokenRefused)},
	// A young service principal answers this way for minutes, and one without permission forever: only the caller knows its age.
	{synchronization.and(status(http.StatusUnauthorized, http.StatusForbidden)), waiting(entra.ReasonSynchronizationDenied, replicationWait)},
	{status(http.StatusUnauthorized), retryable(entra.ReasonTokenRefused)},
	{status(http.StatusForbidden), permissionMissing},
	{status(http.StatusNotFound), retryable(entra.ReasonNotFound)},
	{status(http.StatusConflict, http.StatusLocked), waiting(entra.ReasonConflict, conflictWait)},
	{status(http.StatusInternalServerError).and(synchronization).and(message("Requested value '")), terminal(entra.ReasonRequestRefused)},
	{func(_ operation, e *entra.Error) bool {
		return e.Status >= http.StatusInternalServerError || e.Status == http.StatusRequestTimeout
	}, retryable(entra.ReasonServerError)},
	{func(op operation, e *entra.Error) bool { return op.callsEndpoint && entra.IsCredentialProblem(e) }, terminal(entra.ReasonCredentialsRejected)},
	// What was just written is not everywhere yet.
	{status(http.StatusBadRequest).and(code("CredentialsMissing")), waiting(entra.ReasonReplicating, replicationWait)},
	{status(http.StatusBadRequest).and(message("does not reference a valid application object")), waiting(entra.ReasonReplicating, replicationWait)},
	// The service principal shows an application's new roles only after a while.
	{status(http.StatusBadRequest).and(message("not found on application")), waiting(entra.ReasonReplicating, replicationWait)},
	{anything, terminal(entra.ReasonRequestRefused)},
}

// translate turns an error of the SDK, of azidentity or of the transport into an
// *entra.Error with a class. Nil stays nil.
func translate(op operation, err error) error {
	if err == nil {
		return nil
	}
	if op.caller && isCLI(err) {
		return fault.NewTerminal(entra.ReasonCredentialsInvalid, &entra.Error{Operation: op.doing, Err: callerUnknown(err), NotSent: true})
	}
	if failed, ok := errors.AsType[*azidentity.AuthenticationFailedError](err); ok {
		return translateToken(op, failed)
	}
	e := &entra.Error{Operation: op.doing, Err: withoutURL(err)}
	if a, ok := errors.AsType[*answer](err); ok {
		e = errorOf(op, a)
	}
	if op.callsEndpoint {
		e.Message = embeddedAnswer(e.Message)
	}
	conceal(op, e)
	return classify(op, e)
}

// withoutURL drops the address from a transport's error: a filter in it names people.
func withoutURL(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		return e.Err
	}
	return err
}

func classify(op operation, e *entra.Error) error {
	for _, r := range rules {
		if r.matches(op, e) {
			return r.class(op, e)
		}
	}
	return e
}

type matcher func(operation, *entra.Error) bool

func (m matcher) and(n matcher) matcher {
	return func(op operation, e *entra.Error) bool { return m(op, e) && n(op, e) }
}

func anything(operation, *entra.Error) bool { return true }

var synchronization matcher = func(op operation, _ *entra.Error) bool { return op.synchronization }

func status(codes ...int) matcher {
	return func(_ operation, e *entra.Error) bool { return slices.Contains(codes, e.Status) }
}

func code(want string) matcher {
	return func(_ operation, e *entra.Error) bool { return e.Code == want }
}

func message(part string) matcher {
	return func(_ operation, e *entra.Error) bool { return strings.Contains(e.Message, part) }
}

func retryable(reason string) func(operation, *entra.Error) error {
	return func(_ operation, e *entra.Error) error { return fault.NewRetryable(reason, e) }
}

func terminal(reason string) func(operation, *entra.Error) error {
	return func(_ operation, e *entra.Error) error { return fault.NewTerminal(reason, e) }
}

func waiting(reason string, after time.Duration) func(operation, *entra.Error) error {
	return func(_ operation, e *entra.Error) error { return fault.NewWaiting(reason, after, e) }
}

func throttled(_ operation, e *entra.Error) error {
	return fault.NewThrottled(entra.ReasonThrottled, e.RetryAfter, e)
}

func permissionMissing(op operation, e *entra.Error) error {
	if op.caller {
		return fault.NewTerminal(entra.ReasonPermissionMissing, callerDenied(op, e))
	}
	return fault.NewTerminal(entra.ReasonPermissionMissing, fmt.Errorf("%w; grant %s as an application permission to the client in the "+
		"EntraTenant's spec.credentials and have an administrator consent to it", e, op.permission))
}
