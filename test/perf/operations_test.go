//go:build bench

package perf

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// An operation is a request of the endpoint, and the statement that a program would send that had the database to itself.
type operation struct {
	name string
	// kind is the key in ranges.yaml.
	kind string
	// request is the n-th one, from 0; each that changes something changes something else.
	request func(n int) request
	// most bounds n, because there is nothing left to change then; 0 is no bound.
	most int
	// bare is a script of pgbench that touches one row, and rows one that touches those that the request touches: what is
	// shown of groups and manager, what is searched by email, and what is recorded.
	bare, rows string
	// hasFloor is true of what the floor answers too.
	hasFloor bool
}

type request struct {
	method, path string
	body         string
	status       int
}

const patch = `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[%s]}`

func (p population) operations() []operation {
	anyUser := func(n int) int { return 1 + n*7919%p.users } // 7919 is prime to every population, so that all come
	bareUser := fmt.Sprintf("\\set n random(1, %d)\n", p.users)
	const id = "'00000000-0000-4000-8000-' || lpad((:n)::text, 12, '0')"
	update := "UPDATE resources SET active = NOT active, version = version + 1, modified_ms = modified_ms + 1," +
		" doc = jsonb_set(doc, '{active}', to_jsonb(NOT active)), search = jsonb_set(search, '{active}', to_jsonb(NOT active))" +
		" WHERE id = " + id
	anyPair := bareUser + fmt.Sprintf("\\set g random(0, %d)\n", spareGroups-1)
	const group = "'00000000-0000-4000-9000-' || lpad((900000000 + :g)::text, 12, '0')"
	const insert = "INSERT INTO members (group_id, member_id, member_type) VALUES (" + group + ", " + id + ", 'User') ON CONFLICT DO NOTHING"
	list := []operation{
		{name: "POST user", kind: "POST user", bare: bareInsert, rows: rowsInsert, request: func(n int) request {
			return request{http.MethodPost, "/Users", newUser(n), http.StatusCreated}
		}},
		{
			name: "GET by id", kind: "GET by id", hasFloor: true,
			bare: bareUser + "SELECT id, version, created_ms, modified_ms, doc FROM resources WHERE type = 'User' AND id = " + id + ";\n",
			rows: bareUser + fmt.Sprintf(rowsSelect, "r.id = "+id),
			request: func(n int) request {
				return request{http.MethodGet, "/Users/" + userID(anyUser(n)), "", http.StatusOK}
			},
		},
		{
			name: "userName eq", kind: "userName eq",
			bare: bareUser + "SELECT id, version, created_ms, modified_ms, doc FROM resources WHERE type = 'User'" +
				" AND user_name_key = 'user' || (:n)::text || '@example.com';\n",
			rows: bareUser + fmt.Sprintf(rowsSelect, "r.user_name_key = 'user' || (:n)::text || '@example.com'"),
			request: func(n int) request {
				filter := url.Values{"filter": {fmt.Sprintf("userName eq %q", userName(anyUser(n)))}}
				return request{http.MethodGet, "/Users?" + filter.Encode(), "", http.StatusOK}
			},
		},
		{
			name: "PATCH active", kind: "PATCH active",
			bare: bareUser + update + ";\n",
			rows: bareUser + "SELECT version, doc FROM resources WHERE id = " + id + ";\n" +
				"WITH u AS (" + update + " RETURNING id, version, modified_ms, active)\n" +
				fmt.Sprintf(rowsRecord, "u.modified_ms", "'patch'", "'User'", "u.id", "u.version", "u.active", "u"),
			request: func(n int) request {
				body := fmt.Sprintf(patch, fmt.Sprintf(`{"op":"replace","path":"active","value":%t}`, n/p.users%2 == 1))
				return request{http.MethodPatch, "/Users/" + userID(anyUser(n)), body, http.StatusOK}
			},
		},
	}
	for _, size := range p.groups {
		list = append(list, operation{
			name: fmt.Sprint("add member to ", size), kind: "add member", most: p.users - size,
			bare: anyPair + insert + ";\n",
			rows: anyPair + "WITH m AS (" + insert + " RETURNING group_id, member_id),\n" +
				"g AS (UPDATE resources SET version = version + 1, modified_ms = modified_ms + 1 FROM m WHERE id = m.group_id RETURNING id, version, modified_ms)\n" +
				fmt.Sprintf(rowsRecord, "g.modified_ms", "'patch'", "c.type", "c.id", "g.version", "true", "g, m, LATERAL (VALUES ('Group', g.id), ('User', m.member_id)) c (type, id)"),
			request: func(n int) request {
				body := fmt.Sprintf(patch, fmt.Sprintf(`{"op":"add","path":"members","value":[{"value":%q}]}`, userID(size+1+n)))
				return request{http.MethodPatch, "/Groups/" + groupID(size), body, http.StatusNoContent}
			},
		})
	}
	return list
}

