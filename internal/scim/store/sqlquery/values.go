package sqlquery

import (
	"fmt"
	"slices"
	"strings"

	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/store"
)

// leaf is a single value as SQL.
type leaf struct {
	// expr is NULL when there is no value, or none of the attribute's type.
	expr string
	// present is true when there is one of whatever type.
	present string
	// millis tells that an instant is a number of milliseconds, not the text of store.SearchTime.
	millis bool
}

func column(expr string) leaf {
	return leaf{expr: expr, present: expr + ` IS NOT NULL`}
}

// source is where the elements of a list come from.
type source struct{ from, where, order string }

// values are what an attribute has.
type values struct {
	// list is nil when there is at most one.
	list *source
	// present is true when there is a value, in the scope of one element when there is a list.
	present string
	// sub gives a sub-attribute of the value; of a simple attribute it gives the value itself.
	sub func(a *schema.Attribute) leaf
}

// values finds where an attribute is kept: in a column, derived from another resource, or in the search document.
func (b *builder) values(extension *schema.Schema, a *schema.Attribute) values {
	if extension != nil {
		return b.extensionValues(extension, a)
	}
	single := func(expr string) values {
		l := column(expr)
		return values{present: l.present, sub: func(*schema.Attribute) leaf { return l }}
	}
	switch a.Name {
	case "id":
		return single(`r.id`)
	case "externalId":
		return single(`r.external_id`)
	case "userName":
		return single(`r.user_name_key`)
	case "displayName":
		return single(`r.display_name_key`)
	case "active":
		return single(`r.active`)
	case "schemas":
		return b.schemas()
	case "meta":
		return values{present: `TRUE`, sub: b.meta}
	case "members":
		return b.related(`m.member_id`, `m.group_id`, `lower(o.type)`)
	case "groups":
		return b.related(`m.group_id`, `m.member_id`, `'direct'`)
	}
	return b.stored(a, a.Name)
}

func (b *builder) extensionValues(extension *schema.Schema, a *schema.Attribute) values {
	switch {
	case store.IsConfigured(extension.ID):
		return b.elements(func(*schema.Attribute) string { return store.SearchElement }, extension.ID, a.Name)
	case a.Name == "manager":
		return values{present: b.dialect.present(search, extension.ID, a.Name), sub: b.manager}
	}
	return b.stored(a, extension.ID, a.Name)
}

// search is the column with the search document.
const search = `r.search`

// stored are the values of an attribute of the built-in schemas in the search document.
func (b *builder) stored(a *schema.Attribute, path ...string) values {
	if a.MultiValued {
		return b.elements(func(sub *schema.Attribute) string { return sub.Name }, path...)
	}
	return values{present: b.dialect.present(search, path...), sub: func(sub *schema.Attribute) leaf {
		if a.Type != schema.Complex {
			return b.leaf(sub, search, path...)
		}
		return b.leaf(sub, search, append(slices.Clip(path), sub.Name)...)
	}}
}

// elements are the values of a list in the search document; key tells where an element has what is asked for.
func (b *builder) elements(key func(*schema.Attribute) string, path ...string) values {
	return values{
		list:    &source{from: b.dialect.elements(search, path...), where: `TRUE`, order: b.dialect.order()},
		present: `e.value <> '{}'`,
		sub: func(sub *schema.Attribute) leaf {
			return b.leaf(sub, `e.value`, key(sub))
		},
	}
}

// leaf is what a search document has at the path.
func (b *builder) leaf(a *schema.Attribute, base string, path ...string) leaf {
	beside := func(suffix string) string {
		names := append([]string(nil), path...)
		names[len(names)-1] += suffix
		return b.dialect.text(base, names...)
	}
	l := leaf{present: b.dialect.present(base, path...)}
	switch a.Type {
	case schema.Boolean:
		l.expr = b.dialect.boolean(base, path...)
	case schema.Integer, schema.Decimal:
		l.expr = b.dialect.number(base, path...)
	case schema.DateTime:
		l.expr = beside(store.SearchInstant)
	default:
		l.expr = beside("")
		if a.CaseExact {
			l.expr = `COALESCE(` + beside(store.SearchExact) + `, ` + l.expr + `)`
		}
	}
	return l
}

// meta is derived from columns.
func (b *builder) meta(sub *schema.Attribute) leaf {
	switch sub.Name {
	case "resourceType":
		return column(`r.type`)
	case "created":
		return leaf{expr: `r.created_ms`, present: `TRUE`, millis: true}
	case "lastModified":
		return leaf{expr: `r.modified_ms`, present: `TRUE`, millis: true}
	case "version":
		return leaf{expr: `('W/"' || CAST(r.version AS TEXT) || '"')`, present: `TRUE`}
	}
	return leaf{expr: b.location(`r.type`, `r.id`), present: `TRUE`}
}

// location is the address of a resource (S-19).
func (b *builder) location(resourceType, id string) string {
	return `(` + literal(b.baseURL+"/") + ` || (` + resourceType + ` || 's/' || ` + id + `))`
}

// manager shows the user whose id the document has (S-22, S-23).
func (b *builder) manager(sub *schema.Attribute) leaf {
	switch sub.Name {
	case "$ref":
		return leaf{expr: b.location(`'User'`, `r.manager_id`), present: `r.manager_id IS NOT NULL`}
	case "displayName":
		return column(`(SELECT o.display_name_key FROM resources o WHERE o.id = r.manager_id AND o.type = 'User')`)
	}
	return column(`r.manager_id`)
}

// related are the resources that memberships lead to.
func (b *builder) related(other, self, kind string) values {
	return values{
		list:    &source{from: `members m JOIN resources o ON o.id = ` + other, where: self + ` = r.id`, order: `o.position`},
		present: `TRUE`,
		sub: func(sub *schema.Attribute) leaf {
			switch sub.Name {
			case "$ref":
				return leaf{expr: b.location(`o.type`, `o.id`), present: `TRUE`}
			case "type":
				return leaf{expr: kind, present: `TRUE`}
			case "display":
				return column(`o.display_name_key`)
			}
			return column(other)
		},
	}
}

// schemas are the base schema and those extensions that the resource has data of (S-15).
func (b *builder) schemas() values {
	rows := []string{`SELECT 0 AS place, ` + literal(b.resourceType.Schema.ID) + ` AS value`}
	for i, e := range b.resourceType.Extensions {
		rows = append(rows, fmt.Sprintf(`SELECT %d, %s WHERE %s`, i+1, literal(e.Schema.ID), b.dialect.present(search, e.Schema.ID)))
	}
	l := column(`e.value`)
	return values{
		list: &source{from: `(` + strings.Join(rows, ` UNION ALL `) + `) e`, where: `TRUE`, order: `e.place`}, present: l.present,
		sub: func(*schema.Attribute) leaf { return l },
	}
}
