package postgres

import (
	"fmt"
	"slices"
	"strings"
)

// drawing is joined to whatever draws sequences. It takes a shared lock that is named after the last sequence drawn
// before, so that all that this transaction draws are above the number in the name; horizon.go looks for such locks. The
// name begins with 15 bits of the identity of the sequence, so that stores in one database do not see each other's.
const drawing = `(SELECT pg_advisory_xact_lock_shared(
	(('change_sequence'::regclass::oid::bigint & 32767) << 48) | pg_sequence_last_value('change_sequence')) OFFSET 0) drawing`

// changeColumns are those of a change, but that it draws its sequence first.
const changeColumns = `(sequence, at_ms, actor, request_id, event, resource_type, resource_id, version,
		external_id, user_name, previous_user_name, active, attributes, added, removed)`

// insertChanges draws a sequence for each row of the query, once for each place and position, in their order.
func insertChanges(query string) string {
	return `INSERT INTO changes ` + changeColumns + `
	SELECT nextval('change_sequence'), c.at_ms, $4, $5, c.event, c.resource_type, c.resource_id, c.version,
		c.external_id, c.user_name, c.previous_user_name, c.active, c.attributes, c.added, c.removed
	FROM ` + drawing + `, (SELECT DISTINCT ON (place, position) * FROM (` + query + `) every ORDER BY place, position) c`
}

// insertChange draws a sequence for the change of the resource itself, like insertChanges of mainChange: without what
// sorts several changes, which costs as much as to store the one.
func insertChange(previousUserName string) string {
	return `INSERT INTO changes ` + changeColumns + `
	SELECT nextval('change_sequence'), changed.modified_ms, $4, $5, $6, $2, changed.id, changed.version,
		changed.external_id, changed.user_name, ` + previousUserName + `, changed.active, $7, '{}', '{}'
	FROM ` + drawing + `, changed`
}

// mainChange is the change of the resource itself, which is not renamed and of which the CTE called changed has the stamps.
// The other values are SQL. A change is as late as what it made of the resource.
func mainChange(added, removed string) string {
	return `SELECT 0 AS place, 0::bigint AS position, changed.modified_ms AS at_ms, $6::text AS event,
		$2::text AS resource_type, changed.id AS resource_id, changed.version, changed.external_id, changed.user_name,
		'' AS previous_user_name, changed.active, $7::text[] AS attributes,
		` + added + ` AS added, ` + removed + ` AS removed FROM changed`
}

// nobody is the userName before of what was not renamed.
const nobody = `''`

// noIDs is an empty list of members.
const noIDs = `'{}'::text[]`

// nested is a recursive CTE of the groups that are in the seeds, a query of ids, and of the seeds. It ends on cycles (G-6).
// How many rows a recursion has nobody can estimate, so that each step here is a subquery of its own (by OFFSET 0), for
// which there is no plan but the index; and it is of groups only, because the server makes room for the rows it expects.
func nested(seeds string) string {
	return `nested (id) AS (
		` + seeds + `
		UNION
		SELECT m.id FROM nested n
		CROSS JOIN LATERAL (SELECT member_id AS id FROM members WHERE group_id = n.id AND member_type = 'Group' OFFSET 0) m)`
}

// entitlementChanges are those of the users whose effective roles may have changed: of the direct ones, a query of ids,
// and of those in nested.
func entitlementChanges(direct string) string {
	return ` UNION ALL
	SELECT 1, u.position, (SELECT modified_ms FROM changed), 'patch', 'User', u.id, u.version, COALESCE(u.external_id, ''),
		COALESCE(u.doc ->> 'userName', ''), '', u.active, '{groups}', '{}', '{}'
	FROM (` + direct + ` UNION ALL
		SELECT m.id FROM nested n
		CROSS JOIN LATERAL (SELECT member_id AS id FROM members WHERE group_id = n.id AND member_type = 'User' OFFSET 0) m
	) t (id) CROSS JOIN LATERAL (SELECT * FROM resources WHERE id = t.id AND type = 'User' OFFSET 0) u`
}