func newUser(n int) string {
	document := userDocument(fmt.Sprintf("new%d@example.com", n), fmt.Sprint("new-", n))
	document["schemas"] = []string{"urn:ietf:params:scim:schemas:core:2.0:User", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"}
	body, err := json.Marshal(document)
	if err != nil {
		panic(err)
	}
	return string(body)
}

// bareInsert makes the same row as a POST: the document, what is compared of it, and the columns that indexes need.
var bareInsert = func() string {
	document, err := json.Marshal(userDocument("NAME", "NAME"))
	if err != nil {
		panic(err)
	}
	// pgbench takes a colon before a letter for a variable of its own.
	spaced := bytes.ReplaceAll(document, []byte(`":`), []byte(`": `))
	document = regexp.MustCompile(`:(\w)`).ReplaceAll(spaced, []byte(`\u003a$1`))
	return insertUser(string(document)) + ";\n"
}()

// rowsInsert makes the rows of a POST: the user, its email, and the record.
var rowsInsert = "WITH u AS (" + strings.TrimSuffix(bareInsert, ";\n") + " RETURNING id, user_name_key, modified_ms),\n" +
	"e AS (INSERT INTO emails (resource_id, value_key) SELECT id, user_name_key FROM u)\n" +
	fmt.Sprintf(rowsRecord, "u.modified_ms", "'create'", "'User'", "u.id", "1", "true", "u")

// rowsSelect reads the rows of which a user is made up.
const rowsSelect = `SELECT r.id, r.version, r.created_ms, r.modified_ms, r.doc, manager.id, manager.doc ->> 'displayName',
ARRAY(SELECT g.doc ->> 'displayName' FROM members m JOIN resources g ON g.id = m.group_id WHERE m.member_id = r.id)
FROM resources r LEFT JOIN resources manager ON manager.id = r.manager_id WHERE r.type = 'User' AND %s;
`

// rowsRecord records changes.
const rowsRecord = `INSERT INTO changes (sequence, at_ms, event, resource_type, resource_id, version, active, external_id, user_name, previous_user_name, attributes, added, removed, actor, request_id)
SELECT nextval('change_sequence'), %s, %s, %s, %s, %s, %s, 'external', 'user@example.com', '', '{active}', '{}', '{}', 'token', '00000000-0000-4000-8000-000000000000' FROM %s;
`

func insertUser(document string) string {
	return fmt.Sprintf(`INSERT INTO resources (id, type, version, created_ms, modified_ms, user_name_key, external_id, display_name_key, active, doc, search)
SELECT id, 'User', 1, 1700000000000, 1700000000000, name, name, 'user of the benchmark', true, document, document
FROM (SELECT gen_random_uuid()::text AS id, gen_random_uuid()::text AS name) n,
LATERAL (SELECT replace('%s', 'NAME', name)::jsonb AS document) d`, document)
}
