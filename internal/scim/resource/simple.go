package resource

import (
	"encoding/base64"
	"encoding/json"
	"strings"

	"github.com/scim-operator/scim-operator/internal/scim/dialect"
	"github.com/scim-operator/scim-operator/internal/scim/filter"
	"github.com/scim-operator/scim-operator/internal/scim/schema"
)

// simple reads the value of a simple attribute as its type, coerced where the dialect allows (S-12); nil means
// unassigned.
func simple(a *schema.Attribute, d dialect.Dialect, v any) (any, error) {
	if d.CoerceValues && !a.MultiValued {
		if list, ok := v.([]any); ok && len(list) == 1 {
			v = list[0]
		}
	}
	if v == nil || v == "" && d.EmptyStringClears {
		return nil, nil
	}
	switch a.Type {
	case schema.Boolean:
		return boolean(a, d, v)
	case schema.Integer, schema.Decimal:
		return number(a, d, v)
	}
	s, ok := v.(string)
	if !ok {
		return nil, invalid("%s must be a string", a.Name)
	}
	return s, checkString(a, s)
}

func boolean(a *schema.Attribute, d dialect.Dialect, v any) (any, error) {
	switch v := v.(type) {
	case bool:
		return v, nil
	case string:
		if d.CoerceValues && strings.EqualFold(v, "true") {
			return true, nil
		}
		if d.CoerceValues && strings.EqualFold(v, "false") {
			return false, nil
		}
	}
	return nil, invalid("%s must be true or false", a.Name)
}

func number(a *schema.Attribute, d dialect.Dialect, v any) (any, error) {
	n, ok := v.(json.Number)
	if s, isString := v.(string); isString && d.CoerceValues && json.Valid([]byte(s)) {
		n, ok = json.Number(s), true
	}
	if !ok {
		return nil, invalid("%s must be a number", a.Name)
	}
	if _, err := n.Float64(); err != nil {
		return nil, invalid("%s must be a number", a.Name)
	}
	if _, err := n.Int64(); err != nil && a.Type == schema.Integer {
		return nil, invalid("%s must be a whole number of at most 64 bits", a.Name)
	}
	return n, nil
}

func checkString(a *schema.Attribute, s string) error {
	limit := maxStringBytes
	if a.Type == schema.Binary || a.Type == schema.Reference {
		limit = maxContentBytes
	}
	if len(s) > limit {
		return invalid("%s is longer than %d bytes", a.Name, limit)
	}
	switch a.Type {
	case schema.DateTime:
		if _, err := filter.ParseTime(s); err != nil || !strings.Contains(s, "T") {
			return invalid("%s must be a date and time such as 2026-01-31T08:30:00Z", a.Name)
		}
	case schema.Binary:
		if _, err := base64.StdEncoding.DecodeString(s); err != nil {
			return invalid("%s must be base64", a.Name)
		}
	}
	return nil
}
