package graph

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scim-operator/scim-operator/internal/entra"
)

func TestPeopleComePageByPage(t *testing.T) {
	s := newStub(t, map[string][]reply{
		"GET /v1.0/users":              ok(`{"value":[{"id":"1","department":"A"}],"@odata.nextLink":"{root}/v1.0/users?$skiptoken=2"}`),
		"GET /v1.0/users?$skiptoken=2": ok(`{"value":[{"id":"2","department":"B"}]}`),
		"GET /v1.0/groups/9/members":   ok(`{"value":[{"@odata.type":"#microsoft.graph.group","id":"8"},{"@odata.type":"#microsoft.graph.user","id":"1"}]}`),
		"GET /v1.0/users/1":            ok(`{"id":"1","department":"A"}`),
		"GET /v1.0/groups/7":           {failure(404, "Request_ResourceNotFound", "gone")},
	})
	d := s.connect(Options{})
	q := entra.ObjectQuery{Kind: entra.PrincipalUser, Properties: []string{"department"}}
	first, err := d.ObjectPage(t.Context(), q)
	if err != nil || first.Next == "" {
		t.Fatalf("next %q, error %v", first.Next, err)
	}
	q.Next = first.Next
	second, err := d.ObjectPage(t.Context(), q)
	if err != nil || second.Next != "" {
		t.Fatalf("next %q, error %v", second.Next, err)
	}
	want := []json.RawMessage{json.RawMessage(`{"id":"1","department":"A"}`), json.RawMessage(`{"id":"2","department":"B"}`)}
	if d := cmp.Diff(want, append(first.Objects, second.Objects...)); d != "" {
		t.Errorf("people (-want +got):\n%s", d)
	}
	if got := s.requests()[0].Query["$select"]; got != "id,department" {
		t.Errorf("$select=%s", got)
	}
	members, err := d.ObjectPage(t.Context(), entra.ObjectQuery{Kind: entra.PrincipalUser, MemberOf: "9", Properties: []string{"id"}})
	if err != nil || len(members.Objects) != 1 {
		t.Errorf("members %s, error %v; want the one user", members.Objects, err)
	}
	one, err := d.Object(t.Context(), entra.PrincipalUser, "1", []string{"department"})
	if err != nil || string(one) != `{"id":"1","department":"A"}` {
		t.Errorf("object %s, error %v", one, err)
	}
	if _, err := d.Object(t.Context(), entra.PrincipalGroup, "7", nil); !entra.IsNotFound(err) {
		t.Errorf("a group that is gone: %v", err)
	}
}
