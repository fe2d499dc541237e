package story

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"

	"github.com/scim-operator/scim-operator/internal/entrasim/directory"
)

// A cast is who plays which part in step 3. All are chosen by what they are in the directory, so that its file may change.
type cast struct {
	editors, readers, namesake                        *directory.Group
	marries, disabled, leaves, joins, promoted, loses *directory.User
}

// peopleChange is step 3.
func peopleChange(ctx context.Context, t *teller) error {
	before, err := t.look(ctx)
	if err != nil {
		return err
	}
	c, err := chooseCast(before)
	if err != nil {
		return err
	}
	t.cast = c
	assignments, err := t.simulator.state(ctx)
	if err != nil {
		return err
	}
	if err := t.change(ctx, c); err != nil {
		return err
	}
	// The operator sees the names now. They mean nothing to it: it has resolved them once.
	if err := t.pass(ctx); err != nil {
		return err
	}
	if _, err := t.cycle(ctx); err != nil {
		return err
	}
	after, err := t.look(ctx)
	if err != nil {
		return err
	}
	if err := t.endpointHasExactly(ctx, after); err != nil {
		return err
	}
	for _, gone := range []*directory.User{c.disabled, c.leaves} {
		if _, entitled := after.entitled[gone.ID]; entitled {
			return fmt.Errorf("the story is wrong: %s is still entitled", gone.UserPrincipalName)
		}
	}
	t.say("the endpoint shows exactly that; who left is inactive, not deleted")
	return t.assignmentsAre(ctx, assignments.Assignments)
}

// assignmentsAre expects that nobody touched the assignments in Entra; the names of groups may have changed.
func (t *teller) assignmentsAre(ctx context.Context, want any) error {
	state, err := t.simulator.state(ctx)
	if err != nil {
		return err
	}
	ignoreName := cmp.FilterPath(func(p cmp.Path) bool { return strings.HasSuffix(p.String(), "Principal") }, cmp.Ignore())
	if diff := cmp.Diff(want, any(state.Assignments), ignoreName); diff != "" {
		return expectation("the same assignments as before", "differences (-expected +seen):\n%s", diff)
	}
	return nil
}

func chooseCast(w *world) (*cast, error) {
	c := &cast{}
	for id, role := range w.assigned {
		switch role {
		case "editor":
			c.editors = w.groups[id]
		case "reader":
			c.readers = w.groups[id]
		}
	}
	if c.editors == nil || c.readers == nil {
		return nil, fmt.Errorf("the sample assigns no group as editor or none as reader: %v", w.assigned)
	}
	for _, part := range []struct {
		role **directory.User
		who  string
		fits func(*directory.User) bool
	}{
		{&c.marries, "a reader who can marry", w.onlyReads},
		{&c.disabled, "a reader who can be disabled", w.onlyReads},
		{&c.leaves, "a reader who can leave", w.onlyReads},
		{&c.promoted, "a reader who can become editor", w.onlyReads},
		{&c.loses, "somebody with both roles", func(u *directory.User) bool { return len(w.entitled[u.ID]) == 2 }},
		{&c.joins, "somebody from outside who leads nobody inside", w.outside},
	} {
		for _, id := range sortedKeys(w.users) {
			if user := w.users[id]; part.fits(user) && !c.plays(user) {
				*part.role = user
				break
			}
		}
		if *part.role == nil {
			return nil, fmt.Errorf("the directory has not %s", part.who)
		}
	}
	for _, id := range sortedKeys(w.groups) {
		if _, assigned := w.assigned[id]; !assigned && len(w.groups[id].Members) > 0 {
			c.namesake = w.groups[id]
		}
	}
	if c.namesake == nil {
		return nil, fmt.Errorf("the directory has no group that is not assigned")
	}
	return c, nil
}

func (c *cast) plays(user *directory.User) bool {
	return slices.Contains([]*directory.User{c.marries, c.disabled, c.leaves, c.joins, c.promoted, c.loses}, user)
}

func (w *world) onlyReads(user *directory.User) bool {
	return slices.Equal(w.entitled[user.ID], []string{"reader"}) && !user.IsGuest() && user.Mail != "" && user.Surname != ""
}

// outside is somebody who could join. Entra adds a manager who comes later to nobody, so a manager of people inside would not do.
func (w *world) outside(user *directory.User) bool {
	if _, entitled := w.entitled[user.ID]; entitled || !user.Enabled() || user.IsGuest() {
		return false
	}
	for id := range w.entitled {
		if w.users[id].Manager == user.ID {
			return false
		}
	}
	return true
}

// change changes the directory.
func (t *teller) change(ctx context.Context, c *cast) error {
	s := t.simulator
	married := "Sjöberg-" + c.marries.Surname
	_, domain, _ := strings.Cut(c.marries.UserPrincipalName, "@")
	address := "newly.wed." + strings.ToLower(c.marries.EmployeeID) + "@" + domain
	oldName := c.editors.DisplayName
	for _, step := range []struct {
		what string
		do   func() error
	}{
		{c.marries.DisplayName + " marries", func() error {
			return s.patchUser(ctx, c.marries.ID, map[string]any{
				"surname": married, "displayName": c.marries.GivenName + " " + married, "userPrincipalName": address, "mail": address,
			})
		}},
		{c.disabled.DisplayName + " is disabled", func() error {
			return s.patchUser(ctx, c.disabled.ID, map[string]any{"accountEnabled": false})
		}},
		{c.leaves.DisplayName + " leaves " + c.readers.DisplayName, func() error { return s.removeMember(ctx, c.readers.ID, c.leaves.ID) }},
		{c.joins.DisplayName + " joins " + c.readers.DisplayName, func() error { return s.addMember(ctx, c.readers.ID, c.joins.ID) }},
		{c.promoted.DisplayName + " becomes editor instead of reader", func() error {
			if err := s.removeMember(ctx, c.readers.ID, c.promoted.ID); err != nil {
				return err
			}
			return s.addMember(ctx, c.editors.ID, c.promoted.ID)
		}},
		{c.loses.DisplayName + " is no longer editor", func() error { return s.removeMember(ctx, c.editors.ID, c.loses.ID) }},
		{oldName + " is renamed, and " + c.namesake.DisplayName + " takes its name", func() error {
			if err := s.patchGroup(ctx, c.editors.ID, map[string]any{"displayName": "Wiki Authors"}); err != nil {
				return err
			}
			return s.patchGroup(ctx, c.namesake.ID, map[string]any{"displayName": oldName})
		}},
	} {
		t.say("%s", step.what)
		if err := step.do(); err != nil {
			return err
		}
	}
	return nil
}
