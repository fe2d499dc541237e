package endpoint_test

import (
	"database/sql"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/scim-operator/scim-operator/internal/scim/scimtest"
)

// request makes one and returns the answer without its body.
func request(t *testing.T, method, url, token, body string) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	return response
}

func expectConfig(t *testing.T, e *scimtest.Endpoint, revision, id string, sequence int64) {
	t.Helper()
	scimtest.WriteFile(t, e.ConfigFile, fmt.Sprintf("revision: %s\nexpectedStore: {id: %s, sequence: %d}\n", revision, id, sequence))
	scimtest.Eventually(t, "revision "+revision+" is in force", func() bool { return statusz(t, e).ConfigRevision == revision })
}

func TestAnUnexpectedStoreServesNothingUntilItIsNamed(t *testing.T) {
	e := scimtest.Start(t)
	if code, body := postUser(t, e, `{"userName":"ann"}`); code != 201 {
		t.Fatalf("POST: %d %s", code, body)
	}
	own := statusz(t, e)
	for revision, c := range map[string]struct {
		id       string
		sequence int64
	}{
		"another":  {uuid.NewString(), 0},
		"restored": {own.StoreID, own.Sequence + 1},
	} {
		expectConfig(t, e, revision, c.id, c.sequence)
		if statusz(t, e).StoreExpected {
			t.Errorf("%s: /statusz says that the store is expected", revision)
		}
		if code, _ := get(t, e.ManagementURL+"/readyz", ""); code != 200 {
			t.Errorf("%s: not ready: %d", revision, code)
		}
		for _, r := range []struct{ method, path string }{
			{"GET", "/Users"}, {"POST", "/Users"}, {"GET", "/Users/x"}, {"PUT", "/Users/x"}, {"PATCH", "/Users/x"}, {"DELETE", "/Users/x"},
			{"GET", "/Groups"}, {"POST", "/Groups"}, {"GET", "/Groups/x"}, {"PUT", "/Groups/x"}, {"PATCH", "/Groups/x"}, {"DELETE", "/Groups/x"},
			{"POST", "/Users/.search"}, {"POST", "/Groups/.search"}, {"POST", "/.search"}, {"GET", "/"}, {"POST", "/Bulk"},
			{"GET", "/changes?after=0"}, {"GET", "/snapshot"},
		} {
			response := request(t, r.method, e.URL+r.path, e.Token, `{}`)
			if response.StatusCode != http.StatusServiceUnavailable || response.Header.Get("Retry-After") == "" {
				t.Errorf("%s: %s %s: %d, Retry-After %q; want 503 and a time", revision, r.method, r.path, response.StatusCode, response.Header.Get("Retry-After"))
			}
		}
		for _, path := range []string{"/ServiceProviderConfig", "/ResourceTypes", "/Schemas"} {
			if code, _ := get(t, e.URL+path, e.Token); code != 200 {
				t.Errorf("%s: discovery at %s: %d", revision, path, code)
			}
		}
		if response := request(t, "GET", e.URL+"/Users", "wrong", ""); response.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s: a stranger gets %d, want 401", revision, response.StatusCode)
		}
	}
	expectConfig(t, e, "named", strings.ToUpper(own.StoreID), own.Sequence)
	if code, _ := get(t, e.URL+"/Users", e.Token); code != 200 || !statusz(t, e).StoreExpected {
		t.Errorf("the named store answers %d, want 200", code)
	}
}

// TestAStoreThatIsReplacedUnderTheEndpointIsNoticed has no new configuration: the endpoint looks by itself.
func TestAStoreThatIsReplacedUnderTheEndpointIsNoticed(t *testing.T) {
	e := scimtest.Start(t)
	own := statusz(t, e)
	expectConfig(t, e, "named", own.StoreID, own.Sequence)
	rename := func(id string) {
		t.Helper()
		db, err := sql.Open("sqlite", "file:"+e.StoreFile+"?_pragma=busy_timeout(10000)")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = db.Close() }()
		if _, err := db.ExecContext(t.Context(), `UPDATE identity SET store_id = $1`, id); err != nil {
			t.Fatal(err)
		}
	}
	rename(uuid.NewString())
	scimtest.Eventually(t, "the other store is noticed", func() bool { return !statusz(t, e).StoreExpected })
	if response := request(t, "GET", e.URL+"/Users", e.Token, ""); response.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("the other store is served: %d", response.StatusCode)
	}
	rename(own.StoreID)
	scimtest.Eventually(t, "its own store is noticed", func() bool { return statusz(t, e).StoreExpected })
	if response := request(t, "GET", e.URL+"/Users", e.Token, ""); response.StatusCode != http.StatusOK {
		t.Errorf("its own store is not served: %d", response.StatusCode)
	}
}
