package sqlquery

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/store"
)

// Rows is what both databases yield.
type Rows interface {
	Next() bool
	Scan(into ...any) error
	Err() error
}

// Members reads the members of the group that is its parameter.
const Members = `SELECT o.id, o.type, COALESCE(o.doc ->> 'displayName', '')
	FROM members m JOIN resources o ON o.id = m.member_id WHERE m.group_id = $1 ORDER BY o.position`

func resourceColumns(d Dialect, want store.Want) string {
	columns := `r.position, r.id, r.type, r.version, r.created_ms, r.modified_ms, r.doc`
	if want.Groups {
		columns += `, (SELECT ` + d.list() + ` FROM members m JOIN resources o ON o.id = m.group_id WHERE m.member_id = r.id)`
	}
	if want.Manager {
		columns += `, manager.id, COALESCE(manager.doc ->> 'displayName', '')`
	}
	return columns
}

func joins(want store.Want) string {
	if want.Manager {
		return ` LEFT JOIN resources manager ON manager.id = r.manager_id AND manager.type = 'User'`
	}
	return ``
}

// row takes one row; what an outer join leaves NULL is a pointer.
type row struct {
	position, version, created, modified *int64
	id, resourceType                     *string
	doc, groups                          []byte
	managerID, managerDisplay            *string
}

func (r *row) targets(want store.Want) []any {
	into := []any{&r.position, &r.id, &r.resourceType, &r.version, &r.created, &r.modified, &r.doc}
	if want.Groups {
		into = append(into, &r.groups)
	}
	if want.Manager {
		into = append(into, &r.managerID, &r.managerDisplay)
	}
	return into
}

// resource reads what was scanned; ok is false for the row that stands for an empty page.
func (r *row) resource(want store.Want) (resource store.Resource, ok bool, err error) {
	if r.id == nil {
		return store.Resource{}, false, nil
	}
	resource.Record = store.Record{
		ID: *r.id, Type: *r.resourceType, Version: *r.version, Position: *r.position,
		Created: time.UnixMilli(*r.created).UTC(), Modified: time.UnixMilli(*r.modified).UTC(),
	}
	decoded := DecodeDoc
	if want.Raw {
		decoded = rawDoc
	}
	if resource.Doc, err = decoded(r.doc); err != nil {
		return store.Resource{}, false, fmt.Errorf("decoding the document of %s: %w", *r.id, err)
	}
	if r.managerID != nil {
		resource.Manager = &store.Ref{ID: *r.managerID, Type: schema.User, Display: *r.managerDisplay}
	}
	if resource.Groups, err = decodeGroups(r.groups); err != nil {
		return store.Resource{}, false, fmt.Errorf("decoding the groups of %s: %w", *r.id, err)
	}
	return resource, true, nil
}

// DecodeDoc reads a document as the rest of the endpoint wants it, with numbers as they were written.
func DecodeDoc(content []byte) (map[string]any, error) {
	var doc map[string]any
	err := decode(bytes.NewReader(content), &doc)
	return doc, err
}

func decodeValue(text string) (v any, err error) {
	err = decode(strings.NewReader(text), &v)
	return v, err
}

func decode(from io.Reader, into any) error {
	decoder := json.NewDecoder(from)
	decoder.UseNumber()
	return decoder.Decode(into)
}

func decodeGroups(content []byte) ([]store.Ref, error) {
	if len(content) <= len(`[]`) {
		return nil, nil
	}
	var list [][2]*string
	if err := json.Unmarshal(content, &list); err != nil {
		return nil, err
	}
	refs := make([]store.Ref, len(list))
	for i, pair := range list {
		refs[i] = store.Ref{ID: *pair[0], Type: schema.Group}
		if pair[1] != nil {
			refs[i].Display = *pair[1]
		}
	}
	return refs, nil
}

// Page reads the rows of List.
func (s Statement) Page(rows Rows) (store.Page, error) {
	var page store.Page
	var last *store.Place
	for rows.Next() {
		var r row
		into := r.targets(s.want)
		key := s.key.target()
		if key != nil {
			into = append(into, key)
		}
		if s.total {
			into = append(into, &page.Total)
		}
		if err := rows.Scan(into...); err != nil {
			return store.Page{}, err
		}
		if len(page.Resources) == s.limit {
			if r.id != nil {
				page.Next = last
			}
			continue
		}
		resource, ok, err := r.resource(s.want)
		if err != nil {
			return store.Page{}, err
		}
		if ok {
			page.Resources = append(page.Resources, resource)
			last = &store.Place{Value: keyValue(key), Position: resource.Position}
		}
	}
	return page, rows.Err()
}

func (k keyKind) target() any {
	switch k {
	case textKey:
		return new(*string)
	case numberKey:
		return new(*float64)
	case booleanKey:
		return new(*bool)
	}
	return nil
}

// keyValue is what was scanned into the target, nil when there was no value.
func keyValue(target any) any {
	switch p := target.(type) {
	case **string:
		if *p != nil {
			return **p
		}
	case **float64:
		if *p != nil {
			return **p
		}
	case **bool:
		if *p != nil {
			return **p
		}
	}
	return nil
}
