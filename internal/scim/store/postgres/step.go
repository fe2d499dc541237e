package postgres

import (
	"errors"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/scim-operator/scim-operator/internal/scim/store"
)

// steps are moves of one user each, which all add or all remove, in the order of their coming. They are one statement:
// what Entra sends is a request for each member, and a statement for each costs more than what it does. Each moves the
// version of the group by one, and is recorded by itself.
type steps []*move

// isStep is true of what moves one member, as long as that may be a user.
func (w *move) isStep() bool {
	return !w.apart && len(distinct(w.m.Members[0].IDs)) == 1
}

// stepsOf puts what can be one statement together; what moves several members, or a group, stays by itself.
func stepsOf(together []*move) (all []steps) {
	for _, w := range together {
		if last := len(all) - 1; last >= 0 && all[last].takes(w) {
			all[last] = append(all[last], w)
			continue
		}
		all = append(all, steps{w})
	}
	return all
}

// takes tells whether a move can be the next step: it is of the same kind, and of another member.
func (s steps) takes(w *move) bool {
	first := s[0]
	return first.isStep() && w.isStep() && first.m.Members[0].Operation == w.m.Members[0].Operation &&
		first.m.Change.Event == w.m.Change.Event && slices.Equal(first.attributes(), w.attributes()) &&
		!slices.ContainsFunc(s, func(other *move) bool { return other.member() == w.member() })
}

// member is the one that a step moves.
func (w *move) member() string { return w.m.Members[0].IDs[0] }

func (w *move) attributes() []string { return withMembers(w.m.Change.Attributes) }

// at is the time of the latest step.
func (s steps) at() time.Time {
	return slices.MaxFunc(s, func(a, b *move) int { return a.m.At.Compare(b.m.At) }).m.At
}

func (s steps) queue(batch *pgx.Batch) {
	var ids, actors, requests []string
	for _, w := range s {
		ids = append(ids, w.member())
		actors, requests = append(actors, w.m.Change.Actor), append(requests, w.m.Change.RequestID)
	}
	query, first := addUsers, s[0]
	if first.m.Members[0].Operation == store.RemoveMembers {
		query = removeUsers
	}
	batch.Queue(query, first.m.ID, first.m.Type, s.at().UnixMilli(), actors, requests, string(first.m.Change.Event), first.attributes(), ids).
		QueryRow(s.stepped)
}

// errApart is the result of a step that the statement for users left: its member is a group, or unknown.
var errApart = errors.New("it is no user")

// stepped gives each step its result, from what the group was before all of them.
func (s steps) stepped(row pgx.Row) error {
	var settled, moved []string
	group, err := scanApplied(row, &settled, &moved)
	if errors.Is(err, pgx.ErrNoRows) { // there is no such group
		for _, w := range s {
			w.err = err
		}
		return nil
	}
	if err != nil {
		return err
	}
	group.Changed = false
	modified := group.Modified.Add(time.Millisecond)
	if at := millis(s.at().UnixMilli()); at.After(modified) {
		modified = at
	}
	for _, w := range s {
		w.applied = group
		if !slices.Contains(settled, w.member()) {
			w.apart, w.err = true, errApart
			continue
		}
		if !slices.Contains(moved, w.member()) {
			continue
		}
		group.Version++
		group.Modified, modified = modified, modified.Add(time.Millisecond)
		w.applied = group
		w.applied.Changed = true
		w.count()
	}
	return nil
}

func (w *move) count() {
	if w.m.Members[0].Operation == store.RemoveMembers {
		w.applied.Removed = 1
	} else {
		w.applied.Added = 1
	}
}

// addUsers adds users that are locked, to a group that is. What is no user it leaves alone.
var addUsers = `WITH known AS MATERIALIZED (
	SELECT ` + stepColumns + ` FROM ` + asked + `
	CROSS JOIN LATERAL (SELECT * FROM resources WHERE id = asked.id AND type = 'User' OFFSET 0) u
), moved AS (
	INSERT INTO members (group_id, member_id, member_type) SELECT $1, id, 'User' FROM known
	WHERE EXISTS (SELECT FROM resources WHERE id = $1 AND ` + typed + `)
	ON CONFLICT DO NOTHING RETURNING member_id
), ` + stepGroup(`ARRAY[step.id]`, noIDs) + `
SELECT ` + stamps + `, ARRAY(SELECT id FROM known), ARRAY(SELECT member_id FROM moved) FROM resources WHERE id = $1 AND ` + typed

// removeUsers removes users from a group that is locked. A group that is a member it leaves alone.
var removeUsers = `WITH known AS MATERIALIZED (
	SELECT ` + stepColumns + ` FROM ` + asked + `
	CROSS JOIN LATERAL (SELECT FROM members WHERE group_id = $1 AND member_id = asked.id AND member_type = 'User' OFFSET 0) m
	CROSS JOIN LATERAL (SELECT * FROM resources WHERE id = asked.id OFFSET 0) u
), moved AS (
	DELETE FROM members WHERE group_id = $1 AND member_id = ANY (ARRAY(SELECT id FROM known)) RETURNING member_id
), ` + stepGroup(noIDs, `ARRAY[step.id]`) + `
SELECT ` + stamps + `, ARRAY(SELECT id FROM unnest((SELECT $8::text[])) id
		LEFT JOIN LATERAL (SELECT member_type FROM members WHERE group_id = $1 AND member_id = id OFFSET 0) m ON true
		WHERE member_type IS DISTINCT FROM 'Group'), ARRAY(SELECT member_id FROM moved)
FROM resources WHERE id = $1 AND ` + typed

// asked are the steps with what is recorded of each. Like holdMembers it does not let the server count them.
const asked = `unnest((SELECT $8::text[]), (SELECT $4::text[]), (SELECT $5::text[])) WITH ORDINALITY asked (id, actor, request_id, place)`

const stepColumns = `asked.*, u.version, COALESCE(u.external_id, '') AS external_id, COALESCE(u.doc ->> 'userName', '') AS user_name, u.active`

// stepGroup moves the version of the group by one for each that moved, and records for each the change of the group and
// that of the user.
func stepGroup(added, removed string) string {
	return `changed AS (
	UPDATE resources SET version = version + steps, modified_ms = GREATEST($3::bigint, modified_ms + 1) + steps - 1
	FROM (SELECT count(*) AS steps FROM moved) counted WHERE id = $1 AND ` + typed + ` AND steps > 0
	RETURNING id, version - steps AS version, modified_ms - steps AS modified_ms, COALESCE(external_id, '') AS external_id, active
), recorded AS (
	INSERT INTO changes ` + changeColumns + `
	SELECT nextval('change_sequence'), changed.modified_ms + number, step.actor, step.request_id, c.event, c.type, c.id, c.version,
		c.external_id, c.user_name, '', c.active, c.attributes, c.added, c.removed
	FROM ` + drawing + `, changed,
	LATERAL (SELECT *, row_number() OVER (ORDER BY place) AS number FROM known WHERE id IN (SELECT member_id FROM moved)) step,
	LATERAL (VALUES
		($6::text, $2::text, changed.id, changed.version + number, changed.external_id, '', changed.active, $7::text[], ` + added + `, ` + removed + `),
		('patch', 'User', step.id, step.version, step.external_id, step.user_name, step.active, '{groups}', '{}', '{}')
	) c (event, type, id, version, external_id, user_name, active, attributes, added, removed)
)`
}
