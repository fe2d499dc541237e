package endpoint_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/scim-operator/scim-operator/internal/scim/auth"
	"github.com/scim-operator/scim-operator/internal/scim/endpoint"
	"github.com/scim-operator/scim-operator/internal/scim/scimtest"
)

// slowBody is a request body that says when the server begins to read it and goes on when it is told to.
type slowBody struct {
	begun, finish chan struct{}
	once          sync.Once
	rest          io.Reader
}

func (b *slowBody) Read(p []byte) (int, error) {
	b.once.Do(func() { close(b.begun) })
	<-b.finish
	return b.rest.Read(p)
}

func TestShutdownLetsRequestsInFlightEnd(t *testing.T) {
	folder := t.TempDir()
	token, hashes := auth.NewToken(), filepath.Join(folder, "hashes")
	scimtest.WriteFile(t, hashes, auth.HashOf(token).String())
	running, err := endpoint.Start(t.Context(), endpoint.Options{
		Listen: "127.0.0.1:0", ManagementListen: "127.0.0.1:0", BasePath: "/scim/v2", Store: "sqlite://" + folder + "/scim.db",
		TokenHashes: hashes, Dialect: "entra", Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	body := &slowBody{begun: make(chan struct{}), finish: make(chan struct{}), rest: strings.NewReader(`{"userName":"ann"}`)}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, running.URL()+"/Users", body)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	// The client sends the body only when the handler reads it, so begun means that the request is in flight.
	request.Header.Set("Expect", "100-continue")
	client := &http.Client{Transport: &http.Transport{ExpectContinueTimeout: time.Minute}}
	answered := make(chan int, 1)
	go func() {
		response, err := client.Do(request)
		if err != nil {
			answered <- 0
			return
		}
		_ = response.Body.Close()
		answered <- response.StatusCode
	}()
	<-body.begun
	stopped := make(chan error, 1)
	go func() { stopped <- running.Shutdown(context.WithoutCancel(t.Context())) }()
	scimtest.Eventually(t, "readiness fails", func() bool {
		code, _ := get(t, "http://"+running.ManagementAddr()+"/readyz", "")
		return code == http.StatusServiceUnavailable
	})
	close(body.finish)
	if status := <-answered; status != http.StatusCreated {
		t.Errorf("the request in flight: %d, want 201", status)
	}
	if err := <-stopped; err != nil {
		t.Errorf("shutting down: %v", err)
	}
}

// lockedBuffer is written by the server and read by the test.
type lockedBuffer struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.String()
}

func TestX16LogsTellWhoDidWhatWithoutValuesOrTokens(t *testing.T) {
	var log lockedBuffer
	e := scimtest.Start(t, func(o *endpoint.Options) { o.Log = slog.New(slog.NewJSONHandler(&log, nil)) })
	if code, body := postUser(t, e, `{"userName":"marker-user","title":"marker-title"}`); code != 201 {
		t.Fatalf("POST: %d %s", code, body)
	}
	get(t, e.URL+"/Users?filter=userName+eq+%22marker-filter%22", e.Token)
	get(t, e.URL+"/Users?filter=marker-broken", e.Token)
	get(t, e.URL+"/marker-path", e.Token)
	get(t, e.URL+"/Users", "marker-token")
	scimtest.Eventually(t, "the last request is logged", func() bool { return strings.Contains(log.String(), `"status":401`) })
	text := log.String()
	for _, secret := range []string{"marker", e.Token, strings.TrimPrefix(e.Token, auth.TokenPrefix)} {
		if strings.Contains(text, secret) {
			t.Errorf("the log holds a value, a path or a token (%.6s…)", secret)
		}
	}
	for _, fragment := range []string{`"msg":"audit"`, `"token":"test"`, `"operation":"create"`, `"attributes":["active","title","userName"]`, `"route":"/Users"`, `"requestID":"`} {
		if !strings.Contains(text, fragment) {
			t.Errorf("the log lacks %s:\n%s", fragment, text)
		}
	}
}
