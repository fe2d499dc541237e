package scimcheck

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/scim-operator/scim-operator/internal/entrasim"
	"github.com/scim-operator/scim-operator/internal/entrasim/directory"
	"github.com/scim-operator/scim-operator/internal/entrasim/syncschema"
)

// step is one thing that happens in the directory, and what has to be true in the server after the next cycle.
type step struct {
	Name  string
	what  string
	needs string // a step without which this one says nothing
	run   func(context.Context, *checker) ([]string, error)
}

const (
	peopleStep = "create people"
	groupsStep = "create groups"
	lastStep   = "clean up"
)

// steps is the story, in its order.
var steps = []step{
	{peopleStep, "the initial cycle looks everybody up and creates who is not found", "", createdPeople},
	{groupsStep, "it does so with groups, and then sends their members", peopleStep, createdGroups},
	{"create references", "it sends who is whose manager", peopleStep, createdReferences},
	{"idempotence", "a full cycle compares everybody again and finds nothing to send", peopleStep, idempotent},
	{"attributes", "names, title and department of a person change", peopleStep, attributes},
	{"rename", "a person gets another userPrincipalName, with characters that filters have to quote", peopleStep, rename},
	{"manager", "a person gets a manager", peopleStep, manager},
	{"join", "a person joins a group", groupsStep, join},
	{"leave", "the same person leaves it; who else is in it stays", "join", leave},
	{"rename group", "a group gets another displayName", groupsStep, renameGroup},
	{"disable", "an account is disabled", peopleStep, disable},
	{"enable", "it is enabled again", "disable", enable},
	{"unassign", "a person is no longer assigned", peopleStep, unassign},
	{"delete", "a person is deleted, and then for good", peopleStep, remove},
	{"delete group", "a group is deleted", groupsStep, removeGroup},
	{lastStep, "everybody is deleted for good, and nothing is left in the server", "", cleanUp},
}

// cycle runs one cycle and says what failed in it.
func (c *checker) cycle(ctx context.Context) (*entrasim.CycleReport, []string, error) {
	// Every start lifts a quarantine, so that one failed step does not stand in the way of the next.
	if err := c.server.Tenant().StartJob(c.sp, c.job); err != nil {
		return nil, nil, fmt.Errorf("starting the job: %w", err)
	}
	r, err := c.server.RunCycle(ctx, c.job)
	if err != nil {
		return nil, nil, fmt.Errorf("running a cycle: %w", err)
	}
	return r, told(r.Error, c.news(r.Failures)), nil
}

// news are the failures that no step has told of: Entra tries what failed again, cycle after cycle.
func (c *checker) news(failures []entrasim.CycleFailure) []entrasim.CycleFailure {
	var out []entrasim.CycleFailure
	for _, f := range failures {
		if key := f.ObjectID + " " + f.Code; !c.told[key] {
			c.told[key] = true
			out = append(out, f)
		}
	}
	return out
}

// told words what went wrong in a cycle. Objects that failed alike are told of together; what the server answered is among the
// refused requests.
func told(whole *entrasim.CycleError, failures []entrasim.CycleFailure) []string {
	var problems []string
	if whole != nil {
		problems = append(problems, "The cycle failed: "+whole.Code+": "+whole.Message)
	}
	alike, order := map[string][]string{}, []string{}
	for _, f := range failures {
		kind := fmt.Sprintf("%s of a %s failed with %s", f.Action, f.Type, f.Code)
		if alike[kind] == nil {
			order = append(order, kind)
		}
		alike[kind] = append(alike[kind], fmt.Sprintf("%q", f.DisplayName))
	}
	for _, kind := range order {
		names := alike[kind]
		text := strings.Join(names[:min(len(names), 3)], ", ")
		if more := len(names) - 3; more > 0 {
			text += fmt.Sprintf(" and %d more", more)
		}
		problems = append(problems, kind+": "+text)
	}
	return problems
}

// edit changes a person and runs a cycle.
func (c *checker) edit(ctx context.Context, u *directory.User, change map[string]any) ([]string, error) {
	patch, err := json.Marshal(change)
	if err != nil {
		return nil, fmt.Errorf("encoding a change: %w", err)
	}
	changed, err := c.server.Tenant().PatchUser(u.ID, patch)
	if err != nil {
		return nil, fmt.Errorf("changing %s: %w", u.UserPrincipalName, err)
	}
	*u = *changed
	_, problems, err := c.cycle(ctx)
	return problems, err
}

