// Command load keeps a SCIM endpoint busy from inside the cluster, and tells how many requests failed.
//
// Owns: the constant load of the end-to-end test of a rollout. Never does: repeat a request that failed. Called by:
// test/e2e, as a pod. Calls: nothing but the endpoint.
package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
}

func run() error {
	var l load
	flag.StringVar(&l.url, "url", "", "base of the endpoint")
	flag.StringVar(&l.writeToken, "write-token", "", "file of the token for changes; read before each request")
	flag.StringVar(&l.readToken, "read-token", "", "file of the token for reading; read before each request")
	listen := flag.String("listen", ":8080", "where GET / tells how it went so far")
	workers := flag.Int("workers", 4, "number of workers, each with one request at a time")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	for range *workers {
		go l.work(ctx)
	}
	server := &http.Server{Addr: *listen, Handler: &l, ReadHeaderTimeout: 10 * time.Second}
	go func() {
		<-ctx.Done()
		_ = server.Close()
	}()
	if err := server.ListenAndServe(); ctx.Err() == nil {
		return err
	}
	return nil
}

// Report is how it went so far.
type Report struct {
	// Requests counts what was answered, and what failed.
	Requests int `json:"requests"`
	// Failed counts what failed, and Failures has the first of them in words.
	Failed   int      `json:"failed"`
	Failures []string `json:"failures,omitempty"`
	// ReadToken is the SHA-256 of the token of the last answered GET, in hex.
	ReadToken string `json:"readToken"`
}

type load struct {
	url, writeToken, readToken string

	mu     sync.Mutex
	report Report
}

// pause between two requests of a worker: the endpoint shall be busy, and the node shall have time for its other pods.
const pause = 5 * time.Millisecond

// kept is the number of failures that are told in words.
const kept = 20

// work creates an account, changes it, reads it and deletes it, for ever.
func (l *load) work(ctx context.Context) {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 1}, Timeout: 20 * time.Second}
	for ctx.Err() == nil {
		name := "load-" + rand.Text()
		var user struct{ ID string }
		body := fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":%q,"externalId":%[1]q,"active":true}`, name)
		if !l.call(ctx, client, http.MethodPost, "/Users", body, http.StatusCreated, &user) {
			continue
		}
		patch := `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","path":"title","value":"Busy"}]}`
		l.call(ctx, client, http.MethodPatch, "/Users/"+user.ID, patch, http.StatusOK, nil)
		l.call(ctx, client, http.MethodGet, "/Users/"+user.ID, "", http.StatusOK, nil)
		l.call(ctx, client, http.MethodDelete, "/Users/"+user.ID, "", http.StatusNoContent, nil)
	}
}

// call sends one request and says whether it was answered as it should be.
func (l *load) call(ctx context.Context, client *http.Client, method, path, body string, want int, result any) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(pause):
	}
	file := l.writeToken
	if method == http.MethodGet {
		file = l.readToken
	}
	token, err := os.ReadFile(file)
	if err == nil {
		err = send(ctx, client, method, l.url+path, body, string(token), want, result)
	}
	if ctx.Err() != nil {
		return false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.report.Requests++
	if err != nil {
		l.report.Failed++
		if len(l.report.Failures) < kept {
			l.report.Failures = append(l.report.Failures, fmt.Sprintf("%s %s %s: %v", time.Now().UTC().Format(time.TimeOnly), method, path, err))
		}
		return false
	}
	if method == http.MethodGet {
		sum := sha256.Sum256(token)
		l.report.ReadToken = hex.EncodeToString(sum[:])
	}
	return true
}

func send(ctx context.Context, client *http.Client, method, url, body, token string, want int, result any) error {
	request, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader([]byte(body)))
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", "application/scim+json")
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode != want {
		return fmt.Errorf("%s, want %d: %.200s", response.Status, want, answer)
	}
	if result == nil {
		return nil
	}
	return json.Unmarshal(answer, result)
}

// ServeHTTP answers with the Report.
func (l *load) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	_ = json.NewEncoder(w).Encode(l.report)
}
