package resource

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scim-operator/scim-operator/internal/scim/dialect"
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

func TestRawValuesAreShownAsDecodedOnes(t *testing.T) {
	registry, err := schema.NewRegistry()
	if err != nil {
		t.Fatal(err)
	}
	rt := registry.ResourceType(schema.User)
	decoded := map[string]any{
		"userName": "ann", "active": true, "password": "x", "name": map[string]any{"givenName": "Ann", "familyName": "Ek"},
		"emails":                 []any{map[string]any{"primary": true, "type": "work", "value": "a@x"}, map[string]any{"value": "b@x"}},
		"unknown":                json.Number("1.50"),
		schema.EnterpriseUserURN: map[string]any{"department": "D", "unknown": []any{json.Number("9007199254740993")}},
	}
	raw := rawValues(decoded)
	raw[schema.EnterpriseUserURN] = rawValues(decoded[schema.EnterpriseUserURN].(map[string]any))
	for _, names := range [][2]string{
		{"", ""}, {"userName,name", ""}, {"name.givenName,emails.value,emails.primary", ""}, {"", "emails.value,name.familyName"}, {schema.EnterpriseUserURN, ""}, {"", "emails,active"},
	} {
		p, err := ParseProjection(rt, dialect.Entra, names[0], names[1])
		if err != nil {
			t.Fatal(err)
		}
		want, got := string(p.AppendFields(nil, rt, decoded)), string(p.AppendFields(nil, rt, raw))
		if got != want {
			t.Errorf("attributes=%s, excludedAttributes=%s: got %s, want %s", names[0], names[1], got, want)
		}
	}
}

func rawValues(object map[string]any) map[string]any {
	raw := map[string]any{}
	for key, v := range object {
		raw[key] = json.RawMessage(AppendJSON(nil, v))
	}
	return raw
}
