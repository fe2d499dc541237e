package postgres

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/scim-operator/scim-operator/internal/scim/store"
)

// changeArgs are the parameters $1 to $7 of the statements that record a change.
func changeArgs(m *store.Mutation, attributes []string) []any {
	c := &m.Change
	return []any{m.ID, m.Type, m.At.UnixMilli(), c.Actor, c.RequestID, string(c.Event), list(attributes)}
}

// membersAttribute is named by a change when members came or went, and only then.
const membersAttribute = "members"

func withoutMembers(attributes []string) []string {
	return slices.DeleteFunc(slices.Clone(attributes), func(name string) bool { return name == membersAttribute })
}

func withMembers(attributes []string) []string {
	return append(withoutMembers(attributes), membersAttribute)
}

// documentArgs are the parameters of documentColumns.
func documentArgs(id string, doc map[string]any, keys *store.Keys) ([]any, error) {
	text, err := json.Marshal(doc)
	if err != nil {
		return nil, fmt.Errorf("encoding %s: %w", id, err)
	}
	search, err := json.Marshal(store.SearchDoc(doc))
	if err != nil {
		return nil, fmt.Errorf("encoding what is searched of %s: %w", id, err)
	}
	return []any{
		keys.UserName, keys.ExternalID, keys.DisplayName, keys.ManagerID, keys.Active,
		json.RawMessage(text), json.RawMessage(search),
	}, nil
}

// list is never NULL.
func list(values []string) []string {
	if values == nil {
		return []string{}
	}
	return values
}

// distinct sorts ids and drops repetitions.
func distinct(ids []string) []string {
	sorted := slices.Sorted(slices.Values(ids))
	return list(slices.Compact(sorted))
}

func millis(ms int64) time.Time { return time.UnixMilli(ms).UTC() }
