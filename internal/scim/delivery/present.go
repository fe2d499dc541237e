package delivery

import (
	"context"
	"errors"
	"fmt"

	"github.com/scim-operator/scim-operator/internal/scim/events"
	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/store"
)

// eventsOf makes the events of changes with the present state of their resources, all read at one moment.
func eventsOf(ctx context.Context, s store.Store, registry *schema.Registry, changes []store.Change) ([]events.Event, error) {
	list := make([]events.Event, 0, len(changes))
	if len(changes) == 0 {
		return list, nil
	}
	err := s.View(ctx, func(reader store.Reader) error {
		states, err := present(ctx, reader, changes)
		for _, c := range changes {
			list = append(list, events.Of(c, states[c.ID], registry.ResourceType(c.Type)))
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading the state of what changed: %w", err)
	}
	return list, nil
}

func present(ctx context.Context, reader store.Reader, changes []store.Change) (map[string]events.State, error) {
	states := make(map[string]events.State, len(changes))
	var users []string
	for _, c := range changes {
		if _, known := states[c.ID]; known {
			continue
		}
		resource, err := reader.Get(ctx, c.Type, c.ID, store.Want{})
		if errors.Is(err, store.ErrNotFound) {
			states[c.ID] = events.State{}
			continue
		} else if err != nil {
			return nil, err
		}
		states[c.ID] = events.State{Record: &resource.Record}
		if c.Type == schema.User {
			users = append(users, c.ID)
		}
	}
	if len(users) == 0 {
		return states, nil
	}
	memberships, err := reader.Memberships(ctx, users...)
	for _, id := range users {
		states[id] = events.State{Record: states[id].Record, Memberships: memberships[id]}
	}
	return states, err
}