// person checks the values of a person in the server.
func (c *checker) person(ctx context.Context, u *directory.User, want map[string]any) []string {
	found, problem := c.find(ctx, "Users", "userName", u.UserPrincipalName)
	if problem != "" {
		return []string{problem}
	}
	return expect(u.UserPrincipalName, found, want)
}

// createdPeople runs the initial cycle. Who failed and is there all the same, whole, is told of among the references.
func createdPeople(ctx context.Context, c *checker) ([]string, error) {
	r, _, err := c.cycle(ctx)
	if err != nil {
		return nil, err
	}
	missing, problems := map[string]bool{}, []string{}
	for _, u := range c.all.Users {
		if !u.Enabled() || u.IsGuest() {
			continue
		}
		if wrong := c.person(ctx, u, map[string]any{"active": true, "displayName": u.DisplayName}); len(wrong) > 0 {
			missing[u.ID], problems = true, append(problems, wrong...)
		}
		if r.Error != nil {
			break // nobody will be there
		}
	}
	var failures []entrasim.CycleFailure
	for _, f := range r.Failures {
		if missing[f.ObjectID] {
			failures = append(failures, f)
		} else {
			c.later = append(c.later, f)
		}
	}
	c.take(func(entrasim.Exchange) bool { return len(problems) > 0 || r.Error != nil })
	return append(told(r.Error, failures), problems...), nil
}

func createdGroups(ctx context.Context, c *checker) ([]string, error) {
	failures := c.failed(syncschema.GroupSource)
	c.take(func(e entrasim.Exchange) bool { return strings.Contains(e.URL, "/Groups") })
	problems := told(nil, failures)
	for _, g := range c.all.Groups {
		if g.Security() && !slices.ContainsFunc(failures, func(f entrasim.CycleFailure) bool { return f.ObjectID == g.ID }) {
			problems = append(problems, c.members(ctx, g, c.countEnabled(g))...)
		}
	}
	return problems, nil
}

func createdReferences(ctx context.Context, c *checker) ([]string, error) {
	c.take(func(entrasim.Exchange) bool { return true })
	problems := told(nil, c.failed(syncschema.UserSource))
	names := map[string]string{}
	for _, u := range c.all.Users {
		names[u.ID] = u.UserPrincipalName
	}
	for _, u := range c.people {
		if boss, _ := c.find(ctx, "Users", "userName", names[u.Manager]); u.Manager != "" && boss != nil {
			problems = append(problems, c.person(ctx, u, map[string]any{enterprise + ":manager.value": boss["id"]})...)
		}
	}
	return problems, nil
}

// take moves the refused requests of the initial cycle that the step is about to it; the others wait for another step.
func (c *checker) take(mine func(entrasim.Exchange) bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := slices.Concat(c.waiting, c.wrong)
	c.wrong, c.waiting = nil, nil
	for _, e := range all {
		if mine(e) {
			c.wrong = append(c.wrong, e)
		} else {
			c.waiting = append(c.waiting, e)
		}
	}
}

// failed are the objects of a kind that failed in the initial cycle.
func (c *checker) failed(kind string) []entrasim.CycleFailure {
	return slices.DeleteFunc(slices.Clone(c.later), func(f entrasim.CycleFailure) bool { return f.Type != kind })
}

// countEnabled is how many members of a group Entra tells of: people who are provisioned, and groups never.
func (c *checker) countEnabled(g *directory.Group) int {
	n := 0
	for _, u := range c.all.Users {
		if u.Enabled() && slices.Contains(g.Members, u.ID) {
			n++
		}
	}
	return n
}

func (c *checker) members(ctx context.Context, g *directory.Group, want int) []string {
	found, problem := c.readGroup(ctx, g.DisplayName)
	if problem != "" {
		return []string{problem}
	}
	list, _ := at(found, "members").([]any)
	if len(list) != want {
		return []string{fmt.Sprintf("The group %q has %d members, and should have %d.", g.DisplayName, len(list), want)}
	}
	return nil
}

