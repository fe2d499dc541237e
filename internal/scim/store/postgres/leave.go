package postgres

import (
	"context"
	"fmt"

	"github.com/scim-operator/scim-operator/internal/scim/store"
)

// leave takes the resource, which is locked, out of its groups, and records that of each.
var leave = `WITH moved AS (
	DELETE FROM members WHERE member_id = $1 RETURNING group_id
), ` + leftGroups + `
` + insertChanges(leavingChanges+` WHERE $2::text IS NOT NULL`)

// leftGroups moves the versions of the groups that the CTE called moved names, locked in the order in which everybody
// locks them.
const leftGroups = `held AS MATERIALIZED (
	SELECT g.id FROM (SELECT group_id FROM moved WHERE group_id <> $1 ORDER BY group_id) m
	CROSS JOIN LATERAL (SELECT id FROM resources WHERE id = m.group_id FOR NO KEY UPDATE OFFSET 0) g
), groups AS (
	UPDATE resources g SET version = g.version + 1, modified_ms = GREATEST($3::bigint, g.modified_ms + 1)
	WHERE g.id = ANY (ARRAY(SELECT id FROM held)) RETURNING g.position, g.id, g.version, g.modified_ms, g.external_id, g.active
)`

// leavingChanges are those of the groups that were left.
const leavingChanges = `SELECT 2 AS place, g.position, g.modified_ms AS at_ms, 'patch' AS event, 'Group' AS resource_type,
	g.id AS resource_id, g.version, COALESCE(g.external_id, '') AS external_id, '' AS user_name, '' AS previous_user_name, g.active,
	'{members}'::text[] AS attributes, '{}'::text[] AS added, ARRAY[$1]::text[] AS removed FROM groups g`

// updateAndLeave stores the document of a user and takes it out of its groups, in one transaction. The row is locked
// first, as for a deletion, so that nobody adds it to a group meanwhile.
func (s *Store) updateAndLeave(ctx context.Context, m *store.Mutation) (applied store.Applied, err error) {
	tx, err := s.pool.Begin(ctx)
	if err != nil {
		return store.Applied{}, err
	}
	defer rollback(tx)
	if _, err := tx.Exec(ctx, hold+`UPDATE`, m.ID, m.Type); err != nil {
		return store.Applied{}, fmt.Errorf("locking the user: %w", err)
	}
	if applied, err = s.updateOn(ctx, tx, m); err != nil {
		return store.Applied{}, err
	}
	if _, err := tx.Exec(ctx, leave, m.ID, m.Type, m.At.UnixMilli(), m.Change.Actor, m.Change.RequestID); err != nil {
		return store.Applied{}, fmt.Errorf("leaving the groups: %w", err)
	}
	return applied, tx.Commit(ctx)
}
