package engine

import (
	"fmt"
	"slices"
	"strings"

	"github.com/scim-operator/scim-operator/internal/entrasim/directory"
	"github.com/scim-operator/scim-operator/internal/entrasim/syncschema"
	"github.com/scim-operator/scim-operator/internal/mapping/expr"
)

// decision is what the cycle has decided about one object, before anything is sent.
type decision struct {
	id       string
	name     string
	upn      string
	group    bool
	verb     verb
	reason   string
	standing standing
	digest   string
	source   expr.Environment
	roles    []Role
	user     *directory.User
	members  []string
}

// planned is the outcome of the planning stage.
type planned struct {
	users, groups []decision
	entitled      map[string]bool // people who are provisioned, due or not
	counts        Counts
	total         map[string]int
}

// plan decides about everybody. It sends nothing and changes nothing.
func (c *cycle) plan() (*planned, error) {
	p := &planned{entitled: map[string]bool{}, total: map[string]int{}}
	byPrincipal := map[string][]Assignment{}
	for _, a := range c.in.Assignments {
		byPrincipal[a.PrincipalID] = append(byPrincipal[a.PrincipalID], a)
	}
	inherited := c.inherited(byPrincipal)
	if c.users != nil && c.users.mapping.Enabled {
		if err := c.planPeople(p, byPrincipal, inherited); err != nil {
			return nil, err
		}
	}
	if c.groups != nil && c.groups.mapping.Enabled {
		if err := c.planTeams(p, byPrincipal); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// inherited gives the direct members of assigned groups the group's assignments; nested groups are not expanded.
func (c *cycle) inherited(byPrincipal map[string][]Assignment) map[string][]Assignment {
	out := map[string][]Assignment{}
	for i := range c.in.Teams {
		team := &c.in.Teams[i]
		for _, assignment := range byPrincipal[team.Group.ID] {
			for _, member := range team.Group.Members {
				out[member] = append(out[member], assignment)
			}
		}
	}
	return out
}

func (c *cycle) planPeople(p *planned, byPrincipal, inherited map[string][]Assignment) error {
	pol := c.policy(c.users)
	seen := map[string]bool{}
	for i := range c.in.People {
		person := &c.in.People[i]
		id := person.User.ID
		seen[id] = true
		assignments := slices.Concat(byPrincipal[id], inherited[id])
		d := decision{id: id, name: person.User.DisplayName, upn: person.User.UserPrincipalName, user: person.User,
			roles: rolesOf(assignments)}
		d.standing = standing{exists: true, deleted: person.SoftDeleted, enabled: person.User.Enabled(),
			assigned: c.in.Settings.SyncAll || len(assignments) > 0, scoped: true}
		if d.standing.assigned || c.in.State.Links[id] != nil {
			filtered := userSource(person.User, c.in.TenantDomain, false, d.roles, c.in.Now)
			var err error
			if d.standing.scoped, err = inScope(c.users.mapping.Scope, filtered); err != nil {
				return err
			}
		}
		d.source = userSource(person.User, c.in.TenantDomain, !d.standing.entitled(), d.roles, c.in.Now)
		c.finish(&d, person.Change, p, syncschema.UserSource, func() (verb, string) {
			return decideUser(d.standing, c.in.State.Links[id], pol)
		})
	}
	c.planPurged(p, seen, false, pol)
	return nil
}

func (c *cycle) planTeams(p *planned, byPrincipal map[string][]Assignment) error {
	pol := c.policy(c.groups)
	seen := map[string]bool{}
	for i := range c.in.Teams {
		team := &c.in.Teams[i]
		id := team.Group.ID
		seen[id] = true
		d := decision{id: id, name: team.Group.DisplayName, group: true, members: team.Group.Members,
			source: groupSource(team.Group, c.in.TenantDomain, c.in.Now)}
		d.standing = standing{exists: true, enabled: true, assigned: c.in.Settings.SyncAll || len(byPrincipal[id]) > 0}
		var err error
		if d.standing.scoped, err = inScope(c.groups.mapping.Scope, d.source); err != nil {
			return err
		}
		c.finish(&d, team.Change, p, syncschema.GroupSource, func() (verb, string) {
			return decideGroup(d.standing, c.in.State.Links[id], pol)
		})
	}
	c.planPurged(p, seen, true, pol)
	return nil
}

// planPurged decides about what was provisioned and is no longer in the directory at all.
func (c *cycle) planPurged(p *planned, seen map[string]bool, group bool, pol policy) {
	for _, id := range sortedKeys(c.in.State.Links) {
		link := c.in.State.Links[id]
		if seen[id] || link.Group != group {
			continue
		}
		d := decision{id: id, name: id, group: group}
		if group {
			d.verb, d.reason = decideGroup(d.standing, link, pol)
			p.groups = append(p.groups, d)
		} else {
			d.verb, d.reason = decideUser(d.standing, link, pol)
			p.users = append(p.users, d)
		}
	}
}

// finish counts an object and keeps its decision when it is due in this cycle.
func (c *cycle) finish(d *decision, change uint64, p *planned, kind string, decide func() (verb, string)) {
	delta := c.initial || change > c.in.State.Watermark
	p.counts.Imported++
	if delta {
		p.counts.ImportedDeltas++
	}
	if d.standing.assigned && !d.standing.deleted {
		p.counts.Entitled++
	}
	if d.standing.assigned {
		d.digest = d.standing.String() + " " + roleIDs(d.roles)
	}
	if d.standing.entitled() {
		p.counts.EntitledForProvisioning++
		if !d.group {
			p.entitled[d.id] = true
		}
	}
	d.verb, d.reason = decide()
	if !delta && !c.pending(d) {
		return
	}
	p.total[kind]++
	if d.group {
		p.groups = append(p.groups, *d)
	} else {
		p.users = append(p.users, *d)
	}
}

// pending says whether an object that did not change itself is due: its standing or roles changed, its retry has come, or
// it was never tried.
func (c *cycle) pending(d *decision) bool {
	if escrow := c.in.State.Escrows[d.id]; escrow != nil {
		return c.in.State.Cycles >= escrow.RetryAt || d.digest != c.in.State.Digests[d.id]
	}
	return d.digest != c.in.State.Digests[d.id]
}

func (c *cycle) policy(p *typePlan) policy {
	return policy{
		add: p.mapping.Flows("Add"), update: p.mapping.Flows("Update"), remove: p.mapping.Flows("Delete"),
		canDisable: p.canDisable(), skipOutOfScope: c.in.Settings.SkipOutOfScopeDeletions,
	}
}

func roleIDs(roles []Role) string {
	ids := make([]string, 0, len(roles))
	for _, r := range roles {
		ids = append(ids, r.ID+"="+r.Value)
	}
	return strings.Join(ids, ",")
}

// endings counts the disables and deletes that the plan would carry out.
func (p *planned) endings() int {
	n := 0
	for _, d := range slices.Concat(p.users, p.groups) {
		if d.verb == doDisable || d.verb == doDelete {
			n++
		}
	}
	return n
}

// stage turns the disables and deletes of a plan into log entries; nothing of them is sent.
func (c *cycle) stage(p *planned) *Failure {
	held := p.endings()
	keep := func(d decision) bool {
		if d.verb != doDisable && d.verb != doDelete {
			return false
		}
		action := "Disable"
		if d.verb == doDelete {
			action = "Delete"
		}
		c.log(&d, ActionStagedDelete, StatusSkipped, "StagedDelete", "The deletion was staged: "+d.reason, nil,
			Step{Name: "EntrySynchronizationScoping", Kind: "scoping", Status: StatusSkipped,
				Details: map[string]any{"StagedDelete": "True", "StagedAction": action}})
		return true
	}
	p.users = slices.DeleteFunc(p.users, keep)
	p.groups = slices.DeleteFunc(p.groups, keep)
	return &Failure{Code: "TooManyDeletes", Reason: "TooManyDeletes", Message: fmt.Sprintf(
		"The cycle would disable or delete %d objects, more than the threshold of %d; all of them are held back.",
		held, c.in.Settings.DeleteThreshold)}
}
