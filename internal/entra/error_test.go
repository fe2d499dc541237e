package entra

import (
	"context"
	"errors"
	"fmt"
	"testing"
)

func TestErrorText(t *testing.T) {
	tests := map[string]struct {
		err  Error
		want string
	}{
		"an answer is given with status, code, message and request ID": {
			Error{Operation: "could not create the provisioning job", Status: 403, Code: "Forbidden", Message: "No.", RequestID: "r-1"},
			"could not create the provisioning job: Entra answered 403 Forbidden: No. (request-id r-1)",
		},
		"an answer without a body is given by its status alone": {
			Error{Operation: "could not list the jobs", Status: 401},
			"could not list the jobs: Entra answered 401",
		},
		"no answer is given with the cause": {
			Error{Operation: "could not list the jobs", Err: context.DeadlineExceeded},
			"could not list the jobs: no usable answer: context deadline exceeded",
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if got := tc.err.Error(); got != tc.want {
				t.Errorf("Error() = %q, want %q", got, tc.want)
			}
		})
	}
}

func TestErrorUnwraps(t *testing.T) {
	err := fmt.Errorf("saving: %w", &Error{Operation: "could not save", Err: context.Canceled})
	if !errors.Is(err, context.Canceled) {
		t.Error("the transport's error is not in the chain")
	}
}

func TestUnclear(t *testing.T) {
	wrapped := func(e Error) error { return fmt.Errorf("creating the application: %w", &e) }
	tests := map[string]struct {
		err  error
		want bool
	}{
		"success is clear":                                             {nil, false},
		"a lost answer is unclear":                                     {wrapped(Error{Err: context.DeadlineExceeded}), true},
		"a request that never left is clear":                           {wrapped(Error{NotSent: true, Err: context.DeadlineExceeded}), false},
		"a 404 to a creation is unclear, for Graph may have created":   {wrapped(Error{Status: 404}), true},
		"a 500 is unclear":                                             {wrapped(Error{Status: 500}), true},
		"a 503 is unclear":                                             {wrapped(Error{Status: 503}), true},
		"a 400 is clear":                                               {wrapped(Error{Status: 400}), false},
		"a 403 is clear":                                               {wrapped(Error{Status: 403}), false},
		"a 429 is clear, for nothing was done":                         {wrapped(Error{Status: 429}), false},
		"an error that is not of the port is unclear, to be careful":   {errors.New("something"), true},
		"an interrupted call is unclear, whoever reports it":           {context.Canceled, true},
		"a refused request stays clear though its cause is in the way": {wrapped(Error{Status: 409, Err: errors.New("cause")}), false},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if got := Unclear(tc.err); got != tc.want {
				t.Errorf("Unclear(%v) = %t, want %t", tc.err, got, tc.want)
			}
		})
	}
}

func TestIsNotFound(t *testing.T) {
	tests := map[string]struct {
		err  error
		want bool
	}{
		"a 404 in the chain":             {fmt.Errorf("reading: %w", &Error{Status: 404}), true},
		"another status":                 {&Error{Status: 410}, false},
		"an error that is not of Graph":  {errors.New("not found"), false},
		"no error":                       {nil, false},
		"no answer, so nothing is known": {&Error{Err: context.Canceled}, false},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if got := IsNotFound(tc.err); got != tc.want {
				t.Errorf("IsNotFound(%v) = %t, want %t", tc.err, got, tc.want)
			}
		})
	}
}

func TestIsCredentialProblem(t *testing.T) {
	tests := map[string]struct {
		err  error
		want bool
	}{
		"a token that the endpoint refuses":          {&Error{Status: 400, Code: "SystemForCrossDomainIdentityManagementInvalidCredentials"}, true},
		"credentials that cannot be validated":       {&Error{Status: 400, Code: "CredentialValidationUnavailable"}, true},
		"the same code in a chain":                   {fmt.Errorf("validating: %w", &Error{Status: 400, Code: "InvalidCredentials"}), true},
		"nothing is stored yet":                      {&Error{Status: 400, Code: "CredentialsMissing"}, false},
		"a server error says nothing of the token":   {&Error{Status: 500, Code: "InvalidCredentials"}, false},
		"another refusal":                            {&Error{Status: 400, Code: "InvalidNotificationSettings"}, false},
		"an error of the transport":                  {errors.New("Credential"), false},
		"no answer, though a code would be in there": {&Error{Code: "InvalidCredentials"}, false},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if got := IsCredentialProblem(tc.err); got != tc.want {
				t.Errorf("IsCredentialProblem(%v) = %t, want %t", tc.err, got, tc.want)
			}
		})
	}
}
