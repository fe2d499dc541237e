package endurance

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/scim-operator/scim-operator/test/scimkit"
)

const patchURN = "urn:ietf:params:scim:api:messages:2.0:PatchOp"

type object = map[string]any

// marked are the attributes that one PATCH sets to one value, by one operation each: where they differ, half of a PATCH
// was applied.
var marked = []string{"displayName", "title", "nickName", "userType"}

// person is a user as one worker last saw it acknowledged. Only that worker changes it.
type person struct {
	id, userName string
	// mark is the value of all marked attributes.
	mark string
	// member tells whether it is in the group.
	member bool
	// deleted people stay known, so that they can be seen to stay away.
	deleted bool
}

// An operation is one request, with what it makes of a person if it takes effect.
type operation struct {
	method, path string
	body         any
	after        person
}

func create(userName, mark string) operation {
	body := object{"schemas": []string{"urn:ietf:params:scim:schemas:core:2.0:User"}, "userName": userName}
	for _, name := range marked {
		body[name] = mark
	}
	return operation{http.MethodPost, "/Users", body, person{userName: userName, mark: mark}}
}

func (p person) setMark(mark string) operation {
	var operations []object
	for _, name := range marked {
		operations = append(operations, object{"op": "replace", "path": name, "value": mark})
	}
	p.mark = mark
	return operation{http.MethodPatch, "/Users/" + p.id, object{"schemas": []string{patchURN}, "Operations": operations}, p}
}

// move puts the person into the group, or out of it.
func (p person) move(group string) operation {
	change := object{"op": "add", "path": "members", "value": []object{{"value": p.id}}}
	if p.member {
		change = object{"op": "remove", "path": `members[value eq "` + p.id + `"]`}
	}
	p.member = !p.member
	return operation{http.MethodPatch, "/Groups/" + group, object{"schemas": []string{patchURN}, "Operations": []object{change}}, p}
}

func (p person) remove() operation {
	p.deleted, p.member = true, false
	return operation{http.MethodDelete, "/Users/" + p.id, nil, p}
}

// look reads a person as the endpoint has it now; group is the one that counts. Who is not there is deleted. Any answer
// but that of a working endpoint is an error, and so is a half-applied PATCH.
func look(ctx context.Context, client scimkit.Client, p person, group string) (person, error) {
	path := "/Users/" + p.id
	if p.id == "" {
		path = "/Users?" + url.Values{"filter": {`userName eq "` + p.userName + `"`}}.Encode()
	}
	answer, err := client.Do(ctx, http.MethodGet, path, nil)
	if err != nil {
		return person{}, err
	}
	document := answer.Document()
	found, _ := document["Resources"].([]any)
	switch {
	case answer.Status == http.StatusNotFound, p.id == "" && answer.Status == http.StatusOK && len(found) == 0:
		p.deleted, p.member = true, false
		return p, nil
	case answer.Status != http.StatusOK:
		return person{}, &statusError{answer}
	case p.id == "":
		document, _ = found[0].(object)
	}
	return read(document, group)
}

func read(document object, group string) (person, error) {
	var p person
	p.id, _ = document["id"].(string)
	p.userName, _ = document["userName"].(string)
	p.mark, _ = document[marked[0]].(string)
	for _, name := range marked {
		if document[name] != p.mark {
			return person{}, fmt.Errorf("half of a PATCH was applied: %v", document)
		}
	}
	groups, _ := document["groups"].([]any)
	p.member = slices.ContainsFunc(groups, func(g any) bool { return g.(object)["value"] == group })
	return p, nil
}

// statusError is an answer that is none of a working endpoint.
type statusError struct{ answer scimkit.Answer }

func (e *statusError) Error() string { return e.answer.String() }
