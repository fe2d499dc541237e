package sqlquery

import (
	"fmt"
	"strings"
)

// Dialect is what the two databases write differently. Paths lead through the JSON in base by names.
type Dialect interface {
	// text is NULL unless there is a string that is not empty; so are number and boolean.
	text(base string, path ...string) string
	number(base string, path ...string) string
	boolean(base string, path ...string) string
	// present is true when there is something else than null, "", {} and [].
	present(base string, path ...string) string
	// elements are the rows of a list: e.value and, in order, order().
	elements(base string, path ...string) string
	order() string
	contains(s, part string) string
	prefix(s, part string) string
	suffix(s, part string) string
	// bytewise makes a text compare by its bytes.
	bytewise(s string) string
	// count is how many resources of a type there are.
	count(resourceType string) string
	// list aggregates rows of o, in the order of their position, to a JSON list of [id, displayName].
	list() string
}

// The two dialects. Both number their parameters as $1, $2, ...
var (
	SQLite     Dialect = sqlite{}
	PostgreSQL Dialect = postgreSQL{}
)

type sqlite struct{}

// path is a JSON path as a literal; names hold no quotation marks.
func (sqlite) path(names []string) string {
	return `'$."` + strings.ReplaceAll(strings.Join(names, `"."`), `'`, `''`) + `"'`
}

func (d sqlite) typed(base string, path []string, cases string) string {
	p := d.path(path)
	return fmt.Sprintf(`CASE json_type(%[1]s, %[2]s) `+cases+` END`, base, p)
}

func (d sqlite) text(base string, path ...string) string {
	return d.typed(base, path, `WHEN 'text' THEN NULLIF(json_extract(%[1]s, %[2]s), '')`)
}

func (d sqlite) number(base string, path ...string) string {
	return d.typed(base, path, `WHEN 'integer' THEN CAST(json_extract(%[1]s, %[2]s) AS REAL) WHEN 'real' THEN json_extract(%[1]s, %[2]s)`)
}

func (d sqlite) boolean(base string, path ...string) string {
	return fmt.Sprintf(`CASE json_type(%s, %s) WHEN 'true' THEN 1 WHEN 'false' THEN 0 END`, base, d.path(path))
}

func (d sqlite) present(base string, path ...string) string {
	return fmt.Sprintf(`(%s -> %s) NOT IN ('""', '{}', '[]', 'null')`, base, d.path(path))
}

func (d sqlite) elements(base string, path ...string) string {
	return fmt.Sprintf(`json_each(%s, %s) e`, base, d.path(path))
}

func (sqlite) order() string               { return `e.key` }
func (sqlite) contains(s, p string) string { return fmt.Sprintf(`instr(%s, %s) > 0`, s, p) }
func (sqlite) prefix(s, p string) string {
	return fmt.Sprintf(`substr(%s, 1, length(%[2]s)) = %[2]s`, s, p)
}
func (sqlite) suffix(s, p string) string {
	return fmt.Sprintf(`substr(%s, -length(%[2]s)) = %[2]s`, s, p)
}
func (sqlite) bytewise(s string) string { return s }
func (sqlite) count(resourceType string) string {
	return `(SELECT resources FROM counts WHERE type = ` + literal(resourceType) + `)`
}

func (sqlite) list() string {
	return `json_group_array(json_array(o.id, o.doc ->> 'displayName') ORDER BY o.position)`
}

type postgreSQL struct{}

func literal(s string) string {
	return `'` + strings.ReplaceAll(s, `'`, `''`) + `'`
}

func (postgreSQL) at(base string, path []string) string {
	for _, name := range path {
		base += ` -> ` + literal(name)
	}
	return base
}

func (d postgreSQL) text(base string, path ...string) string {
	value := d.at(base, path)
	return fmt.Sprintf(`CASE jsonb_typeof(%s) WHEN 'string' THEN NULLIF((%[1]s) #>> '{}', '') END`, value)
}

func (d postgreSQL) number(base string, path ...string) string {
	return fmt.Sprintf(`CASE jsonb_typeof(%s) WHEN 'number' THEN (%[1]s)::double precision END`, d.at(base, path))
}

func (d postgreSQL) boolean(base string, path ...string) string {
	return fmt.Sprintf(`CASE jsonb_typeof(%s) WHEN 'boolean' THEN (%[1]s)::boolean END`, d.at(base, path))
}

func (d postgreSQL) present(base string, path ...string) string {
	return fmt.Sprintf(`(%s) NOT IN ('""', '{}', '[]', 'null')`, d.at(base, path))
}

func (d postgreSQL) elements(base string, path ...string) string {
	return fmt.Sprintf(`jsonb_array_elements(CASE jsonb_typeof(%s) WHEN 'array' THEN %[1]s END) WITH ORDINALITY e(value, ordinality)`,
		d.at(base, path))
}

func (postgreSQL) order() string               { return `e.ordinality` }
func (postgreSQL) contains(s, p string) string { return fmt.Sprintf(`strpos(%s, %s) > 0`, s, p) }
func (postgreSQL) prefix(s, p string) string   { return fmt.Sprintf(`starts_with(%s, %s)`, s, p) }
func (postgreSQL) suffix(s, p string) string {
	return fmt.Sprintf(`right(%s, length(%[2]s)) = %[2]s`, s, p)
}
func (postgreSQL) bytewise(s string) string { return fmt.Sprintf(`(%s) COLLATE "C"`, s) }
func (postgreSQL) count(resourceType string) string {
	return `(SELECT count(*) FROM resources WHERE type = ` + literal(resourceType) + `)`
}

func (postgreSQL) list() string {
	return `jsonb_agg(jsonb_build_array(o.id, o.doc ->> 'displayName') ORDER BY o.position)`
}
