package server_test

import (
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scim-operator/scim-operator/internal/scim/dialect"
	"github.com/scim-operator/scim-operator/internal/scim/patch"
	"github.com/scim-operator/scim-operator/internal/scim/resource"
	"github.com/scim-operator/scim-operator/internal/scim/schema"
)

// operation makes one PATCH operation, now and then a wrong one.
func (g generator) operation() string {
	op := g.pick("add", "Add", "replace", "Replace", "replace", "remove", "Remove")
	path := g.pick(
		`title`, `nickName`, `name.givenName`, `name`, `active`, `emails`, `emails[type eq "work"]`, `emails[type eq "work"].value`, `emails[type eq "home"].primary`,
		`emails.display`, `phoneNumbers[type eq "mobile"].value`, `addresses[type eq "work"].locality`, `addresses[type ne "work"].country`, `roles[primary eq "True"].value`, `roles`,
		schema.EnterpriseUserURN+`:department`, `manager`, schema.EnterpriseUserURN, `schemas`, `nope`, `groups`, `userName`, "")
	value := g.pick(
		`"A"`, `"B"`, `""`, `null`, `true`, `"False"`, `{"value":"v","type":"work"}`, `[{"value":"a@x","type":"home","primary":true}]`, `[]`, `[{"value":"b@x"},{"value":"c@x","type":"work"}]`,
		`{"givenName":"G","familyName":""}`, `{"department":"D","costCenter":null}`, `{"title":"T","name.familyName":"F","emails[type eq \"work\"].value":"w@x","x":1}`, `"{\"value\":\"r\",\"displayName\":\"R\"}"`, `7`)
	out, _ := json.Marshal(map[string]any{"op": op, "path": path, "value": json.RawMessage(value)})
	if path == "" {
		out, _ = json.Marshal(map[string]any{"op": op, "value": json.RawMessage(value)})
	}
	if strings.EqualFold(op, "remove") && g.IntN(3) > 0 {
		out, _ = json.Marshal(map[string]any{"op": op, "path": path})
	}
	return string(out)
}

func (g generator) operations() string {
	list := make([]string, 1+g.IntN(4))
	for i := range list {
		list[i] = g.operation()
	}
	return `{"Operations":[` + strings.Join(list, ",") + `]}`
}

// plain is what a resource has of its own: without what is derived.
func plain(t *testing.T, body string) map[string]any {
	t.Helper()
	doc, err := resource.Decode([]byte(body))
	if err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	for _, name := range []string{"id", "meta", "schemas", "groups"} {
		delete(doc, name)
	}
	if enterprise, ok := doc[schema.EnterpriseUserURN].(map[string]any); ok {
		if manager, ok := enterprise["manager"].(map[string]any); ok {
			delete(manager, "$ref")
		}
	}
	return doc
}

// TestP2RandomPatchesDoWhatTheModelDoes sends random PATCHes to random users and applies them to a document in memory.
func TestP2RandomPatchesDoWhatTheModelDoes(t *testing.T) {
	onBothStores(t, checkP2RandomPatchesDoWhatTheModelDoes)
}

func checkP2RandomPatchesDoWhatTheModelDoes(t *testing.T, e *running) {
	t.Helper()
	registry, err := schema.NewRegistry()
	if err != nil {
		t.Fatal(err)
	}
	rt := registry.ResourceType(schema.User)
	g := generator{rand.New(rand.NewPCG(3, 17))}
	accepted := 0
	for i := range 40 {
		response, body := send(t, e, http.MethodPost, "/Users", g.user(i, "nobody"), nil)
		if response.StatusCode != http.StatusCreated {
			t.Fatalf("POST: %d %s", response.StatusCode, body)
		}
		id, model := idOf(t, body), plain(t, body)
		for range 15 {
			message := g.operations()
			decoded, err := resource.Decode([]byte(message))
			if err != nil {
				t.Fatal(err)
			}
			want := http.StatusOK
			operations, err := patch.ParseMessage(dialect.Entra, decoded)
			if err != nil {
				t.Fatalf("%v: %s", err, message)
			}
			result, err := patch.Apply(rt, dialect.Entra, model, operations)
			if err != nil {
				want = http.StatusBadRequest
			} else {
				model = result.Doc
				accepted++
			}
			response, body := send(t, e, http.MethodPatch, "/Users/"+id, message, nil)
			if response.StatusCode != want && response.StatusCode != http.StatusConflict {
				t.Fatalf("%s: status %d, want %d (%v): %s", message, response.StatusCode, want, err, body)
			}
			if response.StatusCode == http.StatusConflict { // of userName: the model knows one user only
				_, body = send(t, e, http.MethodGet, "/Users/"+id, "", nil)
				model = plain(t, body)
			}
			_, body = send(t, e, http.MethodGet, "/Users/"+id, "", nil)
			if diff := cmp.Diff(model, plain(t, body)); diff != "" {
				t.Fatalf("after %s (-model +endpoint):\n%s", message, diff)
			}
		}
	}
	if accepted < 100 {
		t.Errorf("only %d PATCHes were accepted: the test proves little", accepted)
	}
}