func idempotent(ctx context.Context, c *checker) ([]string, error) {
	if err := c.server.Tenant().RestartJob(c.sp, c.job, "Watermark"); err != nil {
		return nil, fmt.Errorf("restarting the job: %w", err)
	}
	before := len(c.server.Tenant().Logs())
	r, problems, err := c.cycle(ctx)
	if err != nil || r.Updated+r.Created == 0 {
		return problems, err
	}
	seen := map[string]int{}
	for _, entry := range c.server.Tenant().Logs()[before:] {
		changes, _ := entry["modifiedProperties"].([]any)
		for _, change := range changes {
			if name, ok := at(resource{"c": change}, "c", "displayName").(string); ok && entry["provisioningAction"] != "other" {
				seen[name]++
			}
		}
	}
	problems = append(problems, fmt.Sprintf("Entra would write %d resources again in each full cycle: the server does not return what "+
		"was written.", r.Updated+r.Created))
	for _, name := range sorted(seen) {
		problems = append(problems, fmt.Sprintf("%s was written again for %d resources.", name, seen[name]))
	}
	return problems, nil
}

func attributes(ctx context.Context, c *checker) ([]string, error) {
	u := c.people[0]
	problems, err := c.edit(ctx, u, map[string]any{"displayName": `Zoë "Zo" O'Neill \ 王`, "surname": "O'Neill", "jobTitle": "Lead",
		"department": "R&D"})
	return append(problems, c.person(ctx, u, map[string]any{"displayName": u.DisplayName, "name.familyName": "O'Neill", "title": "Lead",
		enterprise + ":department": "R&D", "active": true})...), err
}

func rename(ctx context.Context, c *checker) ([]string, error) {
	u := c.people[0]
	before := u.UserPrincipalName
	old, _ := c.find(ctx, "Users", "userName", before)
	problems, err := c.edit(ctx, u, map[string]any{"userPrincipalName": "o'neill+r&d." + before})
	problems = append(problems, c.person(ctx, u, map[string]any{"id": old["id"]})...)
	return append(problems, c.gone(ctx, "Users", "userName", before)...), err
}

func manager(ctx context.Context, c *checker) ([]string, error) {
	u, boss := c.people[1], c.people[2]
	target, problem := c.find(ctx, "Users", "userName", boss.UserPrincipalName)
	if problem != "" {
		return []string{problem}, nil
	}
	if u.Manager == boss.ID {
		boss = c.people[3]
		target, _ = c.find(ctx, "Users", "userName", boss.UserPrincipalName)
	}
	problems, err := c.edit(ctx, u, map[string]any{"manager": boss.ID})
	return append(problems, c.person(ctx, u, map[string]any{enterprise + ":manager.value": target["id"]})...), err
}

// outsider is somebody who is told of and not in the group.
func (c *checker) outsider() *directory.User {
	for _, u := range c.people {
		if !slices.Contains(c.group.Members, u.ID) {
			return u
		}
	}
	return nil
}

func join(ctx context.Context, c *checker) ([]string, error) {
	u := c.outsider()
	if u == nil { // everybody is in it: one leaves first
		u = c.people[3]
		if err := c.server.Tenant().RemoveMember(c.group.ID, u.ID); err != nil {
			return nil, fmt.Errorf("leaving the group: %w", err)
		}
		c.group.Members = slices.DeleteFunc(c.group.Members, func(m string) bool { return m == u.ID })
		if _, problems, err := c.cycle(ctx); err != nil || len(problems) > 0 {
			return problems, err
		}
	}
	if err := c.server.Tenant().AddMember(c.group.ID, u.ID); err != nil {
		return nil, fmt.Errorf("joining the group: %w", err)
	}
	c.group.Members = append(c.group.Members, u.ID)
	_, problems, err := c.cycle(ctx)
	return append(problems, c.members(ctx, c.group, c.countEnabled(c.group))...), err
}

func leave(ctx context.Context, c *checker) ([]string, error) {
	last := c.group.Members[len(c.group.Members)-1]
	if err := c.server.Tenant().RemoveMember(c.group.ID, last); err != nil {
		return nil, fmt.Errorf("leaving the group: %w", err)
	}
	c.group.Members = c.group.Members[:len(c.group.Members)-1]
	_, problems, err := c.cycle(ctx)
	return append(problems, c.members(ctx, c.group, c.countEnabled(c.group))...), err
}

