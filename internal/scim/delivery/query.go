package delivery

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/scim-operator/scim-operator/internal/scim/scimerr"
	"github.com/scim-operator/scim-operator/internal/scim/store"
)

// The limits of a request for changes. A wait must end well before the time-outs of proxies.
const (
	maxWait      = 30 * time.Second
	defaultLimit = 100
	maxLimit     = 500
)

// feedQuery are the parameters of a request for changes.
type feedQuery struct {
	after   int64
	wait    time.Duration
	limit   int
	storeID string
}

func parseFeedQuery(values url.Values) (feedQuery, error) {
	q := feedQuery{limit: defaultLimit, storeID: values.Get("storeID")}
	var err error
	if q.after, err = strconv.ParseInt(values.Get("after"), 10, 64); err != nil || q.after < 0 {
		return feedQuery{}, scimerr.BadRequest(scimerr.InvalidValue, "after must be the sequence that a snapshot or the last answer gave, or 0 to begin with the first change")
	}
	if v := values.Get("wait"); v != "" {
		if q.wait, err = time.ParseDuration(v); err != nil || q.wait < 0 {
			return feedQuery{}, scimerr.BadRequest(scimerr.InvalidValue, "wait must be a duration such as 30s")
		}
		q.wait = min(q.wait, maxWait)
	}
	if v := values.Get("limit"); v != "" {
		if q.limit, err = strconv.Atoi(v); err != nil || q.limit < 1 {
			return feedQuery{}, scimerr.BadRequest(scimerr.InvalidValue, "limit must be a number from 1 to %d", maxLimit)
		}
		q.limit = min(q.limit, maxLimit)
	}
	return q, nil
}

// check refuses a place in another store, or behind the end of this one: the store was replaced or restored, and what
// the consumer has may be of a state that never was here.
func (q feedQuery) check(identity store.Identity) error {
	switch {
	case q.storeID != "" && q.storeID != identity.StoreID:
		return scimerr.New(http.StatusGone, "this is store %s and no longer %s: take the snapshot and go on from its sequence", identity.StoreID, q.storeID)
	case q.after > identity.Sequence:
		return scimerr.New(http.StatusGone, "the store ends before sequence %d, so it is another or was restored: take the snapshot and go on from its sequence", q.after)
	}
	return nil
}
