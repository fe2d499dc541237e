package server_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/scim-operator/scim-operator/internal/scim/dialect"
	"github.com/scim-operator/scim-operator/internal/scim/server"
)

// scenario is a sequence of requests to a fresh endpoint. Names begin with the ids of the SCIM reference that they prove.
type scenario struct {
	name string
	// strict runs it in the strict dialect.
	strict bool
	// settings are what an administrator chose.
	settings server.Settings
	steps    []step
}

// step is one request and what its answer must be. {name} in path, body and fragments stands for a saved id.
type step struct {
	method, path, body string
	header             map[string]string
	status             int
	// contains and excludes are fragments of the answer's body, whose JSON keys are sorted.
	contains, excludes []string
	// wantHeader holds fragments of the answer's headers.
	wantHeader map[string]string
	// order are fragments that must follow each other in the answer's body.
	order []string
	// save stores the id of the answer under this name, saveFirst that of the first resource of a list.
	save, saveFirst string
}

func runScenarios(t *testing.T, scenarios []scenario) {
	t.Helper()
	for _, s := range scenarios {
		t.Run(s.name, func(t *testing.T) {
			e := start(t, func(o *server.Options) {
				if s.strict {
					o.Dialect = dialect.Strict
				}
				o.Settings = func() server.Settings { return s.settings }
			})
			saved := map[string]string{"base": e.URL, "read": e.ReadToken}
			for _, st := range s.steps {
				st.run(t, e, saved)
			}
		})
	}
}

func (st step) run(t *testing.T, e *running, saved map[string]string) {
	t.Helper()
	var pairs []string
	for name, id := range saved {
		pairs = append(pairs, "{"+name+"}", id)
	}
	fill := strings.NewReplacer(pairs...).Replace
	header := map[string]string{}
	for name, value := range st.header {
		header[name] = fill(value)
	}
	response, body := send(t, e, st.method, fill(st.path), fill(st.body), header)
	if response.StatusCode != st.status {
		t.Fatalf("%s %s: status %d, want %d\nbody: %s", st.method, fill(st.path), response.StatusCode, st.status, body)
	}
	for _, fragment := range st.contains {
		if !strings.Contains(body, fill(fragment)) {
			t.Errorf("%s %s: the answer lacks %s\nbody: %s", st.method, fill(st.path), fill(fragment), body)
		}
	}
	for _, fragment := range st.excludes {
		if strings.Contains(body, fill(fragment)) {
			t.Errorf("%s %s: the answer must not have %s\nbody: %s", st.method, fill(st.path), fill(fragment), body)
		}
	}
	for name, fragment := range st.wantHeader {
		if got := response.Header.Get(name); !strings.Contains(got, fill(fragment)) {
			t.Errorf("%s %s: header %s is %q, want %q in it", st.method, fill(st.path), name, got, fill(fragment))
		}
	}
	st.checkOrder(t, body)
	if st.save != "" {
		saved[st.save] = idOf(t, body)
	}
	if st.saveFirst != "" {
		_, first, _ := strings.Cut(body, `"Resources":[`)
		saved[st.saveFirst] = idOf(t, firstObject(t, first))
	}
}

func (st step) checkOrder(t *testing.T, body string) {
	t.Helper()
	rest := body
	for _, fragment := range st.order {
		var found bool
		if _, rest, found = strings.Cut(rest, fragment); !found {
			t.Errorf("%s %s: %s is missing or too early\nbody: %s", st.method, st.path, fragment, body)
		}
	}
}

func firstObject(t *testing.T, text string) string {
	t.Helper()
	var object json.RawMessage
	if err := json.NewDecoder(strings.NewReader(text)).Decode(&object); err != nil {
		t.Fatalf("no resource: %s", text)
	}
	return string(object)
}

func quoted(s string) string {
	text, _ := json.Marshal(s)
	return string(text)
}

func idOf(t *testing.T, body string) string {
	t.Helper()
	var resource struct{ ID string }
	if err := json.Unmarshal([]byte(body), &resource); err != nil || resource.ID == "" {
		t.Fatalf("the answer has no id: %s", body)
	}
	return resource.ID
}

// send makes one request; an Authorization header that the caller gives replaces the endpoint's token, "none" omits it.
func send(t *testing.T, e *running, method, path, body string, header map[string]string) (*http.Response, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, e.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatalf("making the request: %v", err)
	}
	request.Header.Set("Authorization", "Bearer "+e.Token)
	for name, value := range header {
		request.Header.Set(name, value)
	}
	if request.Header.Get("Authorization") == "none" {
		request.Header.Del("Authorization")
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	defer func() { _ = response.Body.Close() }()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatalf("%s %s: reading the answer: %v", method, path, err)
	}
	return response, string(content)
}

// post creates a resource and saves its id.
func post(path, save, body string) step {
	return step{method: "POST", path: path, body: body, status: 201, save: save}
}

// ann and group make the resources that most scenarios begin with.
var (
	ann   = post("/Users", "ann", `{"userName":"ann@example.com"}`)
	bob   = post("/Users", "bob", `{"userName":"bob@example.com"}`)
	group = post("/Groups", "group", `{"displayName":"Editors","members":[{"value":"{ann}"},{"value":"{bob}"}]}`)
)

// patchAnn sends PATCH operations to the user {ann} and expects 200 with the fragments.
func patchAnn(operations string, contains ...string) step {
	return step{method: "PATCH", path: "/Users/{ann}", body: `{"Operations":[` + operations + `]}`, status: 200, contains: contains}
}

// patchGroup sends PATCH operations to the group {group} and expects 204.
func patchGroup(operations string) step {
	return step{method: "PATCH", path: "/Groups/{group}", body: `{"Operations":[` + operations + `]}`, status: 204}
}

// refused expects an error of that status and scimType.
func refused(st step, status int, scimType string) step {
	st.status, st.contains = status, nil
	if scimType != "" {
		st.contains = []string{`"scimType":"` + scimType + `"`}
	}
	return st
}

func (st step) with(fragments ...string) step {
	st.contains = append(st.contains, fragments...)
	return st
}

func (st step) inOrder(fragments ...string) step {
	st.order = fragments
	return st
}

func (st step) without(fragments ...string) step {
	st.excludes = append(st.excludes, fragments...)
	return st
}

// getAnn and getGroup expect the fragments.
func getAnn(contains ...string) step {
	return step{method: "GET", path: "/Users/{ann}", status: 200, contains: contains}
}

func getGroup(contains ...string) step {
	return step{method: "GET", path: "/Groups/{group}", status: 200, contains: contains}
}
