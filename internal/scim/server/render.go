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

// derived is what a page of resources shows of other resources.
type derived struct {
	groups   map[string][]store.Ref
	members  map[string][]store.Ref
	managers map[string]store.Ref
}

// derive reads, in one query each, what the records need; wants says whether a core attribute is needed at all.
func derive(ctx context.Context, reader store.Reader, rt *schema.ResourceType, records []store.Record, wants func(string) bool) (derived, error) {
	var d derived
	var ids, managerIDs []string
	for _, record := range records {
		ids = append(ids, record.ID)
		if id := store.ManagerID(record.Doc); id != "" {
			managerIDs = append(managerIDs, id)
		}
	}
	var err error
	if len(managerIDs) > 0 {
		if d.managers, err = reader.Refs(ctx, managerIDs...); err != nil {
			return derived{}, err
		}
	}
	if rt.Name == schema.User && len(ids) > 0 && wants("groups") {
		if d.groups, err = reader.Groups(ctx, ids...); err != nil {
			return derived{}, err
		}
	}
	if rt.Name == schema.Group && len(ids) > 0 && wants("members") {
		if d.members, err = reader.Members(ctx, ids...); err != nil {
			return derived{}, err
		}
	}
	return d, nil
}

// assemble makes the whole resource of a record.
func (s *Server) assemble(rt *schema.ResourceType, record store.Record, d derived) map[string]any {
	doc := maps.Clone(record.Doc)
	urns := []any{rt.Schema.ID}
	for _, e := range rt.Extensions {
		if doc[e.Schema.ID] != nil {
			urns = append(urns, e.Schema.ID)
		}
	}
	doc["schemas"] = urns
	doc["id"] = record.ID
	doc["meta"] = map[string]any{
		"resourceType": rt.Name,
		"created":      formatTime(record.Created),
		"lastModified": formatTime(record.Modified),
		"location":     s.location(rt.Name, record.ID),
		"version":      etag(record.Version),
	}
	if list := s.references(d.groups[record.ID], map[string]any{"type": "direct"}); len(list) > 0 {
		doc["groups"] = list
	}
	if list := s.references(d.members[record.ID], nil); len(list) > 0 {
		doc["members"] = list
	}
	s.showManager(doc, d.managers)
	return doc
}

func formatTime(t time.Time) string {
	return t.UTC().Format(timeFormat)
}

// location is the address of a resource, from the configured base and not from the Host header (S-19).
func (s *Server) location(typeName, id string) string {
	return s.publicURL + "/" + typeName + "s/" + id
}

// references renders groups and members; type is that of the resource unless extra has one.
func (s *Server) references(refs []store.Ref, extra map[string]any) []any {
	list := make([]any, 0, len(refs))
	for _, ref := range refs {
		element := map[string]any{"value": ref.ID, "type": ref.Type, "$ref": s.location(ref.Type, ref.ID)}
		if ref.Display != "" {
			element["display"] = ref.Display
		}
		maps.Copy(element, extra)
		list = append(list, element)
	}
	return list
}

// showManager fills $ref, and displayName when the id resolves to a user (S-22, S-23).
func (s *Server) showManager(doc map[string]any, managers map[string]store.Ref) {
	id := store.ManagerID(doc)
	if id == "" {
		return
	}
	manager := map[string]any{"value": id, "$ref": s.location(schema.User, id)}
	if ref, ok := managers[id]; ok && ref.Type == schema.User && ref.Display != "" {
		manager["displayName"] = ref.Display
	}
	enterprise := maps.Clone(doc[schema.EnterpriseUserURN].(map[string]any))
	enterprise["manager"] = manager
	doc[schema.EnterpriseUserURN] = enterprise
}

// render reads what one record shows of others and returns the projected resource.
func (s *Server) render(ctx context.Context, reader store.Reader, rt *schema.ResourceType, record store.Record, p resource.Projection) (map[string]any, error) {
	d, err := derive(ctx, reader, rt, []store.Record{record}, func(name string) bool { return p.Wants(rt, name) })
	if err != nil {
		return nil, err
	}
	return p.Apply(rt, s.assemble(rt, record, d)), nil
}