func renameGroup(ctx context.Context, c *checker) ([]string, error) {
	changed, err := c.server.Tenant().PatchGroup(c.group.ID, []byte(`{"displayName": "R&D \"North\""}`))
	if err != nil {
		return nil, fmt.Errorf("renaming the group: %w", err)
	}
	before := c.group.DisplayName
	c.group.DisplayName = changed.DisplayName
	_, problems, err := c.cycle(ctx)
	problems = append(problems, c.members(ctx, c.group, c.countEnabled(c.group))...)
	return append(problems, c.gone(ctx, "Groups", "displayName", before)...), err
}

func disable(ctx context.Context, c *checker) ([]string, error) {
	problems, err := c.edit(ctx, c.people[1], map[string]any{"accountEnabled": false})
	return append(problems, c.person(ctx, c.people[1], map[string]any{"active": false})...), err
}

func enable(ctx context.Context, c *checker) ([]string, error) {
	problems, err := c.edit(ctx, c.people[1], map[string]any{"accountEnabled": true})
	return append(problems, c.person(ctx, c.people[1], map[string]any{"active": true})...), err
}

func unassign(ctx context.Context, c *checker) ([]string, error) {
	t, u := c.server.Tenant(), c.people[2]
	for _, a := range t.AssignmentsOf(u.ID) {
		if err := t.Unassign(c.sp, a["id"].(string)); err != nil {
			return nil, fmt.Errorf("unassigning %s: %w", u.UserPrincipalName, err)
		}
	}
	for _, g := range c.all.Groups {
		if slices.Contains(g.Members, u.ID) {
			if err := t.RemoveMember(g.ID, u.ID); err != nil {
				return nil, fmt.Errorf("leaving %s: %w", g.DisplayName, err)
			}
			g.Members = slices.DeleteFunc(g.Members, func(m string) bool { return m == u.ID })
		}
	}
	_, problems, err := c.cycle(ctx)
	return append(problems, c.person(ctx, u, map[string]any{"active": false})...), err
}

func remove(ctx context.Context, c *checker) ([]string, error) {
	u := c.people[3]
	if err := c.server.Tenant().DeleteUser(u.ID, false); err != nil {
		return nil, fmt.Errorf("deleting %s: %w", u.UserPrincipalName, err)
	}
	_, problems, err := c.cycle(ctx)
	if err != nil {
		return nil, err
	}
	problems = append(problems, c.person(ctx, u, map[string]any{"active": false})...)
	if err := c.server.Tenant().DeleteUser(u.ID, true); err != nil {
		return nil, fmt.Errorf("purging %s: %w", u.UserPrincipalName, err)
	}
	_, more, err := c.cycle(ctx)
	return slices.Concat(problems, more, c.gone(ctx, "Users", "userName", u.UserPrincipalName)), err
}

func removeGroup(ctx context.Context, c *checker) ([]string, error) {
	if err := c.server.Tenant().DeleteGroup(c.group.ID); err != nil {
		return nil, fmt.Errorf("deleting the group: %w", err)
	}
	_, problems, err := c.cycle(ctx)
	return append(problems, c.gone(ctx, "Groups", "displayName", c.group.DisplayName)...), err
}

func cleanUp(ctx context.Context, c *checker) ([]string, error) {
	t := c.server.Tenant()
	// Who was unassigned is nobody's business any more, and would be left alone.
	if u := c.people[2]; len(t.AssignmentsOf(u.ID)) == 0 {
		if _, err := t.Assign(c.sp, u.ID, c.role); err != nil {
			return nil, fmt.Errorf("assigning %s again: %w", u.UserPrincipalName, err)
		}
		if _, _, err := c.cycle(ctx); err != nil {
			return nil, err
		}
	}
	for _, u := range t.Users() {
		if err := t.DeleteUser(u.ID, true); err != nil {
			return nil, fmt.Errorf("purging %s: %w", u.UserPrincipalName, err)
		}
	}
	for _, g := range t.Groups() {
		if err := t.DeleteGroup(g.ID); err != nil {
			return nil, fmt.Errorf("deleting a group: %w", err)
		}
	}
	_, problems, err := c.cycle(ctx)
	for _, u := range c.all.Users {
		problems = append(problems, c.gone(ctx, "Users", "userName", u.UserPrincipalName)...)
	}
	return problems, err
}

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
