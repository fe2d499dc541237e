package sqlquery

import (
	"strings"

	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/store"
)

// Statement is SQL with its parameters, and what Page and Resource need to know to read its rows.
type Statement struct {
	SQL  string
	Args []any

	want  store.Want
	total bool
	key   keyKind
	limit int
}

// List compiles a query. The rows of a page are found and cut by their keys alone, so that a deep page reads no
// document that it passes over. One row more than the limit is asked for, to see whether there is a next page.
func List(d Dialect, q store.Query) Statement {
	b := &builder{dialect: d, baseURL: q.BaseURL}
	s := Statement{want: q.Want, total: q.Total, limit: q.Limit}
	if q.Sorted {
		s.key = keyKindOf(q.Select)
	}
	var selections, counts []string
	for _, selection := range q.Select {
		from := b.from(selection)
		selections = append(selections, `SELECT r.position AS position`+b.keyColumn(s.key, selection)+from)
		if selection.Filter == nil {
			counts = append(counts, d.count(selection.Type.Name))
		} else {
			counts = append(counts, `(SELECT count(*)`+from+`)`)
		}
	}
	page := `SELECT u.position` + s.key.column(`u.k`) + ` FROM (` + strings.Join(selections, ` UNION ALL `) + `) u` +
		b.after(q, s.key) + ` ORDER BY ` + s.key.order(`u`, q.Descending) +
		` LIMIT ` + b.bind(q.Limit+1) + ` OFFSET ` + b.bind(q.Offset)
	s.SQL = `WITH page AS (` + page + `) SELECT ` + resourceColumns(d, q.Want) + s.key.column(`page.k`)
	if q.Total {
		s.SQL += `, t.total FROM (SELECT ` + strings.Join(counts, ` + `) + ` AS total) t LEFT JOIN page ON TRUE LEFT JOIN`
	} else {
		s.SQL += ` FROM page JOIN`
	}
	s.SQL += ` resources r ON r.position = page.position` + joins(q.Want) + ` ORDER BY ` + s.key.order(`page`, q.Descending)
	s.Args = b.args
	return s
}

// from selects the resources of one type. The type is a literal, so that a partial index can be used.
func (b *builder) from(s store.Selection) string {
	b.resourceType = s.Type
	from := ` FROM resources r WHERE r.type = ` + literal(s.Type.Name)
	if s.Filter != nil {
		from += ` AND ` + b.expr(s.Filter, b.inResource)
	}
	return from
}

// after is what comes behind the place of the query.
func (b *builder) after(q store.Query, key keyKind) string {
	switch {
	case q.After == nil:
		return ``
	case key == noKey:
		return ` WHERE u.position > ` + b.bind(q.After.Position)
	case q.After.Value == nil && q.Descending:
		return ` WHERE (u.k IS NULL AND u.position > ` + b.bind(q.After.Position) + ` OR u.k IS NOT NULL)`
	case q.After.Value == nil:
		return ` WHERE u.k IS NULL AND u.position > ` + b.bind(q.After.Position)
	}
	value, position := b.bind(q.After.Value), b.bind(q.After.Position)
	ties := `u.k = ` + value + ` AND u.position > ` + position
	if q.Descending {
		return ` WHERE (u.k < ` + value + ` OR ` + ties + `)`
	}
	return ` WHERE (u.k > ` + value + ` OR ` + ties + ` OR u.k IS NULL)`
}

// keyKind is the type of what a query sorts by.
type keyKind int

const (
	noKey keyKind = iota
	textKey
	numberKey
	booleanKey
)

func (k keyKind) column(expr string) string {
	if k == noKey {
		return ``
	}
	return `, ` + expr
}

// order is ascending with what has no value last, or the reverse; the position makes it total.
func (k keyKind) order(table string, descending bool) string {
	switch {
	case k == noKey:
		return table + `.position`
	case descending:
		return table + `.k DESC NULLS FIRST, ` + table + `.position`
	}
	return table + `.k NULLS LAST, ` + table + `.position`
}

func keyKindOf(selections []store.Selection) keyKind {
	for _, s := range selections {
		path := sortPath(s)
		if path.Attribute == nil {
			continue
		}
		switch leaf := path.Leaf(); {
		case leaf.Type == schema.Boolean:
			return booleanKey
		case leaf.Type == schema.Integer, leaf.Type == schema.Decimal, isMeta(path) && leaf.Type == schema.DateTime:
			return numberKey
		}
		return textKey
	}
	return textKey
}

func isMeta(p schema.Path) bool {
	return p.Extension == nil && p.Attribute.Name == "meta"
}

// sortPath ends at a simple attribute: a complex one stands for its value.
func sortPath(s store.Selection) schema.Path {
	path := s.SortBy
	if path.Attribute != nil && path.Sub == nil && path.Attribute.Type == schema.Complex {
		if path.Sub = path.Attribute.Sub("value"); path.Sub == nil {
			return schema.Path{}
		}
	}
	return path
}

// keyColumn is what one type is sorted by.
func (b *builder) keyColumn(kind keyKind, s store.Selection) string {
	if kind == noKey {
		return ``
	}
	b.resourceType = s.Type
	types := map[keyKind]string{textKey: `TEXT`, numberKey: `DOUBLE PRECISION`, booleanKey: `BOOLEAN`}
	path := sortPath(s)
	if path.Attribute == nil {
		return `, CAST(NULL AS ` + types[kind] + `) AS k`
	}
	v := b.inResource(path)
	l := v.sub(path.Leaf())
	expr := l.expr
	switch {
	case l.millis:
		expr = `CAST(` + expr + ` AS DOUBLE PRECISION)`
	case kind == textKey:
		expr = b.dialect.bytewise(expr)
	}
	if v.list == nil {
		return `, ` + expr + ` AS k`
	}
	order := v.list.order
	if primary := path.Attribute.Sub("primary"); primary != nil { // the primary element, else the first
		order = `(` + v.sub(primary).expr + ` IS TRUE) DESC, ` + order
	}
	return `, (SELECT ` + expr + ` FROM ` + v.list.from + ` WHERE ` + v.list.where + ` ORDER BY ` + order + ` LIMIT 1) AS k`
}
