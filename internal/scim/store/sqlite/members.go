package sqlite

import (
	"fmt"

	"github.com/scim-operator/scim-operator/internal/scim/store"
)

// memberSet is what became of the members of a group, in the order in which it did.
type memberSet struct {
	added, removed []string
	unknown        []string
}

func (s memberSet) any() bool {
	return len(s.added)+len(s.removed) > 0
}

func (s memberSet) count(applied *store.Applied) {
	applied.Added, applied.Removed, applied.Unknown = len(s.added), len(s.removed), s.unknown
}

// changeMembers applies the membership changes of a mutation. Only a replacement reads members (G-1).
func (w *writer) changeMembers(m store.Mutation) (memberSet, error) {
	c := memberChanges{writer: w, groupID: m.ID, net: map[string]int{}}
	for _, change := range m.Members {
		if err := c.apply(change); err != nil {
			return memberSet{}, err
		}
	}
	return c.set(), nil
}

// memberChanges counts for each member how often it came less how often it went, so that what one operation undoes of
// another does not count.
type memberChanges struct {
	*writer
	groupID string
	net     map[string]int
	order   []string
	unknown []string
}

func (c *memberChanges) apply(change store.MemberChange) error {
	switch change.Operation {
	case store.AddMembers:
		return c.add(change)
	case store.RemoveMembers:
		return c.remove(change.IDs)
	case store.ReplaceMembers:
		surplus, err := c.strings(`SELECT member_id FROM members
			WHERE group_id = $1 AND member_id NOT IN (SELECT value FROM json_each($2))`, c.groupID, joined(change.IDs))
		if err != nil {
			return fmt.Errorf("reading the members: %w", err)
		}
		if err := c.remove(surplus); err != nil {
			return err
		}
		return c.add(change)
	}
	return fmt.Errorf("membership operation %d is unknown", change.Operation)
}

// add lets the foreign key find unknown ids.
func (c *memberChanges) add(change store.MemberChange) error {
	for _, id := range change.IDs {
		n, err := c.affect(`INSERT INTO members (group_id, member_id) VALUES ($1, $2) ON CONFLICT DO NOTHING`, c.groupID, id)
		switch {
		case isUnknownMember(err) && change.IgnoreUnknown:
			c.unknown = append(c.unknown, id)
		case isUnknownMember(err):
			return &store.UnknownMemberError{ID: id}
		case err != nil:
			return fmt.Errorf("adding members: %w", err)
		}
		c.count(id, int(n))
	}
	return nil
}

func (c *memberChanges) remove(ids []string) error {
	for _, id := range ids {
		n, err := c.affect(`DELETE FROM members WHERE group_id = $1 AND member_id = $2`, c.groupID, id)
		if err != nil {
			return fmt.Errorf("removing members: %w", err)
		}
		c.count(id, -int(n))
	}
	return nil
}

func (c *memberChanges) count(id string, n int) {
	if n == 0 {
		return
	}
	if _, known := c.net[id]; !known {
		c.order = append(c.order, id)
	}
	c.net[id] += n
}

func (c *memberChanges) set() memberSet {
	set := memberSet{unknown: c.unknown}
	for _, id := range c.order {
		switch n := c.net[id]; {
		case n > 0:
			set.added = append(set.added, id)
		case n < 0:
			set.removed = append(set.removed, id)
		}
	}
	return set
}

// leaveGroups records that a resource goes from its groups, whose versions move, before it does.
func (w *writer) leaveGroups(m store.Mutation, at int64) error {
	n, err := w.affect(`UPDATE resources SET version = version + 1, modified_ms = max($1, modified_ms + 1)
		WHERE id IN (SELECT group_id FROM members WHERE member_id = $2 AND group_id <> $2)`, at, m.ID)
	if err != nil {
		return fmt.Errorf("moving the versions of the groups: %w", err)
	}
	if n == 0 {
		return nil
	}
	return w.recordMany(`INSERT INTO changes (`+changeColumns+`)
		SELECT $1 + row_number() OVER (ORDER BY r.position), r.modified_ms, 'patch', r.type, r.id, r.version, r.external_id, NULL, NULL,
			r.active, '["members"]', '[]', json_array($2), $3, $4
		FROM members m CROSS JOIN resources r ON r.id = m.group_id WHERE m.member_id = $2 AND m.group_id <> $2`,
		m.ID, m.Change.Actor, m.Change.RequestID)
}
