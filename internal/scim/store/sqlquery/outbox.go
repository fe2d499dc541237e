package sqlquery

import (
	"fmt"
	"time"

	"github.com/scim-operator/scim-operator/internal/scim/store"
)

// The statements of the outbox; both stores run them as they are.
const (
	// OutboxMoveCursor takes where the cursor is and where it is to be.
	OutboxMoveCursor = `UPDATE outbox_cursor SET sequence = $2 WHERE sequence = $1`
	// OutboxInsert takes the arguments that OutboxRow makes. Of who was erased meanwhile no name comes back.
	OutboxInsert = `INSERT INTO outbox (sequence, event, resource_type, resource_id, urgent, at_ms, enqueued_ms, previous_user_name)
		VALUES ($1, $2, $3, $4, $5, $6, $8, CASE WHEN EXISTS (SELECT 1 FROM tombstones WHERE id = $4) THEN '' ELSE $7 END)`
	// OutboxInherit and then OutboxSupersede take the sequence and the resource of an urgent one.
	OutboxInherit = `UPDATE outbox SET previous_user_name = COALESCE((SELECT e.previous_user_name FROM outbox e
		WHERE e.resource_id = $2 AND e.sequence < $1 AND e.dead_ms IS NULL AND e.previous_user_name <> ''
		ORDER BY e.sequence LIMIT 1), previous_user_name) WHERE sequence = $1`
	OutboxSupersede = `DELETE FROM outbox WHERE sequence < $1 AND resource_id = $2 AND dead_ms IS NULL`

	outboxColumns = `SELECT o.sequence, o.event, o.resource_type, o.resource_id, o.at_ms, o.previous_user_name, o.attempts,
		COALESCE(o.dead_ms, 0), o.last_error FROM outbox o `
	// OutboxDue takes the time and a limit.
	OutboxDue = outboxColumns + `WHERE o.dead_ms IS NULL AND o.not_before_ms <= $1 AND NOT EXISTS (SELECT 1 FROM outbox e
		WHERE e.resource_id = o.resource_id AND e.sequence < o.sequence AND e.dead_ms IS NULL)
		ORDER BY o.urgent DESC, o.not_before_ms, o.sequence LIMIT $2`
	// OutboxDead takes the sequence to go on behind and a limit.
	OutboxDead = outboxColumns + `WHERE o.dead_ms IS NOT NULL AND o.sequence > $1 ORDER BY o.sequence LIMIT $2`

	// OutboxDelivered takes a sequence, OutboxNotDelivered the arguments that OutboxOutcome makes.
	OutboxDelivered    = `DELETE FROM outbox WHERE sequence = $1`
	OutboxNotDelivered = `UPDATE outbox SET attempts = $2, not_before_ms = $3, last_error = $4, dead_ms = $5 WHERE sequence = $1`
	OutboxWake         = `UPDATE outbox SET not_before_ms = 0 WHERE dead_ms IS NULL AND not_before_ms > 0`
	// OutboxReplayAll takes the time, OutboxReplay a sequence besides.
	OutboxReplayAll = `UPDATE outbox SET dead_ms = NULL, attempts = 0, not_before_ms = 0, enqueued_ms = $1 WHERE dead_ms IS NOT NULL`
	OutboxReplay    = OutboxReplayAll + ` AND sequence = $2`
	// OutboxExpire takes the time and the one since when something may wait, OutboxTrim the one since when it may be dead.
	OutboxExpire = `UPDATE outbox SET dead_ms = $1, last_error = 'it waited longer than it is kept; ' || last_error
		WHERE dead_ms IS NULL AND COALESCE(enqueued_ms, at_ms) < $2`
	OutboxTrim = `DELETE FROM outbox WHERE dead_ms < $1`
	// OutboxErase takes the id of the resource that is erased.
	OutboxErase = `DELETE FROM outbox WHERE resource_id = $1`

	// OutboxStatus has the columns that ScanOutboxStatus reads.
	OutboxStatus = `SELECT (SELECT sequence FROM outbox_cursor), COUNT(*) FILTER (WHERE dead_ms IS NULL),
		COUNT(*) FILTER (WHERE dead_ms IS NOT NULL), COALESCE(MIN(at_ms) FILTER (WHERE dead_ms IS NULL), 0) FROM outbox`
)

// OutboxRow makes the arguments of OutboxInsert.
func OutboxRow(c store.Change, now time.Time) []any {
	urgent := 0
	if c.Event.Urgent() {
		urgent = 1
	}
	return []any{c.Sequence, string(c.Event), c.Type, c.ID, urgent, c.At.UnixMilli(), c.PreviousUserName, now.UnixMilli()}
}

// OutboxOutcome makes the arguments of OutboxNotDelivered.
func OutboxOutcome(o store.Outcome) []any {
	var notBefore int64
	if !o.NotBefore.IsZero() {
		notBefore = o.NotBefore.UnixMilli()
	}
	var dead *int64
	if !o.DeadAt.IsZero() {
		ms := o.DeadAt.UnixMilli()
		dead = &ms
	}
	return []any{o.Sequence, o.Attempts, notBefore, o.Error, dead}
}

// ScanQueued reads a row of OutboxDue or OutboxDead.
func ScanQueued(row interface{ Scan(...any) error }) (store.Queued, error) {
	var q store.Queued
	var at, dead int64
	err := row.Scan(&q.Sequence, &q.Event, &q.Type, &q.ID, &at, &q.PreviousUserName, &q.Attempts, &dead, &q.LastError)
	if err != nil {
		return store.Queued{}, fmt.Errorf("reading an entry of the outbox: %w", err)
	}
	q.At, q.DeadAt = fromMillis(at), fromMillis(dead)
	return q, nil
}

// ScanOutboxStatus reads the row of OutboxStatus.
func ScanOutboxStatus(row interface{ Scan(...any) error }) (store.OutboxStatus, error) {
	var status store.OutboxStatus
	var oldest int64
	err := row.Scan(&status.Cursor, &status.Waiting, &status.Dead, &oldest)
	status.Oldest = fromMillis(oldest)
	return status, err
}

// fromMillis reads 0 as no time.
func fromMillis(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
