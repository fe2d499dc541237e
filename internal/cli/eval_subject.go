package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/mapping"
	"github.com/scim-operator/scim-operator/internal/mapping/evaluate"
)

var objectID = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

// subject is the person of the file, or the one in Entra.
func (o *evalOptions) subject(ctx context.Context, m evaluated) (evaluate.Subject, error) {
	if o.person != "" {
		raw, err := os.ReadFile(o.person)
		if err != nil {
			return evaluate.Subject{}, fmt.Errorf("reading --person: %w", err)
		}
		s, err := m.prepared.ReadSubject(raw)
		if err != nil {
			return s, fmt.Errorf("%s: %w", o.person, err)
		}
		return s, nil
	}
	if m.prepared.Object != mapping.User {
		return evaluate.Subject{}, errors.New("--user names a person, but the mapping is about groups; describe the group with --person FILE")
	}
	directory, err := o.open(ctx, m)
	if err != nil {
		return evaluate.Subject{}, err
	}
	id, raw, err := o.read(ctx, directory, m)
	if err != nil {
		return evaluate.Subject{}, err
	}
	s, err := m.prepared.ReadSubject(raw)
	if err != nil || m.app == nil {
		return s, err
	}
	return s, m.app.assign(ctx, id, &s)
}

// open gives the app's directory, else the one that the flags name.
func (o *evalOptions) open(ctx context.Context, m evaluated) (entra.Directory, error) {
	if m.app != nil {
		return m.app.directory, nil
	}
	return o.directory(ctx, &o.directoryFlags)
}

// read gives the person's object ID, and what Graph says of them.
func (o *evalOptions) read(ctx context.Context, directory entra.Directory, m evaluated) (string, json.RawMessage, error) {
	id := o.user
	if !objectID.MatchString(id) {
		principal, err := directory.UserByPrincipalName(ctx, id)
		if entra.IsNotFound(err) {
			return "", nil, fmt.Errorf("the directory has no user %q; correct the user principal name, or give the object ID", id)
		}
		if err != nil {
			return "", nil, err
		}
		id = principal.ID
	}
	raw, err := directory.Object(ctx, entra.PrincipalUser, id, evaluate.GraphProperties(mapping.User, m.prepared.Reads()))
	if entra.IsNotFound(err) {
		return "", nil, fmt.Errorf("the directory has no user with the object ID %s", id)
	}
	return id, raw, err
}

// assign finds the roles that the person's assignments give, directly and through groups of which they are a direct member.
func (a *liveApp) assign(ctx context.Context, id string, s *evaluate.Subject) error {
	assignments, err := a.directory.ListAssignments(ctx, a.principal.ID)
	if err != nil {
		return err
	}
	s.Unassigned = true
	for _, assignment := range assignments {
		mine := assignment.PrincipalID == id
		if assignment.PrincipalKind == entra.PrincipalGroup {
			if mine, err = a.isMember(ctx, assignment.PrincipalID, id); err != nil {
				return err
			}
		}
		if mine {
			s.Unassigned = false
			a.addRole(s, assignment.AppRoleID)
		}
	}
	slices.SortFunc(s.Roles, func(a, b evaluate.Role) int { return strings.Compare(a.Value, b.Value) })
	return nil
}

// addRole adds a role once. The default access is none of the app's roles.
func (a *liveApp) addRole(s *evaluate.Subject, id string) {
	roles := a.principal.AppRoles
	i := slices.IndexFunc(roles, func(r entra.AppRole) bool { return r.ID == id })
	if i < 0 || slices.ContainsFunc(s.Roles, func(r evaluate.Role) bool { return r.ID == id }) {
		return
	}
	s.Roles = append(s.Roles, evaluate.NewRole(id, roles[i].Value, roles[i].DisplayName))
}

// errFoundMember ends the reading of a group.
var errFoundMember = errors.New("the person is a member")

// isMember reads the direct members of a group until the person is found.
func (a *liveApp) isMember(ctx context.Context, group, id string) (bool, error) {
	query := entra.ObjectQuery{Kind: entra.PrincipalUser, MemberOf: group}
	err := eachObject(ctx, a.directory, query, func(raw json.RawMessage) error {
		member, err := idOf(raw)
		if err == nil && member == id {
			return errFoundMember
		}
		return err
	})
	if errors.Is(err, errFoundMember) {
		return true, nil
	}
	return false, err
}
