package resource

import (
	"strings"

	"github.com/scim-operator/scim-operator/internal/scim/dialect"
	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/scimerr"
)

// Limits on values. Members are rows and have no limit of elements.
const (
	maxElements     = 200
	maxStringBytes  = 8 << 10
	maxContentBytes = 64 << 10 // pictures and certificates
)

// Normalize turns the body of a POST or PUT into a document: canonical names, coerced types, no unknown (S-13), no
// readOnly (S-7) and no unassigned attributes (S-3). schemas is checked and left out, because it follows from the data.
func Normalize(rt *schema.ResourceType, d dialect.Dialect, body map[string]any) (map[string]any, error) {
	if err := checkSchemas(rt, d, body); err != nil {
		return nil, err
	}
	doc := map[string]any{}
	for key, value := range body {
		if extension := rt.Extension(d.CurrentURN(key)); extension != nil {
			if err := normalizeExtension(doc, extension, d, value); err != nil {
				return nil, err
			}
			continue
		}
		a := rt.Attribute(key)
		if a == nil || a.Name == "schemas" {
			continue
		}
		if err := assign(doc, a, d, value); err != nil {
			return nil, err
		}
	}
	return doc, nil
}

func normalizeExtension(doc map[string]any, extension *schema.Schema, d dialect.Dialect, value any) error {
	if value == nil {
		return nil
	}
	object, ok := value.(map[string]any)
	if !ok {
		return invalid("%s must be an object", extension.ID)
	}
	out := map[string]any{}
	for key, v := range object {
		if a := extension.Attribute(key); a != nil {
			if err := assign(out, a, d, v); err != nil {
				return err
			}
		}
	}
	if len(out) > 0 {
		doc[extension.ID] = out
	}
	return nil
}

func assign(doc map[string]any, a *schema.Attribute, d dialect.Dialect, value any) error {
	if a.Mutability == schema.ReadOnly || a.Mutability == schema.WriteOnly {
		return nil
	}
	v, err := Value(a, d, value)
	if err != nil {
		return err
	}
	if v != nil {
		doc[a.Name] = v
	}
	return nil
}

// checkSchemas applies S-16: the strict dialect wants the base URN and no unknown one.
func checkSchemas(rt *schema.ResourceType, d dialect.Dialect, body map[string]any) error {
	if !d.RequireSchemas {
		return nil
	}
	urns, _ := Lookup(body, "schemas").([]any)
	hasBase := false
	for _, v := range urns {
		urn, _ := v.(string)
		base := strings.EqualFold(urn, rt.Schema.ID)
		if !base && rt.Extension(urn) == nil {
			return syntax("schemas names %q, which a %s does not have", urn, rt.Name)
		}
		hasBase = hasBase || base
	}
	if !hasBase {
		return syntax("schemas must name %s", rt.Schema.ID)
	}
	return nil
}

// Lookup returns the value of a key in any case (H-6), or nil.
func Lookup(object map[string]any, name string) any {
	if v, ok := object[name]; ok {
		return v
	}
	for key, v := range object {
		if strings.EqualFold(key, name) {
			return v
		}
	}
	return nil
}

// Value turns the value of one attribute into its canonical form; nil means unassigned.
func Value(a *schema.Attribute, d dialect.Dialect, v any) (any, error) {
	if v == nil {
		return nil, nil
	}
	if !a.MultiValued {
		return single(a, d, v)
	}
	list, ok := v.([]any)
	if !ok {
		list = []any{v}
	}
	if len(list) > maxElements && a.Name != "members" {
		return nil, tooManyElements(a)
	}
	out := make([]any, 0, len(list))
	for _, element := range list {
		normalized, err := single(a, d, element)
		if err != nil {
			return nil, err
		}
		if normalized != nil {
			out = append(out, normalized)
		}
	}
	out = Collapse(a, out)
	if d.OneElementPerType {
		out = OnePerType(a, out)
	}
	if d.LastPrimaryWins {
		keepLastPrimary(out)
	}
	if len(out) == 0 {
		return nil, nil
	}
	return out, nil
}

// single normalizes a single value or one element.
func single(a *schema.Attribute, d dialect.Dialect, v any) (any, error) {
	if a.Type != schema.Complex {
		return simple(a, d, v)
	}
	object, err := Object(a, d, v)
	if err != nil || object == nil {
		return nil, err
	}
	out := map[string]any{}
	for key, value := range object {
		sub := a.Sub(key)
		if sub == nil || !sub.Settable() {
			continue
		}
		n, err := Value(sub, d, value)
		if err != nil {
			return nil, scimerr.Prefix(err, "%s", a.Name)
		}
		if n != nil {
			out[sub.Name] = n
		}
	}
	if len(out) == 0 {
		return nil, nil
	}
	return out, nil
}

// Object reads the value of a complex attribute, or one element of it, as an object whose members are not yet
// normalized; nil means unassigned. Entra's manager may be a bare id, and may come as a list of one (E-14).
func Object(a *schema.Attribute, d dialect.Dialect, v any) (map[string]any, error) {
	if d.CoerceValues {
		if list, ok := v.([]any); ok && !a.MultiValued && len(list) <= 1 {
			if len(list) == 0 {
				return nil, nil
			}
			v = list[0]
		}
	}
	if d.UnpackRoles && a.Name == "roles" {
		v = unpackRole(v)
	}
	switch v := v.(type) {
	case nil:
		return nil, nil
	case map[string]any:
		return v, nil
	case string:
		if d.EmptyStringClears && v == "" {
			return nil, nil
		}
		if d.CoerceValues && a.Sub("value") != nil {
			return map[string]any{"value": v}, nil
		}
	}
	return nil, invalid("%s must be an object", a.Name)
}

func tooManyElements(a *schema.Attribute) error {
	return invalid("%s has more than %d values", a.Name, maxElements)
}

func invalid(format string, args ...any) error {
	return scimerr.BadRequest(scimerr.InvalidValue, format, args...)
}
