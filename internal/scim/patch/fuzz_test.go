package patch

import (
	"errors"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scim-operator/scim-operator/internal/scim/dialect"
	"github.com/scim-operator/scim-operator/internal/scim/resource"
	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/scimerr"
)

func FuzzPatch(f *testing.F) {
	for _, seed := range []string{
		`{"Operations":[{"op":"Add","path":"emails[type eq \"work\"].value","value":"a"}]}`,
		`{"Operations":[{"op":"replace","value":{"name.givenName":"A","roles":[{"value":"{\"value\":\"x\"}"}]}}]}`,
		`{"Operations":[{"op":"remove","path":"emails","value":[{"value":"a@x"}]},{"op":"remove","path":"addresses[type eq \"work\"].country"}]}`,
		`{"Operations":[{"op":"add","path":"manager","value":[{"value":"m"}]},{"op":"replace","path":"active","value":"False"}]}`,
		`{"Operations":[{"op":"add","path":"members","value":["a",{"value":"b"}]},{"op":"remove","path":"members[value eq \"a\" or display sw \"x\"]"}]}`,
		`{"Operations":[{"op":"replace","path":"emails.primary","value":true},{"op":"add","path":"schemas","value":[]}]}`,
	} {
		f.Add(seed)
	}
	registry, err := schema.NewRegistry()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body string) {
		for _, typeName := range []string{schema.User, schema.Group} {
			for _, d := range []dialect.Dialect{dialect.Entra, dialect.Strict} {
				applyChecked(t, registry.ResourceType(typeName), d, body)
			}
		}
	})
}

// applyChecked applies a body to a rich document and checks what holds for every PATCH.
func applyChecked(t *testing.T, rt *schema.ResourceType, d dialect.Dialect, body string) {
	t.Helper()
	decoded, err := resource.Decode([]byte(body))
	if err != nil {
		return
	}
	operations, err := ParseMessage(d, decoded)
	if err != nil {
		checkError(t, err)
		return
	}
	doc := richDocument()
	result, err := Apply(rt, d, doc, operations)
	if diff := cmp.Diff(richDocument(), doc); diff != "" {
		t.Errorf("the given document was changed (-want +got):\n%s", diff)
	}
	if err != nil {
		checkError(t, err)
		return
	}
	if err := resource.Validate(rt, result.Doc); err != nil {
		t.Errorf("the outcome is invalid: %v", err)
	}
	checkNoNulls(t, result.Doc)
}

func richDocument() map[string]any {
	return map[string]any{
		"userName": "ann", "displayName": "Ann", "active": true, "name": map[string]any{"givenName": "A"},
		"emails":                 []any{map[string]any{"type": "work", "value": "a@x", "primary": true}, map[string]any{"type": "home", "value": "h@x"}},
		"addresses":              []any{map[string]any{"type": "work", "country": "C"}},
		schema.EnterpriseUserURN: map[string]any{"manager": map[string]any{"value": "m"}},
	}
}

func checkError(t *testing.T, err error) {
	t.Helper()
	var e *scimerr.Error
	if !errors.As(err, &e) || e.Status != http.StatusBadRequest || e.Type == "" {
		t.Errorf("error %v is not a 400 with a scimType", err)
	}
}

// checkNoNulls fails when a document holds null or something empty (S-3).
func checkNoNulls(t *testing.T, v any) {
	t.Helper()
	switch v := v.(type) {
	case nil:
		t.Error("the outcome holds null")
	case map[string]any:
		for _, value := range v {
			checkNoNulls(t, value)
		}
		if len(v) == 0 {
			t.Error("the outcome holds an empty object")
		}
	case []any:
		for _, value := range v {
			checkNoNulls(t, value)
		}
		if len(v) == 0 {
			t.Error("the outcome holds an empty list")
		}
	}
}
