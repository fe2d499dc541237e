package story

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestAFailureSaysWhatWasExpectedAndShowsTheState(t *testing.T) {
	simulator := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `[{"sequence": 7, "time": "2026-01-02T03:04:05Z", "method": "PUT", "path": "/v1.0/x", "status": 400}]`)
	}))
	defer simulator.Close()
	var told bytes.Buffer
	reached := false
	err := New(Env{
		SimulatorURL: simulator.URL,
		Kubectl: func(_ context.Context, _ string, arguments ...string) (string, error) {
			return "answer to " + arguments[0], nil
		},
		Out: &told,
	}).Run(t.Context(), 4, []Step{
		{"a step that works", func(context.Context, *teller) error { return nil }},
		{"a step that does not", func(context.Context, *teller) error { return expectation("one job", "%w", errors.New("two")) }},
		{"a step after it", func(context.Context, *teller) error { reached = true; return nil }},
	}...)
	if err == nil || reached {
		t.Fatalf("error = %v, next step reached: %t", err, reached)
	}
	for _, want := range []string{"step 5, a step that does not", "expected: one job", "seen:     two", "answer to describe", "answer to get", "PUT /v1.0/x"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error lacks %q:\n%v", want, err)
		}
	}
	if !strings.Contains(told.String(), "4. a step that works") {
		t.Errorf("told:\n%s", told.String())
	}
}
