package resource

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scim-operator/scim-operator/internal/scim/schema"
)

func FuzzJSON(f *testing.F) {
	for _, seed := range []string{
		`{"userName":"a","emails":[{"value":"x","primary":true}],"n":1.50}`, `{"a":"\u0001\n\"\\ é 😀 \u2028"}`, `{"a":{},"b":[],"c":null}`,
		`{"a":"\ud800"}`, `{"a":1,"A":2}`, "{\"a\":\"\xff\"}", `{"a":1e400}`, `[`, `{"a":[[[[]]]]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		decoded, err := Decode(body)
		if err != nil {
			return
		}
		encoded := AppendJSON(nil, decoded)
		again, err := Decode(encoded)
		if err != nil {
			t.Fatalf("%s was encoded as %s, which is refused: %v", body, encoded, err)
		}
		if diff := cmp.Diff(decoded, again); diff != "" {
			t.Errorf("%s does not come back (-want +got):\n%s", body, diff)
		}
		if !json.Valid(encoded) {
			t.Errorf("%s is not JSON", encoded)
		}
	})
}

func TestFieldsAreThoseOfTheSchemas(t *testing.T) {
	registry, err := schema.NewRegistry()
	if err != nil {
		t.Fatal(err)
	}
	rt := registry.ResourceType(schema.User)
	doc := map[string]any{
		"userName": "ann", "unknown": "x", "password": "x", "active": true,
		schema.EnterpriseUserURN: map[string]any{"department": "D", "unknown": "x"}, "urn:unknown": map[string]any{"a": "b"},
	}
	got := string(Projection{}.AppendFields(nil, rt, doc))
	want := `"active":true,"userName":"ann","` + schema.EnterpriseUserURN + `":{"department":"D"}`
	if got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