// nobodyElse are no direct ones.
const nobodyElse = `SELECT NULL::text`

// typed says that a row is of the type $2, in words that no index understands: the id alone leads to the row.
const typed = `(type = $2::text) IS TRUE`

// documentColumns are what a document is stored as, in the order of documentArgs.
var documentColumns = []string{
	"user_name_key", "external_id", "display_name_key", "manager_id", "active", "doc", "search",
}

// createRow makes the row of a resource; the document's parameters begin with number first. A tombstone's id makes none.
func createRow(first int) string {
	return `INSERT INTO resources (id, type, version, created_ms, modified_ms, ` + strings.Join(documentColumns, ", ") + `)
		SELECT $1, $2::text, 1, $3::bigint, $3::bigint, ` + parameters(first, len(documentColumns)) + `
		WHERE NOT EXISTS (SELECT FROM tombstones WHERE id = $1)
		RETURNING ` + stamps + facts
}

// setDocument is the SET clause of a new document; userName is compared to keep the previous one.
func setDocument(first int) string {
	doc := first + slices.Index(documentColumns, "doc")
	return fmt.Sprintf(`previous_user_name = CASE WHEN doc ->> 'userName' <> $%d::jsonb ->> 'userName'
		THEN doc ->> 'userName' ELSE previous_user_name END, (`, doc) + strings.Join(documentColumns, ", ") + `) = ROW (` +
		parameters(first, len(documentColumns)) + `)`
}

func parameters(first, count int) string {
	names := make([]string, count)
	for i := range names {
		names[i] = fmt.Sprintf("$%d", first+i)
	}
	return strings.Join(names, ", ")
}

// stamps are the columns of store.Applied.
const stamps = `position, version, created_ms, modified_ms`

// facts are what a change says of its resource, beside the stamps.
const facts = `, id, COALESCE(external_id, '') AS external_id, COALESCE(doc ->> 'userName', '') AS user_name, active`

// next moves version and time.
const next = `version = version + 1, modified_ms = GREATEST($3::bigint, modified_ms + 1)`

// documentAt is the first parameter of the document in statements that record a change: behind those of the change.
const documentAt = 8

// createWithout makes a resource without members.
var createWithout = `WITH changed AS (` + createRow(documentAt) + `), mails AS (
	INSERT INTO emails (resource_id, value_key) SELECT changed.id, key FROM changed, unnest($15::text[]) key
), recorded AS (` + insertChange(nobody) + `)
SELECT ` + stamps + ` FROM changed`

// replaced stores a new document if the version is the expected one and the document another. Beside it the statement
// sees the row as it was.
var replaced = `changed AS (
	UPDATE resources SET ` + next + `, ` + setDocument(documentAt) + `
	WHERE id = $1 AND ` + typed + ` AND $16::bigint IN (0, version) AND doc <> $13
	RETURNING ` + stamps + facts + `
)`

const formerUserName = `COALESCE((SELECT doc ->> 'userName' FROM resources
	WHERE id = $1 AND doc ->> 'userName' <> changed.user_name), '')`

var updateUser = `WITH ` + replaced + `, gone AS (
	DELETE FROM emails WHERE resource_id = $1 AND value_key <> ALL ($15::text[]) AND EXISTS (SELECT FROM changed)
), come AS (
	INSERT INTO emails (resource_id, value_key) SELECT changed.id, key FROM changed, unnest($15::text[]) key
	WHERE NOT EXISTS (SELECT FROM emails WHERE resource_id = $1 AND value_key = key)
), recorded AS (` + insertChange(formerUserName) + `)
SELECT ` + stamps + ` FROM changed`

// updateKnown is updateUser for a document that has the userName and the emails of the one before, which spares half of
// the work. Both take the same parameters.
var updateKnown = `WITH ` + replaced + `, recorded AS (` + insertChange(nobody) + `)
SELECT ` + stamps + ` FROM changed WHERE $15::text[] IS NOT NULL`

