package store

import "github.com/scim-operator/scim-operator/internal/scim/schema"

// Keys are the values of a document that a store indexes, as comparison keys (K-1, K-2). Nil means unassigned.
type Keys struct {
	UserName    *string
	ExternalID  *string
	DisplayName *string
	ManagerID   *string
	Active      *bool
	Emails      []string
}

// KeysOf extracts the keys of a document.
func KeysOf(doc map[string]any) Keys {
	return Keys{
		UserName:    folded(doc["userName"]),
		ExternalID:  exact(doc["externalId"]),
		DisplayName: folded(doc["displayName"]),
		ManagerID:   managerID(doc),
		Active:      boolean(doc["active"]),
		Emails:      emails(doc["emails"]),
	}
}

// ManagerID returns the id of a user's manager, empty when there is none.
func ManagerID(doc map[string]any) string {
	if id := managerID(doc); id != nil {
		return *id
	}
	return ""
}

func managerID(doc map[string]any) *string {
	enterprise, _ := doc[schema.EnterpriseUserURN].(map[string]any)
	manager, _ := enterprise["manager"].(map[string]any)
	return exact(manager["value"])
}

func emails(v any) []string {
	list, _ := v.([]any)
	var keys []string
	seen := map[string]bool{}
	for _, element := range list {
		object, _ := element.(map[string]any)
		if key := folded(object["value"]); key != nil && !seen[*key] {
			seen[*key] = true
			keys = append(keys, *key)
		}
	}
	return keys
}

func folded(v any) *string {
	s := exact(v)
	if s == nil {
		return nil
	}
	key := schema.Fold(*s)
	return &key
}

// exact returns a string; an empty one counts as unassigned, as in the evaluator (F-11).
func exact(v any) *string {
	s, ok := v.(string)
	if !ok || s == "" {
		return nil
	}
	return &s
}

func boolean(v any) *bool {
	b, ok := v.(bool)
	if !ok {
		return nil
	}
	return &b
}
