package sqlquery

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/scim-operator/scim-operator/internal/scim/filter"
	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/store"
)

// Unique is something that at most one resource has the same of.
type Unique int

// What resources are looked up by.
const (
	// ByID is the id of a resource of any type.
	ByID Unique = iota
	// ByUserName is the key of a user's userName.
	ByUserName
)

func (u Unique) column() string {
	if u == ByUserName {
		return `r.user_name_key`
	}
	return `r.id`
}

// Lookup reads the resources that its parameters name, so many of them. It needs no total, no order and no page.
func Lookup(d Dialect, by Unique, want store.Want, count int) Statement {
	names := make([]string, count)
	for i := range names {
		names[i] = fmt.Sprintf(`$%d`, i+1)
	}
	condition := by.column() + ` IN (` + strings.Join(names, `, `) + `)`
	if by == ByUserName { // the words of the index
		condition = `r.type = 'User' AND ` + condition
	}
	return Statement{
		SQL: `SELECT ` + by.column() + `, ` + resourceColumns(d, want) + ` FROM resources r` + joins(want) + ` WHERE ` + condition, want: want,
	}
}

// Found reads the rows of Lookup, each resource under what it was looked up by.
func (s Statement) Found(rows Rows) (map[string]store.Resource, error) {
	found := map[string]store.Resource{}
	for rows.Next() {
		var key string
		var r row
		if err := rows.Scan(append([]any{&key}, r.targets(s.want)...)...); err != nil {
			return nil, err
		}
		resource, _, err := r.resource(s.want)
		if err != nil {
			return nil, err
		}
		found[key] = resource
	}
	return found, rows.Err()
}

// One is what was found of a type under a key; ErrNotFound when nothing was.
func One(found map[string]store.Resource, key, resourceType string) (store.Resource, error) {
	resource, ok := found[key]
	if !ok || resource.Type != resourceType {
		return store.Resource{}, store.ErrNotFound
	}
	return resource, nil
}

// UserName returns the key of the one userName that a query asks for, as every lookup of Entra does; ok is false for any
// other query.
func UserName(q store.Query) (key string, ok bool) {
	if len(q.Select) != 1 || q.Select[0].Type.Name != schema.User || q.After != nil || q.Offset != 0 || q.Limit < 1 {
		return "", false
	}
	compared, ok := q.Select[0].Filter.(*filter.Compare)
	if !ok || compared.Op != filter.Eq || !compared.Path.Is("userName", "") {
		return "", false
	}
	value, ok := compared.Value.(string)
	return schema.Fold(value), ok && IsText(value)
}

// IsText tells whether a database could hold a text, and does hold it where it is not empty.
func IsText(s string) bool {
	return s != "" && utf8.ValidString(s) && !strings.Contains(s, "\x00")
}

// PageOf is the page of a query by a userName that a user has.
func PageOf(resource store.Resource) store.Page {
	return store.Page{Resources: []store.Resource{resource}, Total: 1}
}
