package postgres

import (
	"context"
	"fmt"

	"github.com/scim-operator/scim-operator/internal/scim/store"
)

// horizon is what is known of the sequences.
type horizon struct {
	// drawn is the last value of the sequence at which nothing was under way any more, twice in a row: the first time,
	// what had ended just before may not be visible yet.
	drawn int64
	// quiet is the last value at which nothing was under way the last time.
	quiet int64
	// sequence is the highest of a committed change below which nothing is under way.
	sequence int64
}

// findHorizon looks for writers under way by the locks of drawing, without a lock of its own, so that nobody waits. The
// order matters: the last value is read before the locks. Who drew a sequence up to that value took its lock earlier
// still, so that it holds it now or has ended; and who holds one draws only what is above the number in its name.
//
// The answer is the sequence of a change that is there, not a number drawn in vain: that could be drawn again after a
// crash of the server, and would then be passed over. The read of changes may be older than that of the locks, which
// makes the answer too low for a moment, never too high.
const findHorizon = `SELECT last.value, COALESCE(oldest.value, last.value) >= last.value,
	GREATEST((SELECT sequence_floor FROM identity),
		(SELECT max(sequence) FROM changes WHERE sequence <= LEAST(oldest.value, last.value)))
FROM (SELECT value FROM pg_sequence_last_value('change_sequence') value WHERE value <> $1 OFFSET 0) last
CROSS JOIN LATERAL (
	SELECT min(((classid::bigint << 32) | objid::bigint) & ((1::bigint << 48) - 1)) AS value FROM pg_locks
	WHERE locktype = 'advisory' AND objsubid = 1 AND classid::bigint >> 16 = 'change_sequence'::regclass::oid::bigint & 32767
	AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND last.value IS NOT NULL
) oldest`

// Horizon implements store.Store.
func (s *Store) Horizon(ctx context.Context) (int64, error) {
	known := horizon{drawn: -1, quiet: -1}
	if last := s.horizon.Load(); last != nil {
		known = *last
	}
	found := known
	settled := true
	rows, err := s.pool.Query(ctx, findHorizon, known.drawn)
	if err != nil {
		return 0, fmt.Errorf("looking for the horizon: %w", translate(err))
	}
	defer rows.Close()
	for rows.Next() { // there is no row when nothing was drawn since
		if err := rows.Scan(&found.drawn, &settled, &found.sequence); err != nil {
			return 0, fmt.Errorf("looking for the horizon: %w", translate(err))
		}
	}
	if err := rows.Err(); err != nil {
		return 0, fmt.Errorf("looking for the horizon: %w", translate(err))
	}
	if found.drawn >= max(known.drawn, known.sequence) { // else the database was set back to an older state, and what was known is void
		found.sequence = max(found.sequence, known.sequence)
	}
	seen := found.drawn
	if !settled || seen != known.quiet {
		found.drawn = min(known.drawn, seen-1) // what is under way, or has just ended, has to be looked at again
	}
	if found.quiet = -1; settled {
		found.quiet = seen
	}
	s.horizon.Store(&found)
	return found.sequence, nil
}

// Changes implements store.Store.
func (s *Store) Changes(ctx context.Context, after int64, limit int) ([]store.Change, error) {
	until, err := s.Horizon(ctx)
	if err != nil {
		return nil, err
	}
	if until <= after {
		return nil, nil
	}
	var changes []store.Change
	var c store.Change
	var at int64
	err = s.each(ctx, `SELECT sequence, at_ms, event, resource_type, resource_id, version, external_id, user_name,
			previous_user_name, active, attributes, added, removed, actor, request_id
		FROM changes WHERE sequence > $1 AND sequence <= $2 ORDER BY sequence LIMIT $3`,
		[]any{after, until, limit},
		[]any{&c.Sequence, &at, &c.Event, &c.Type, &c.ID, &c.Version, &c.ExternalID, &c.UserName, &c.PreviousUserName, &c.Active,
			&c.Attributes, &c.Added, &c.Removed, &c.Actor, &c.RequestID},
		func() error {
			row := c
			row.At = millis(at)
			row.Attributes, row.Added, row.Removed = nilIfEmpty(c.Attributes), nilIfEmpty(c.Added), nilIfEmpty(c.Removed)
			changes = append(changes, row)
			c.Attributes, c.Added, c.Removed, c.Active = nil, nil, nil, nil
			return nil
		})
	if err != nil {
		return nil, fmt.Errorf("reading changes: %w", translate(err))
	}
	return changes, nil
}

func nilIfEmpty(values []string) []string {
	if len(values) == 0 {
		return nil
	}
	return values
}
