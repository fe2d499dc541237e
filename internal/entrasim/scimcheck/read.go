package scimcheck

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/scim-operator/scim-operator/internal/entrasim/engine"
)

// resource is a SCIM resource as the server shows it.
type resource = map[string]any

const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

// base is the address without its query, in which Entra's feature flags are.
func base(address string) string {
	address, _, _ = strings.Cut(strings.TrimSpace(address), "?")
	return strings.TrimSuffix(address, "/")
}

// get reads from the server, apart from the engine. The status is 0 when there was no answer.
func (c *checker) get(ctx context.Context, path string) (resource, int) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+path, nil)
	if err != nil {
		return nil, 0
	}
	request.Header.Set("Authorization", "Bearer "+c.token)
	request.Header.Set("Accept", "application/scim+json, application/json")
	response, err := c.client.Do(request)
	if err != nil {
		return nil, 0
	}
	defer response.Body.Close()
	var found resource
	if raw, err := io.ReadAll(response.Body); err != nil || json.Unmarshal(raw, &found) != nil {
		return nil, response.StatusCode
	}
	return found, response.StatusCode
}

// find looks a resource up by an attribute. The problem is empty when there is exactly one.
func (c *checker) find(ctx context.Context, kind, attribute, value string) (found resource, problem string) {
	filter, err := engine.FilterEquals(attribute, value)
	if err != nil {
		return nil, err.Error()
	}
	list, status := c.get(ctx, "/"+kind+"?filter="+url.QueryEscape(filter))
	if status != http.StatusOK {
		return nil, fmt.Sprintf("GET /%s with the filter %s is answered %d, not 200.", kind, filter, status)
	}
	members, _ := list["Resources"].([]any)
	if len(members) != 1 {
		return nil, fmt.Sprintf("GET /%s with the filter %s finds %d resources, not 1.", kind, filter, len(members))
	}
	found, _ = members[0].(resource)
	return found, ""
}

// gone says what is wrong unless nothing is found.
func (c *checker) gone(ctx context.Context, kind, attribute, value string) []string {
	if _, problem := c.find(ctx, kind, attribute, value); strings.Contains(problem, "finds 0 resources") {
		return nil
	}
	return []string{fmt.Sprintf("%s %q is still there, or the search for it fails.", attribute, value)}
}

// readGroup reads a group with its members.
func (c *checker) readGroup(ctx context.Context, name string) (resource, string) {
	found, problem := c.find(ctx, "Groups", "displayName", name)
	if problem != "" {
		return nil, problem
	}
	id, _ := found["id"].(string)
	whole, status := c.get(ctx, "/Groups/"+url.PathEscape(id))
	if status != http.StatusOK {
		return nil, fmt.Sprintf("GET /Groups/%s is answered %d, not 200.", id, status)
	}
	return whole, ""
}

// at reads a value by a path such as name.familyName; nil when there is none.
func at(r resource, path ...string) any {
	var value any = r
	for _, name := range path {
		o, _ := value.(resource)
		value = nil
		for key, member := range o {
			if strings.EqualFold(key, name) {
				value = member
			}
		}
	}
	return value
}

// expect compares values of a resource with what Entra sent.
func expect(name string, r resource, want map[string]any) []string {
	var problems []string
	for _, path := range sorted(want) {
		steps := strings.Split(path, ".")
		if member, extension := strings.CutPrefix(path, enterprise+":"); extension {
			steps = append([]string{enterprise}, strings.Split(member, ".")...)
		}
		if got := at(r, steps...); got != want[path] {
			problems = append(problems, fmt.Sprintf("%s has %s %s, and should have %s.", name, path, show(got), show(want[path])))
		}
	}
	return problems
}

func show(value any) string {
	if value == nil {
		return "nothing"
	}
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	return string(text)
}
