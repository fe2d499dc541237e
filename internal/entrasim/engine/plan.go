package engine

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"time"

	"github.com/scim-operator/scim-operator/internal/entrasim/directory"
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
	linked   bool // it was, when the cycle came to it
	began    time.Time
	source   expr.Environment
	roles    []Role
	user     *directory.User
	members  []string
}

// item is an object that is to be dealt with. The decision about it is made again when its turn comes: to keep all of them
// would be to keep the directory.
type item struct {
	id    string
	group bool
	lane  uint32 // items of one lane are dealt with in order
}

// agenda are the items of one kind in the order in which they are dealt with: who leaves, who is there, who arrives. So a name
// is free before somebody else gets it, whatever the number of requests at a time.
type agenda struct{ endings, updates, arrivals []item }

func (a *agenda) size() int { return len(a.endings) + len(a.updates) + len(a.arrivals) }

// planned is the outcome of the planning stage.
type planned struct{ users, groups agenda }

// plan decides about everybody who is due: all in an initial cycle, and in another one those who changed, whose retry has come
// or who are held back. It sends nothing.
func (c *cycle) plan() (*planned, error) {
	p := &planned{}
	users, groups := c.candidates()
	for _, stage := range []struct {
		ids   []string
		group bool
		into  *agenda
	}{{users, false, &p.users}, {groups, true, &p.groups}} {
		if plan := c.planFor(stage.group); plan == nil || !plan.mapping.Enabled {
			continue
		}
		for i, id := range stage.ids {
			if err := c.consider(item{id: id, group: stage.group, lane: uint32(i)}, stage.into); err != nil {
				return nil, err
			}
		}
	}
	return p, nil
}

// candidates are the objects that the cycle has to look at.
func (c *cycle) candidates() (users, groups []string) {
	source, links := c.in.Source, c.in.State.Links
	if c.initial {
		users, groups = source.Users(), source.Groups()
		gone := c.purged(users, groups)
		return slices.Concat(gone[false], users), slices.Concat(gone[true], groups)
	}
	seen := map[string]bool{}
	for _, id := range slices.Concat(source.Changed(c.in.State.Watermark), c.in.State.due()) {
		if seen[id] {
			continue
		}
		seen[id] = true
		if _, ok := source.Group(id); ok || links[id] != nil && links[id].Group {
			groups = append(groups, id)
		} else {
			users = append(users, id)
		}
	}
	return users, groups
}

// purged lists what is linked and no longer in the directory, groups under true.
func (c *cycle) purged(users, groups []string) map[bool][]string {
	out := map[bool][]string{}
	if len(c.in.State.Links) == 0 {
		return out
	}
	there := make(map[string]bool, len(users)+len(groups))
	for _, id := range users {
		there[id] = true
	}
	for _, id := range groups {
		there[id] = true
	}
	for id, link := range c.in.State.Links {
		if !there[id] {
			out[link.Group] = append(out[link.Group], id)
		}
	}
	slices.Sort(out[false])
	slices.Sort(out[true])
	return out
}

// consider counts an object and puts it on the agenda.
func (c *cycle) consider(it item, into *agenda) error {
	d, err := c.decide(it)
	if err != nil {
		return err
	}
	counts := &c.result.Counts
	counts.Imported++
	counts.ImportedDeltas++
	if d.standing.assigned && !d.standing.deleted {
		counts.Entitled++
	}
	if d.standing.entitled() {
		counts.EntitledForProvisioning++
	}
	if d.standing.deleted {
		c.deleted = append(c.deleted, it.id)
	}
	if d.verb != doDisable && d.verb != doDelete {
		delete(c.in.State.Staged, it.id)
	}
	switch d.verb {
	case doNothing:
		delete(c.in.State.Escrows, it.id)
	case doDisable, doDelete:
		into.endings = append(into.endings, it)
	case doProvision:
		if c.in.Switches.Parallelism > 1 {
			it.lane = c.lane(&d)
		}
		into.arrivals = append(into.arrivals, it)
	default:
		into.updates = append(into.updates, it)
	}
	return nil
}

// lane puts those who contend for one name into one lane.
func (c *cycle) lane(d *decision) uint32 {
	h := fnv.New32a()
	p := c.planFor(d.group)
	c.dress(d)
	for _, m := range matchingMappings(p.mapping) {
		if key, err := p.matchingValue(m.TargetAttributeName, d); err == nil && key != "" {
			_, _ = h.Write([]byte(strings.ToLower(key))) // a hash never fails
			break
		}
	}
	return h.Sum32()
}

