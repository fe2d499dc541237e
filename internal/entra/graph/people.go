package graph

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	abstractions "github.com/microsoft/kiota-abstractions-go"

	"github.com/scim-operator/scim-operator/internal/entra"
)

const (
	objectsTemplate = "{+baseurl}/{collection}{?%24select,%24top}"
	membersTemplate = "{+baseurl}/groups/{id}/members{?%24select,%24top}"
	objectTemplate  = "{+baseurl}/{collection}/{id}{?%24select}"
	objectsPerPage  = 999
)

// collections are the paths of the kinds, and their types in a list that mixes them.
var collections = map[entra.PrincipalKind]struct {
	path, odataType string
	one, many       operation
}{
	entra.PrincipalUser:  {"users", "#microsoft.graph.user", opUser, opUsers},
	entra.PrincipalGroup: {"groups", "#microsoft.graph.group", opGroup, opGroups},
}

// Object implements entra.People.
func (d *directory) Object(ctx context.Context, kind entra.PrincipalKind, id string, properties []string) (json.RawMessage, error) {
	c := collections[kind]
	return d.document(ctx, rawRequest{
		op: c.one, method: abstractions.GET, template: objectTemplate,
		path: map[string]string{"collection": c.path, "id": id}, query: map[string]any{"%24select": selection(properties)},
	})
}

// ObjectPage implements entra.People. Members of a group come mixed; those of another kind are dropped, so that a page
// may be shorter than it was.
func (d *directory) ObjectPage(ctx context.Context, q entra.ObjectQuery) (entra.ObjectPage, error) {
	c := collections[q.Kind]
	r := rawRequest{
		op: c.many, method: abstractions.GET, template: objectsTemplate,
		path:  map[string]string{"collection": c.path},
		query: map[string]any{"%24select": selection(q.Properties), "%24top": objectsPerPage},
	}
	if q.MemberOf != "" {
		r.op, r.template, r.path = opMembers, membersTemplate, map[string]string{"id": q.MemberOf}
	}
	if q.Next != "" {
		r.path, r.query = map[string]string{"request-raw-url": q.Next}, nil
	}
	page, err := rawJSON[collection[json.RawMessage]](ctx, d, r)
	if err != nil {
		return entra.ObjectPage{}, err
	}
	out := entra.ObjectPage{Next: page.NextLink}
	for _, object := range page.Value {
		if q.MemberOf == "" || odataType(object) == c.odataType {
			out.Objects = append(out.Objects, object)
		}
	}
	return out, nil
}

func selection(properties []string) string {
	if !slices.Contains(properties, "id") {
		properties = append([]string{"id"}, properties...)
	}
	return strings.Join(properties, ",")
}

// odataType is the type of an object in a list of several types; empty where the object does not tell.
func odataType(object json.RawMessage) string {
	var typed struct {
		Type string `json:"@odata.type"`
	}
	_ = json.Unmarshal(object, &typed) // an object that is not JSON has no type
	return typed.Type
}
