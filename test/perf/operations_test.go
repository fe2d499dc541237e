//go:build bench

package perf

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
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
	// bare is a script of pgbench.
	bare string
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
	list := []operation{
		{name: "POST user", kind: "POST user", bare: bareInsert, request: func(n int) request {
			return request{http.MethodPost, "/Users", newUser(n), http.StatusCreated}
		}},
		{
			name: "GET by id", kind: "GET by id", hasFloor: true,
			bare: bareUser + "SELECT id, version, created_ms, modified_ms, doc FROM resources WHERE type = 'User' AND id = " + id + ";\n",
			request: func(n int) request {
				return request{http.MethodGet, "/Users/" + userID(anyUser(n)), "", http.StatusOK}
			},
		},
		{
			name: "userName eq", kind: "userName eq",
			bare: bareUser + "SELECT id, version, created_ms, modified_ms, doc FROM resources WHERE type = 'User'" +
				" AND user_name_key = 'user' || (:n)::text || '@example.com';\n",
			request: func(n int) request {
				filter := url.Values{"filter": {fmt.Sprintf("userName eq %q", userName(anyUser(n)))}}
				return request{http.MethodGet, "/Users?" + filter.Encode(), "", http.StatusOK}
			},
		},
		{
			name: "PATCH active", kind: "PATCH active",
			bare: bareUser + "UPDATE resources SET active = NOT active, version = version + 1, modified_ms = modified_ms + 1," +
				" doc = jsonb_set(doc, '{active}', to_jsonb(NOT active)), search = jsonb_set(search, '{active}', to_jsonb(NOT active))" +
				" WHERE id = " + id + ";\n",
			request: func(n int) request {
				body := fmt.Sprintf(patch, fmt.Sprintf(`{"op":"replace","path":"active","value":%t}`, n/p.users%2 == 1))
				return request{http.MethodPatch, "/Users/" + userID(anyUser(n)), body, http.StatusOK}
			},
		},
	}
	for _, size := range p.groups {
		list = append(list, operation{
			name: fmt.Sprint("add member to ", size), kind: "add member", most: p.users - size,
			bare: bareUser + fmt.Sprintf("\\set g random(0, %d)\n", spareGroups-1) +
				"INSERT INTO members (group_id, member_id, member_type) VALUES ('00000000-0000-4000-9000-' || lpad((900000000 + :g)::text, 12, '0'), " + id + ", 'User') ON CONFLICT DO NOTHING;\n",
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
	return fmt.Sprintf(`INSERT INTO resources (id, type, version, created_ms, modified_ms, user_name_key, external_id, display_name_key, active, doc, search)
SELECT id, 'User', 1, 1700000000000, 1700000000000, name, name, 'user of the benchmark', true, document, document
FROM (SELECT gen_random_uuid()::text AS id, gen_random_uuid()::text AS name) n,
LATERAL (SELECT replace('%s', 'NAME', name)::jsonb AS document) d;
`, document)
}()
