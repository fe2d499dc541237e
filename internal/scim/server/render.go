package server

import (
	"context"
	"maps"
	"time"

	"github.com/scim-operator/scim-operator/internal/scim/resource"
	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/store"
)

// timeFormat is xsd:dateTime in UTC with milliseconds.
const timeFormat = "2006-01-02T15:04:05.000Z"

// view is how resources of one type are shown.
type view struct {
	rt         *schema.ResourceType
	projection resource.Projection
	// memberless is true when the group is known to have no members.
	memberless bool
}

// want says what of other resources the view shows, so that nothing else is read.
func (v view) want() store.Want {
	if v.rt.Name != schema.User {
		return store.Want{}
	}
	enterprise := v.rt.Extension(schema.EnterpriseUserURN)
	return store.Want{
		Groups:  v.projection.Wants(v.rt, "groups"),
		Manager: enterprise != nil && v.projection.WantsOf(enterprise, "manager"),
	}
}

// shown is want of what is read only to be shown.
func (v view) shown() store.Want {
	want := v.want()
	want.Raw = true
	return want
}

// members tells whether the view shows members, which are streamed.
func (v view) members() bool {
	return v.rt.Name == schema.Group && !v.memberless && v.projection.Wants(v.rt, "members")
}

// assemble makes the whole document of a resource, but for members.
func (s *Server) assemble(rt *schema.ResourceType, r store.Resource) map[string]any {
	doc := make(map[string]any, len(r.Doc)+4)
	maps.Copy(doc, r.Doc)
	urns := []any{rt.Schema.ID}
	for _, e := range rt.Extensions {
		if doc[e.Schema.ID] != nil {
			urns = append(urns, e.Schema.ID)
		}
	}
	doc["schemas"] = urns
	doc["id"] = r.ID
	doc["meta"] = map[string]any{
		"resourceType": rt.Name,
		"created":      formatTime(r.Created),
		"lastModified": formatTime(r.Modified),
		"location":     s.location(rt.Name, r.ID),
		"version":      etag(r.Version),
	}
	if len(r.Groups) > 0 {
		doc["groups"] = s.groups(r.Groups)
	}
	s.showManager(doc, r.Manager)
	return doc
}

func formatTime(t time.Time) string {
	return t.UTC().Format(timeFormat)
}

// location is the address of a resource, from the configured base and not from the Host header (S-19).
func (s *Server) location(typeName, id string) string {
	return s.locations[typeName] + id
}

func (s *Server) groups(refs []store.Ref) []any {
	list := make([]any, 0, len(refs))
	for _, ref := range refs {
		element := s.reference(ref)
		element["type"] = "direct"
		list = append(list, element)
	}
	return list
}

// reference is how another resource is shown, as in members.
func (s *Server) reference(ref store.Ref) map[string]any {
	element := map[string]any{"value": ref.ID, "type": ref.Type, "$ref": s.location(ref.Type, ref.ID)}
	if ref.Display != "" {
		element["display"] = ref.Display
	}
	return element
}

// showManager fills $ref, and displayName when the id is that of a user (S-22, S-23).
func (s *Server) showManager(doc map[string]any, ref *store.Ref) {
	id := store.ManagerID(doc)
	if id == "" {
		return
	}
	manager := map[string]any{"value": id, "$ref": s.location(schema.User, id)}
	if ref != nil && ref.Display != "" {
		manager["displayName"] = ref.Display
	}
	enterprise := maps.Clone(doc[schema.EnterpriseUserURN].(map[string]any))
	enterprise["manager"] = manager
	doc[schema.EnterpriseUserURN] = enterprise
}

// write appends a resource to the body, members last, because they may be many and are sent as they are read (G-8).
func (s *Server) write(ctx context.Context, c *call, reader store.Reader, v view, r store.Resource) error {
	out := c.out()
	*out = append(*out, '{')
	*out = v.projection.AppendFields(*out, v.rt, s.assemble(v.rt, r))
	if v.members() {
		if err := s.writeMembers(ctx, c, reader, v, r.ID); err != nil {
			return err
		}
	}
	*out = append(*out, '}')
	return c.spill()
}

func (s *Server) writeMembers(ctx context.Context, c *call, reader store.Reader, v view, groupID string) error {
	shows := func(sub string) bool { return v.projection.WantsSub(v.rt, "members", sub) }
	value, ref, kind, display := shows("value"), shows("$ref"), shows("type"), shows("display")
	out := c.out()
	separator := `,"members":[`
	err := reader.Members(ctx, groupID, func(member store.Ref) error {
		*out = append(*out, separator...)
		separator = ","
		open := len(*out)
		if ref {
			*out = appendText(*out, open, "$ref", s.location(member.Type, member.ID))
		}
		if display && member.Display != "" {
			*out = appendText(*out, open, "display", member.Display)
		}
		if kind {
			*out = appendText(*out, open, "type", member.Type)
		}
		if value {
			*out = appendText(*out, open, "value", member.ID)
		}
		if len(*out) == open {
			*out = append(*out, '{')
		}
		*out = append(*out, '}')
		return c.spill()
	})
	if err == nil && separator == "," {
		*out = append(*out, ']')
	}
	return err
}

// appendText appends a member to the object that begins at open.
func appendText(dst []byte, open int, name, text string) []byte {
	separator := byte(',')
	if len(dst) == open {
		separator = '{'
	}
	dst = append(dst, separator, '"')
	dst = append(append(dst, name...), '"', ':')
	return resource.AppendString(dst, text)
}
