package endpoint

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/scim-operator/scim-operator/internal/scim/config"
	"github.com/scim-operator/scim-operator/internal/scim/store"
)

const (
	// expectationInterval is how often the store is looked at: a database may be restored under a running process.
	expectationInterval = 5 * time.Second
	// identityTimeout bounds one look.
	identityTimeout = 3 * time.Second
)

// expectation tells whether the store is the one that the configuration names. Requests ask all the time, so the answer
// is found beforehand.
type expectation struct {
	store store.Store
	log   *slog.Logger
	met   atomic.Bool

	mu   sync.Mutex
	want *config.ExpectedStore
	told bool
}

// expect takes over a new configuration. A store that cannot be asked is not the expected one: then it serves nothing
// anyway.
func (e *expectation) expect(ctx context.Context, want *config.ExpectedStore) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.want = want
	if !e.look(ctx) {
		e.met.Store(false)
	}
}

// watch looks again and again until the context ends.
func (e *expectation) watch(ctx context.Context) {
	ticker := time.NewTicker(expectationInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			e.mu.Lock()
			e.look(ctx)
			e.mu.Unlock()
		}
	}
}

// look compares the store with what is wanted, and returns whether it could.
func (e *expectation) look(ctx context.Context) bool {
	if e.want == nil {
		e.met.Store(true)
		return true
	}
	ctx, cancel := context.WithTimeout(ctx, identityTimeout)
	defer cancel()
	have, err := e.store.Identity(ctx)
	if err != nil {
		return false
	}
	met := strings.EqualFold(have.StoreID, e.want.ID) && have.Sequence >= e.want.Sequence
	if e.met.Swap(met) != met || !e.told {
		e.tell(met, have)
	}
	e.told = true
	return true
}

func (e *expectation) tell(met bool, have store.Identity) {
	if met {
		e.log.Info("the store is the expected one", "storeID", have.StoreID, "sequence", have.Sequence)
		return
	}
	e.log.Error("the store is not the expected one: SCIM requests are answered with 503 until the configuration names it",
		"storeID", have.StoreID, "sequence", have.Sequence, "expectedStoreID", e.want.ID, "expectedSequence", e.want.Sequence)
}