// updateGroup tells all who are in the group when it was renamed. Groups have no emails.
var updateGroup = `WITH RECURSIVE ` + replaced + `, ` + nested(`
		SELECT old.id FROM changed
		JOIN resources old ON old.id = changed.id AND old.doc ->> 'displayName' IS DISTINCT FROM $13::jsonb ->> 'displayName'`) + `,
recorded AS (` + insertChanges(mainChange(noIDs, noIDs)+entitlementChanges(nobodyElse)) + `)
SELECT ` + stamps + ` FROM changed WHERE $15::text[] IS NOT NULL`

// hold locks a row, so that the next statement sees its last state.
const hold = `SELECT FROM resources WHERE id = $1 AND ` + typed + ` FOR `

// classify tells why an update changed nothing.
const classify = `SELECT ` + stamps + `, doc = $3::jsonb FROM resources WHERE id = $1 AND ` + typed

// addMembers adds members that are locked, to a group that is.
var addMembers = `WITH RECURSIVE known AS MATERIALIZED (
	SELECT id, type FROM resources WHERE id = ANY ($8::text[])
), moved AS (
	INSERT INTO members (group_id, member_id, member_type) SELECT $1, known.id, known.type FROM known
	WHERE ($9::boolean OR (SELECT count(*) FROM known) = cardinality($8::text[]))
	AND EXISTS (SELECT FROM resources WHERE id = $1 AND ` + typed + `)
	ORDER BY known.id ON CONFLICT DO NOTHING RETURNING member_id, member_type
), ` + moveGroup(`(SELECT array_agg(member_id) FROM moved)`, noIDs) + `, ARRAY(SELECT id FROM known)
FROM resources r LEFT JOIN changed ON true WHERE r.id = $1 AND ` + typed

var removeMembers = `WITH RECURSIVE moved AS (
	DELETE FROM members WHERE group_id = $1 AND member_id = ANY ($8::text[]) RETURNING member_id, member_type
), ` + moveGroup(noIDs, `(SELECT array_agg(member_id) FROM moved)`) + `
FROM resources r LEFT JOIN changed ON true WHERE r.id = $1 AND ` + typed

// moveGroup moves the version of the group if a member came or went, and records it.
func moveGroup(added, removed string) string {
	return `changed AS (
	UPDATE resources SET ` + next + ` WHERE id = $1 AND ` + typed + ` AND EXISTS (SELECT FROM moved)
	RETURNING ` + stamps + facts + `
), ` + nested(`SELECT member_id FROM moved WHERE member_type = 'Group'`) + `,
recorded AS (` + insertChanges(mainChange(added, removed)+
		entitlementChanges(`SELECT member_id FROM moved WHERE member_type = 'User'`)) + `)
SELECT r.position, COALESCE(changed.version, r.version), r.created_ms, COALESCE(changed.modified_ms, r.modified_ms),
	(SELECT count(*) FROM moved)`
}

// remove deletes the resource that hold has locked: first its memberships, then the version of the groups it was in,
// then the resource, with which the foreign keys take its own members along.
var remove = `WITH RECURSIVE changed AS MATERIALIZED (
	SELECT version, GREATEST($3::bigint, modified_ms + 1) AS modified_ms` + facts + `
	FROM resources WHERE id = $1 AND ` + typed + ` AND $8::bigint IN (0, version)
), moved AS (
	DELETE FROM members WHERE member_id = (SELECT id FROM changed) RETURNING group_id
), ` + leftGroups + `, ` + nested(`SELECT id FROM changed WHERE $2::text = 'Group'`) + `,
gone AS (
	DELETE FROM resources WHERE id = (SELECT id FROM changed) AND (SELECT count(*) FROM groups) >= 0
), recorded AS (` + insertChanges(mainChange(noIDs, noIDs)+entitlementChanges(nobodyElse)+` UNION ALL `+leavingChanges) + `)
SELECT ` + stamps + `, EXISTS (SELECT FROM changed) FROM resources WHERE id = $1 AND ` + typed
