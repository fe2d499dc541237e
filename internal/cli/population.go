package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/entra/diff"
	"github.com/scim-operator/scim-operator/internal/mapping/evaluate"
)

// standing is what a person is to the app, before and after: whether she is provisioned, and with which roles.
type standing struct {
	was, is       bool
	before, after []evaluate.Role
}

// population are the people that a change may concern.
type population struct {
	// users and groups are who is assigned, by object ID.
	users, groups map[string]*standing
	// everybodyWas and everybodyIs: the scope is All, and assignments do not count.
	everybodyWas, everybodyIs bool
	properties                []string
	limit                     int
	keep                      bool
	note                      string
}

// say adds to the note.
func (p *population) say(what string) {
	if p.note != "" {
		p.note += "; "
	}
	p.note += what
}

// population finds out who is assigned now and will be.
func (o *planOptions) population(ctx context.Context, d entra.Directory, app plannedApp, found provisioned, a access) (*population, error) {
	p := &population{users: map[string]*standing{}, groups: map[string]*standing{}, limit: o.maxPeople, everybodyIs: app.desired.ScopeAll}
	if spec := app.app.Spec.Provisioning; spec != nil {
		p.keep = spec.OutOfScope == v1alpha1.OutOfScopeKeep
	}
	if found.job.KnowsNobody() {
		p.say("the job has never run, so everybody in scope is added")
	} else {
		var err error
		if p.everybodyWas, err = o.syncsAll(ctx, d, app, found, p); err != nil {
			return nil, err
		}
		for _, was := range a.live {
			p.hold(was, true, role(a.roles, was.AppRoleID))
		}
	}
	if n := a.undeclared(); n > 0 && app.statusUnknown != nil {
		p.say(fmt.Sprintf("removed assignments are not counted: %d of the application's are not declared, and whether the operator made them stands in the ScimApp's status (%v); "+
			"run plan with a kubeconfig of the cluster that has the ScimApp", n, app.statusUnknown))
	}
	for _, is := range a.after(a.plan(app.app.Status.Assignments)) {
		p.hold(is, false, role(a.roles, is.AppRoleID))
	}
	return p, nil
}

// syncsAll reads the scope in force. Entra shows the settings only to who may write them; for others it is taken to be
// the declared one.
func (o *planOptions) syncsAll(ctx context.Context, d entra.Directory, app plannedApp, found provisioned, p *population) (bool, error) {
	secrets, err := d.Secrets(ctx, found.principal.ID)
	if err != nil {
		p.say(fmt.Sprintf("whether the scope changes is not known, since Entra does not show you the settings (%v)", err))
		return app.desired.ScopeAll, nil
	}
	settings, err := diff.SettingsOf(secrets)
	return settings.SyncAll, err
}

func role(roles []entra.AppRole, id string) evaluate.Role {
	i := slices.IndexFunc(roles, func(r entra.AppRole) bool { return r.ID == id })
	if i < 0 {
		return evaluate.Role{ID: id}
	}
	return evaluate.Role{ID: id, Value: roles[i].Value, Display: roles[i].DisplayName}
}

// hold notes that a principal is assigned.
func (p *population) hold(a entra.Assignment, before bool, r evaluate.Role) {
	holders := p.groups
	if a.PrincipalKind == entra.PrincipalUser {
		holders = p.users
	}
	s := holders[a.PrincipalID]
	if s == nil {
		s = &standing{}
		holders[a.PrincipalID] = s
	}
	if before {
		s.was, s.before = true, append(s.before, r)
	} else {
		s.is, s.after = true, append(s.after, r)
	}
}

// join adds what a group gives to what a person has.
func (s *standing) join(group *standing) {
	s.was, s.is = s.was || group.was, s.is || group.is
	s.before, s.after = union(s.before, group.before), union(s.after, group.after)
}

func union(a, b []evaluate.Role) []evaluate.Role {
	out := slices.Clone(a)
	for _, r := range b {
		if !slices.Contains(out, r) {
			out = append(out, r)
		}
	}
	return out
}

// each gives everybody once. Those who are assigned are kept until all groups are read, since a person may be in several;
// the limit bounds that.
func (p *population) each(ctx context.Context, d entra.People, visit func(json.RawMessage, standing) error) error {
	people, err := p.assigned(ctx, d)
	if err != nil {
		return err
	}
	if p.everybodyWas || p.everybodyIs {
		return p.everybody(ctx, d, people, visit)
	}
	for _, id := range slices.Sorted(maps.Keys(people)) {
		if err := visit(people[id].raw, people[id].standing); err != nil {
			return err
		}
	}
	return nil
}

// assignedPerson is somebody with an assignment, her own or a group's.
type assignedPerson struct {
	standing
	raw json.RawMessage
}

func (p *population) assigned(ctx context.Context, d entra.People) (map[string]*assignedPerson, error) {
	people := map[string]*assignedPerson{}
	add := func(raw json.RawMessage, s *standing) error {
		id, err := idOf(raw)
		if err != nil {
			return err
		}
		if people[id] == nil {
			if len(people) == p.limit {
				return errTooMany{p.limit}
			}
			people[id] = &assignedPerson{raw: raw}
		}
		people[id].join(s)
		return nil
	}
	for _, id := range slices.Sorted(maps.Keys(p.groups)) {
		q := entra.ObjectQuery{Kind: entra.PrincipalUser, MemberOf: id, Properties: p.properties}
		err := eachObject(ctx, d, q, func(raw json.RawMessage) error { return add(raw, p.groups[id]) })
		if err != nil && !entra.IsNotFound(err) {
			return nil, err
		}
	}
	for _, id := range slices.Sorted(maps.Keys(p.users)) {
		raw, err := patiently(ctx, func() (json.RawMessage, error) { return d.Object(ctx, entra.PrincipalUser, id, p.properties) })
		if entra.IsNotFound(err) {
			continue
		}
		if err == nil {
			err = add(raw, p.users[id])
		}
		if err != nil {
			return nil, err
		}
	}
	return people, nil
}

// everybody reads the whole directory, and keeps nobody.
func (p *population) everybody(ctx context.Context, d entra.People, assigned map[string]*assignedPerson, visit func(json.RawMessage, standing) error) error {
	read := 0
	return eachObject(ctx, d, entra.ObjectQuery{Kind: entra.PrincipalUser, Properties: p.properties}, func(raw json.RawMessage) error {
		if read++; read > p.limit {
			return errTooMany{p.limit}
		}
		id, err := idOf(raw)
		if err != nil {
			return err
		}
		s := standing{}
		if a := assigned[id]; a != nil {
			s = a.standing
		}
		s.was, s.is = s.was || p.everybodyWas, s.is || p.everybodyIs
		return visit(raw, s)
	})
}
