package story

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/entrasim/directory"
)

// A world is what the manifest and the directory say should be in the endpoint. It is worked out here by hand, and shares nothing with the
// operator's or the simulator's own reasoning.
type world struct {
	users  map[string]*directory.User
	groups map[string]*directory.Group
	// entitled are the enabled people who are assigned, directly or as direct members of an assigned group, with the roles that this gives them.
	entitled map[string][]string
	// assigned are the assigned groups, with the role that each gives.
	assigned map[string]string
}

// look reads the manifest's assignments and the directory as they are now.
func (t *teller) look(ctx context.Context) (*world, error) {
	app, err := t.app(ctx)
	if err != nil {
		return nil, err
	}
	users, err := t.simulator.users(ctx)
	if err != nil {
		return nil, err
	}
	groups, err := t.simulator.groups(ctx)
	if err != nil {
		return nil, err
	}
	w := &world{users: map[string]*directory.User{}, groups: map[string]*directory.Group{}, entitled: map[string][]string{}, assigned: map[string]string{}}
	for _, user := range users {
		w.users[user.ID] = user
	}
	for _, group := range groups {
		w.groups[group.ID] = group
	}
	return w, w.entitle(app)
}

// entitle applies the assignments. Their names were resolved once; since then only the object ID in status counts.
func (w *world) entitle(app *v1alpha1.ScimApp) error {
	pinned := map[string]string{}
	for _, status := range app.Status.Assignments {
		pinned[status.Name] = status.PrincipalID
	}
	for _, assignment := range app.Spec.Assignments {
		id := pinned[assignment.Name]
		switch {
		case id == "":
			return fmt.Errorf("assignment %s has no principal in status", assignment.Name)
		case w.groups[id] != nil:
			w.assigned[id] = assignment.AppRole
			for _, member := range w.groups[id].Members {
				w.give(member, assignment.AppRole)
			}
		case w.users[id] != nil:
			w.give(id, assignment.AppRole)
		default:
			return fmt.Errorf("assignment %s is pinned to %s, which the directory does not have", assignment.Name, id)
		}
	}
	return nil
}

// give entitles a person; a nested group gives its members nothing, because Entra does not look into it.
func (w *world) give(id, role string) {
	user := w.users[id]
	if user == nil || !user.Enabled() {
		return
	}
	roles := w.entitled[id]
	if role != "" && !slices.Contains(roles, role) {
		roles = append(roles, role)
	}
	slices.Sort(roles)
	w.entitled[id] = roles
}

// An account is what is compared of a person.
type account struct {
	UserName, DisplayName, GivenName, FamilyName, Mail, Title, Department, EmployeeNumber string
	Manager                                                                               string // object ID
	Roles                                                                                 string
}

// wantedAccount is an entitled person as the samples' mapping sends them. A manager is sent only if provisioned.
func (t *teller) wantedAccount(w *world, user *directory.User) account {
	manager := user.Manager
	if !t.known[manager] {
		manager = ""
	}
	// A guest's name in the home directory is what Entra's source userPrincipalName holds, without the marker and what follows.
	userName, _, _ := strings.Cut(user.UserPrincipalName, "#EXT#")
	return account{
		UserName: userName, DisplayName: user.DisplayName, GivenName: user.GivenName, FamilyName: user.Surname, Mail: user.Mail,
		Title: user.JobTitle, Department: user.Department, EmployeeNumber: user.EmployeeID,
		Manager: manager, Roles: strings.Join(w.entitled[user.ID], " "),
	}
}

func seenAccount(person *Person, objectIDs map[string]string) account {
	return account{
		UserName: person.UserName, DisplayName: person.DisplayName, GivenName: person.Name.GivenName, FamilyName: person.Name.FamilyName,
		Mail: person.Mail(), Title: person.Title, Department: person.Enterprise.Department, EmployeeNumber: person.Enterprise.EmployeeNumber,
		Manager: objectIDs[person.Enterprise.Manager.Value], Roles: strings.Join(person.RoleValues(), " "),
	}
}

// endpointHasExactly compares the endpoint with the world: everybody entitled, active and right; who left, inactive; the assigned groups with their
// members; and nobody and nothing else.
func (t *teller) endpointHasExactly(ctx context.Context, w *world) error {
	people, err := t.people(ctx)
	if err != nil {
		return err
	}
	objectIDs := map[string]string{} // SCIM id → object ID
	for _, person := range people {
		objectIDs[person.ID] = person.ExternalID
	}
	for id := range w.entitled {
		t.known[id] = true
	}
	want, got := map[string]account{}, map[string]account{}
	for id := range t.known {
		want[id] = account{DisplayName: "(inactive)"}
		if _, entitled := w.entitled[id]; entitled {
			want[id] = t.wantedAccount(w, w.users[id])
		}
	}
	for _, person := range people {
		if _, double := got[person.ExternalID]; double {
			return expectation("one account for each person", "two for %s (%s)", person.ExternalID, person.UserName)
		}
		got[person.ExternalID] = account{DisplayName: "(inactive)"}
		if person.Active {
			got[person.ExternalID] = seenAccount(person, objectIDs)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		return expectation("the assigned people, and nobody else, with their attributes, managers and roles", "differences (-expected +seen):\n%s", diff)
	}
	return t.groupsAreExactly(ctx, w, objectIDs)
}

func (t *teller) groupsAreExactly(ctx context.Context, w *world, objectIDs map[string]string) error {
	type content struct {
		DisplayName string
		Members     []string
	}
	want, got := map[string]content{}, map[string]content{}
	for id := range w.assigned {
		members := []string{}
		for _, member := range w.groups[id].Members {
			if t.known[member] {
				members = append(members, member)
			}
		}
		slices.Sort(members)
		want[id] = content{w.groups[id].DisplayName, members}
	}
	groups, err := t.groups(ctx)
	if err != nil {
		return err
	}
	for _, group := range groups {
		members := []string{}
		for _, member := range group.Members {
			members = append(members, objectIDs[member.Value])
		}
		slices.Sort(members)
		got[group.ExternalID] = content{group.DisplayName, members}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		return expectation("the assigned groups, and no others, with their members", "differences (-expected +seen):\n%s", diff)
	}
	return nil
}