// decide looks at an object as it stands in the directory and at the job's link to it.
func (c *cycle) decide(it item) (decision, error) {
	link := c.link(it.id)
	d, err := c.look(it, link != nil)
	if err != nil {
		return d, err
	}
	if it.group {
		d.verb, d.reason = decideGroup(d.standing, link, c.policy(c.groups))
	} else {
		d.verb, d.reason = decideUser(d.standing, link, c.policy(c.users))
	}
	return d, nil
}

// look reads an object in the directory, without regard to what became of it before.
func (c *cycle) look(it item, linked bool) (decision, error) {
	d := decision{id: it.id, name: it.id, group: it.group, linked: linked, began: c.in.Now()}
	var err error
	if it.group {
		if team, ok := c.in.Source.Group(it.id); ok {
			d.name, d.members = team.Group.DisplayName, team.Group.Members
			d.source = groupSource(team.Group, c.in.TenantDomain, c.in.Now)
			d.standing = standing{exists: true, enabled: true, assigned: c.in.Settings.SyncAll || team.Assigned}
			d.standing.scoped, err = inScope(c.groups.mapping.Scope, d.source)
		}
		return d, err
	}
	if person, ok := c.in.Source.User(it.id); ok {
		d.name, d.upn, d.user, d.roles = person.User.DisplayName, person.User.UserPrincipalName, person.User, rolesOf(person.Assignments)
		d.standing = standing{exists: true, deleted: person.SoftDeleted, enabled: person.User.Enabled(),
			assigned: c.in.Settings.SyncAll || len(person.Assignments) > 0, scoped: true}
		if d.standing.assigned || linked {
			d.standing.scoped, err = inScope(c.users.mapping.Scope, userSource(&d, &c.in, false))
		}
	}
	return d, err
}

// entitled says whether a person is provisioned as the directory stands.
func (c *cycle) entitled(id string) bool {
	d, err := c.look(item{id: id}, false)
	return err == nil && d.standing.entitled()
}

// dress gives a decision the values that mappings read.
func (c *cycle) dress(d *decision) {
	if !d.group && d.user != nil {
		d.source = userSource(d, &c.in, !d.standing.entitled())
	}
}

func (c *cycle) planFor(group bool) *typePlan {
	if group {
		return c.groups
	}
	return c.users
}

func (c *cycle) policy(p *typePlan) policy {
	s := c.in.Switches
	return policy{
		add: p.mapping.Flows("Add"), update: p.mapping.Flows("Update"), remove: p.mapping.Flows("Delete"),
		canDisable: p.canDisable(), skipOutOfScope: c.in.Settings.SkipOutOfScopeDeletions,
		skipInactive: c.in.Settings.SkipOutOfScopeDeletions && s.SkipInactive, deleteInactive: s.DeleteInactive,
		dropDisables: s.RestartDropsDisables && c.in.Restarted, keepFiltered: s.KeepFilteredGroups,
	}
}

// stage turns the disables and deletes of a plan into log entries; nothing of them is sent until a restart with ForceDeletes.
func (c *cycle) stage(p *planned) (*Failure, error) {
	held := slices.Concat(p.users.endings, p.groups.endings)
	for _, it := range held {
		d, err := c.decide(it)
		if err != nil {
			return nil, err
		}
		action := "Disable"
		if d.verb == doDelete {
			action = "Delete"
		}
		c.in.State.hold(it.id)
		c.log(&d, ActionStagedDelete, StatusSkipped, "StagedDelete", "The deletion was staged: "+d.reason, nil,
			Step{Name: "EntrySynchronizationSkip", Kind: "processing", Status: StatusSkipped,
				Description: subject(&d) + " will be skipped: too many deletions are pending",
				Details:     map[string]any{"StagedDelete": "True", "StagedAction": action}})
	}
	p.users.endings, p.groups.endings = nil, nil
	return &Failure{Code: "TooManyDeletes", Reason: "TooManyDeletes", Message: fmt.Sprintf(
		"The cycle would disable or delete %d objects, more than the threshold of %d; all of them are held back.",
		len(held), c.in.Settings.DeleteThreshold)}, nil
}
