package conformance

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/scim-operator/scim-operator/test/scimkit"
)

const (
	coreUser   = "urn:ietf:params:scim:schemas:core:2.0:User"
	coreGroup  = "urn:ietf:params:scim:schemas:core:2.0:Group"
	enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
	manager    = enterprise + ":manager"
	listURN    = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
	errorURN   = "urn:ietf:params:scim:api:messages:2.0:Error"
	patchURN   = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
	// nobody is an id that no server has given.
	nobody = "00000000-0000-4000-8000-000000000000"
)

type object = map[string]any

// probe sends the requests of one scenario and deletes afterwards what they made.
type probe struct {
	testing.TB
	client scimkit.Client
}

// send sends a request and fails the scenario unless the answer has one of the statuses, in the media type of SCIM.
func (p *probe) send(method, path string, body any, statuses ...int) scimkit.Answer {
	p.Helper()
	answer, err := p.client.Do(context.WithoutCancel(p.Context()), method, path, body)
	if err != nil {
		p.Fatalf("%s %s: %v", method, path, err)
	}
	if !slices.Contains(statuses, answer.Status) {
		p.Fatalf("%s %s: %s, want %v; the body was %s", method, path, answer, statuses, text(body))
	}
	if mediaType, _, _ := strings.Cut(answer.Header.Get("Content-Type"), ";"); len(answer.Body) > 0 && mediaType != "application/scim+json" {
		p.Errorf("%s %s: Content-Type %q, want application/scim+json", method, path, mediaType)
	}
	return answer
}

// make posts a resource that is deleted at the end.
func (p *probe) make(endpoint string, body object) object {
	p.Helper()
	created := p.send(http.MethodPost, endpoint, body, http.StatusCreated)
	path := endpoint + "/" + created.ID()
	if created.ID() == "" {
		p.Fatalf("POST %s: the answer has no id: %s", endpoint, created)
	}
	p.Cleanup(func() { p.send(http.MethodDelete, path, nil, http.StatusNoContent, http.StatusNotFound) })
	return created.Document()
}

func (p *probe) user() object  { p.Helper(); return p.make("/Users", fullUser()) }
func (p *probe) group() object { p.Helper(); return p.make("/Groups", newGroup()) }

// patch sends operations, and returns the resource as it is read afterwards.
func (p *probe) patch(path string, operations ...object) object {
	p.Helper()
	p.send(http.MethodPatch, path, object{"schemas": []string{patchURN}, "Operations": operations}, http.StatusOK, http.StatusNoContent)
	return p.send(http.MethodGet, path, nil, http.StatusOK).Document()
}

// search returns what a filter finds, and checks the shape of the answer; more are further query parameters.
func (p *probe) search(endpoint, filter string, more ...string) []object {
	p.Helper()
	query := url.Values{"filter": {filter}}
	for i := 0; i < len(more); i += 2 {
		query.Set(more[i], more[i+1])
	}
	answer := p.send(http.MethodGet, endpoint+"?"+query.Encode(), nil, http.StatusOK)
	var list struct {
		Schemas      []string `json:"schemas"`
		TotalResults *int     `json:"totalResults"`
		Resources    []object `json:"Resources"`
	}
	if err := json.Unmarshal(answer.Body, &list); err != nil {
		p.Fatalf("GET %s with filter %s: %v in %s", endpoint, filter, err, answer)
	}
	if !slices.Contains(list.Schemas, listURN) || list.TotalResults == nil || *list.TotalResults != len(list.Resources) {
		p.Errorf("GET %s with filter %s: want a ListResponse with a true totalResults: %s", endpoint, filter, answer)
	}
	return list.Resources
}

// finds expects that a filter finds this one resource.
func (p *probe) finds(resource object, endpoint, filter string, more ...string) object {
	p.Helper()
	found := p.search(endpoint, filter, more...)
	if len(found) != 1 || found[0]["id"] != resource["id"] {
		p.Fatalf("GET %s with filter %s: want only %v: %s", endpoint, filter, resource["id"], text(found))
	}
	return found[0]
}

// refused expects an error in the form of SCIM.
func (p *probe) refused(method, path string, body any, status int) {
	p.Helper()
	answer := p.send(method, path, body, status)
	document := answer.Document()
	schemas, _ := document["schemas"].([]any)
	if !slices.Contains(schemas, any(errorURN)) || document["status"] != http.StatusText(status) && document["status"] != itoa(status) {
		p.Errorf("%s %s: want a SCIM error with status %q: %s", method, path, itoa(status), answer)
	}
}

// expect compares an attribute by its path of keys.
func (p *probe) expect(resource object, want any, keys ...string) {
	p.Helper()
	if got := at(resource, keys...); text(got) != text(want) {
		p.Errorf("%s is %s, want %s", strings.Join(keys, "."), text(got), text(want))
	}
}

// expectGone expects that an attribute is absent, null or empty (E-22).
func (p *probe) expectGone(resource object, keys ...string) {
	p.Helper()
	switch got := at(resource, keys...); text(got) {
	case "null", `""`, "[]", "{}":
	default:
		p.Errorf("%s is %s, want nothing", strings.Join(keys, "."), text(got))
	}
}

// at follows keys into objects; into a list of objects a key of the form type=work goes to the element of that type.
func at(value any, keys ...string) any {
	for _, key := range keys {
		switch v := value.(type) {
		case object:
			value = v[key]
		case []any:
			name, want, _ := strings.Cut(key, "=")
			i := slices.IndexFunc(v, func(element any) bool {
				return text(at(element, name)) == text(want) || text(at(element, name)) == want
			})
			if i < 0 {
				return nil
			}
			value = v[i]
		default:
			return nil
		}
	}
	return value
}

func text(value any) string {
	encoded, err := json.Marshal(value)
	if err != nil {
		return err.Error()
	}
	return string(encoded)
}

// word makes each resource one of its own, so that the scenarios leave alone what an endpoint has already.
func word() string { return rand.Text() }
