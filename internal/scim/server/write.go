package server

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/scim-operator/scim-operator/internal/scim/patch"
	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/scimerr"
	"github.com/scim-operator/scim-operator/internal/scim/store"
)

// maxAttempts bounds how often a change is decided again because somebody else was faster (V-5). Hundreds of changes of
// one group's members may come between the read and the write of its rename.
const maxAttempts = 60

// target is what is written, by a request of its own or by a part of a bulk request.
type target struct {
	c  *call
	rt *schema.ResourceType
	// id is empty until a create has made it.
	id string
	// ifMatch is the header of that name, or the version of a bulk operation; empty for none.
	ifMatch string
	// want says what the answer shows besides the record.
	want store.Want
}

// decision is what a PUT or PATCH makes of a resource.
type decision struct {
	doc     map[string]any
	members []patch.MemberChange
}

// written is a resource as a write left it.
type written struct {
	resource store.Resource
	// attributes are the names of those that changed.
	attributes []string
}

// checkIfMatch is 412 when the client asked for another version (V-3).
func (t target) checkIfMatch(version int64) error {
	if t.ifMatch != "" && !tagMatches(t.ifMatch, etag(version)) {
		return preconditionFailed(version)
	}
	return nil
}

// retried runs an attempt again while others change the resource between its read and its write. With If-Match the next
// read finds another version, and the attempt ends with 412 (V-4).
func retried(ctx context.Context, attempt func() error) error {
	for n := 0; ; n++ {
		err := attempt()
		if !errors.Is(err, store.ErrVersionChanged) || n == maxAttempts {
			return err
		}
		if err := pause(ctx, n); err != nil {
			return err
		}
	}
}

// pause lets others finish, longer each time.
func pause(ctx context.Context, n int) error {
	timer := time.NewTimer(rand.N(time.Duration(1+min(n, 20)) * time.Millisecond))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// modify reads a resource, decides the change, and writes it on that version. A change that changes nothing writes
// nothing (P-4, C-12).
func (s *Server) modify(ctx context.Context, t target, event store.Event, decide func(store.Resource) (decision, error)) (written, error) {
	var out written
	err := retried(ctx, func() error {
		current, err := s.store.Get(ctx, t.rt.Name, t.id, t.want)
		if err != nil {
			return err
		}
		if err := t.checkIfMatch(current.Version); err != nil {
			return err
		}
		decided, err := decide(current)
		if err != nil {
			return err
		}
		out, err = s.apply(ctx, t, event, current, decided)
		return err
	})
	if err != nil {
		return written{}, err
	}
	s.audit(t, string(event), out.attributes)
	return out, nil
}

// apply writes a decision on the version that it was made on.
func (s *Server) apply(ctx context.Context, t target, event store.Event, current store.Resource, decided decision) (written, error) {
	rebound, err := t.checkRebind(current.Doc, decided.doc)
	if err != nil {
		return written{}, err
	}
	if rebound {
		event, current.Groups = store.EventRebound, nil
	}
	if t.rt.Name == schema.User {
		keepOwner(current.Doc, decided.doc)
	}
	attributes := changed(current.Doc, decided.doc)
	if len(attributes) == 0 && len(decided.members) == 0 {
		return written{resource: current}, nil
	}
	members, err := s.memberChanges(ctx, t, decided.members)
	if err != nil {
		return written{}, err
	}
	m := store.Mutation{
		Operation: store.Update, Type: t.rt.Name, ID: t.id, Expected: current.Version, Members: members, LeaveGroups: rebound, At: s.timestamp(),
		Change: t.change(event, current.Doc, decided.doc, attributes),
	}
	if len(attributes) > 0 {
		m.Doc = decided.doc
	}
	applied, err := s.store.Apply(ctx, m)
	if err != nil {
		return written{}, err
	}
	s.tellIgnored(t, applied.Unknown)
	out := written{resource: current}
	if applied.Changed {
		out.resource.Doc, out.resource.Version, out.resource.Modified = decided.doc, applied.Version, applied.Modified
		out.attributes = withMembers(attributes, applied)
		out.resource.Manager, err = s.managerOf(ctx, t, current, decided.doc)
	}
	return out, err
}

// managerOf returns the manager of the changed document; it is read only when it is another one.
func (s *Server) managerOf(ctx context.Context, t target, before store.Resource, after map[string]any) (*store.Ref, error) {
	id := store.ManagerID(after)
	if !t.want.Manager || id == "" {
		return nil, nil
	}
	if id == store.ManagerID(before.Doc) {
		return before.Manager, nil
	}
	refs, err := s.store.Refs(ctx, id)
	if ref, ok := refs[id]; ok && ref.Type == schema.User {
		return &ref, err
	}
	return nil, err
}

// change fills what is recorded of a write; the store adds the rest. A changed active is what consumers wait for.
func (t target) change(event store.Event, before, after map[string]any, attributes []string) store.Change {
	change := store.Change{
		Event: event, Type: t.rt.Name, ID: t.id, Attributes: attributes,
		Actor: t.c.identity.TokenID, RequestID: t.c.requestID,
	}
	change.ExternalID, _ = after["externalId"].(string)
	if t.rt.Name != schema.User {
		return change
	}
	change.UserName, _ = after["userName"].(string)
	if previous, _ := before["userName"].(string); previous != change.UserName {
		change.PreviousUserName = previous
	}
	if active, ok := after["active"].(bool); ok {
		change.Active = &active
	}
	if isUpdate := event == store.EventPut || event == store.EventPatch; isUpdate && isActive(before) != isActive(after) {
		change.Event = store.EventDeactivate
		if isActive(after) {
			change.Event = store.EventActivate
		}
	}
	return change
}

// isActive takes an account without active for an active one, as events and views do.
func isActive(doc map[string]any) bool {
	active, ok := doc["active"].(bool)
	return active || !ok
}

// audit writes a line of the log on who changed which attributes of which resource, without their values. The
// record itself is the Change, in the transaction of the write.
func (s *Server) audit(t target, operation string, attributes []string) {
	if len(attributes) == 0 && operation != string(store.EventDelete) {
		return
	}
	s.log.LogAttrs(t.c.r.Context(), slog.LevelInfo, "audit", slog.String("requestID", t.c.requestID),
		slog.String("token", t.c.identity.TokenID), slog.String("operation", operation), slog.String("resourceType", t.rt.Name),
		slog.String("resourceID", t.id), slog.Any("attributes", attributes))
}

func withMembers(attributes []string, applied store.Applied) []string {
	if applied.Added+applied.Removed > 0 {
		return append(attributes, "members")
	}
	return attributes
}

func preconditionFailed(version int64) error {
	return scimerr.New(http.StatusPreconditionFailed, "the resource has changed: its version is %s now", etag(version))
}
