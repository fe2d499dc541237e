package endpoint_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/scim-operator/scim-operator/internal/scim/scimtest"
)

// raw sends a request line as it is, past every client's tidying.
func raw(t *testing.T, e *scimtest.Endpoint, method, target string) *http.Response {
	t.Helper()
	host := strings.TrimSuffix(strings.TrimPrefix(e.URL, "http://"), "/scim/v2")
	conn, err := net.Dial("tcp", host)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := fmt.Fprintf(conn, "%s %s HTTP/1.1\r\nHost: %s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", method, target, host); err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatalf("%s %s: %v", method, target, err)
	}
	_ = response.Body.Close()
	return response
}

func TestX9NoSpellingOfAPathGetsPastAuthentication(t *testing.T) {
	targets := []string{
		"/scim/v2/Users", "/scim/v2/%55sers", "/scim/v2//Users", "//scim/v2/Users", "/scim/v2/Users/", "/scim/v2/users", "/scim/v2/USERS",
		"/scim/v2/Users%2f..", "/scim/v2/Users%2F", "/scim/v2/./Users", "/scim/v2/../v2/Users", "/scim/v2/ServiceProviderConfig/../Users",
		"/scim/v2/ServiceProviderConfig%2f..%2fUsers", "/scim/v2/ServiceProviderConfig/%2e%2e/Users", "/scim/v2/Users;a=b", "/scim/v2/Users%00",
		"/scim/v2/Users%20", "/scim/v2/%2555sers", "/scim%2fv2%2fUsers", "/SCIM/v2/Users", "/scim/v2/Users?x=/ServiceProviderConfig",
		"/scim/v2/Groups", "/scim/v2/Schemas", "/scim/v2/ResourceTypes", "/scim/v2/Bulk", "/scim/v2/.search", "/scim/v2/Users/.search", "/scim/v2/Me",
		"/scim/v2/changes", "/scim/v2/%63hanges", "/scim/v2/snapshot", "/scim/v2", "/scim/v2/", "/", "/scim/v1/Users", "/anything",
		"http://127.0.0.1/scim/v2/Users", "/scim/v2/Users#/ServiceProviderConfig",
	}
	// A source that fails too often is held back, so that each endpoint is asked less often than that.
	for some := range slices.Chunk(targets, 10) {
		refuse(t, scimtest.Start(t), some)
	}
}

func refuse(t *testing.T, e *scimtest.Endpoint, targets []string) {
	t.Helper()
	for _, target := range targets {
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} {
			if response := raw(t, e, method, target); response.StatusCode != http.StatusUnauthorized {
				t.Errorf("%s %s without a token: %d, want 401", method, target, response.StatusCode)
			}
		}
	}
	if response := raw(t, e, "GET", "/scim/v2/ServiceProviderConfig"); response.StatusCode != http.StatusOK {
		t.Errorf("the one public document: %d", response.StatusCode)
	}
}
