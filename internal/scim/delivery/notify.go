package delivery

import (
	"context"
	"sync"

	"github.com/scim-operator/scim-operator/internal/scim/store"
)

// Notifier wakes who waits for changes of this process.
type Notifier struct {
	mu      sync.Mutex
	changed chan struct{}
}

// NewNotifier returns a Notifier that nothing has happened to.
func NewNotifier() *Notifier {
	return &Notifier{changed: make(chan struct{})}
}

// Changed returns a channel that is closed at the next change. Ask for it before reading, so that nothing is missed.
func (n *Notifier) Changed() <-chan struct{} {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.changed
}

func (n *Notifier) notify() {
	n.mu.Lock()
	defer n.mu.Unlock()
	close(n.changed)
	n.changed = make(chan struct{})
}

// Watch returns the same store, but what is changed through it is noticed.
func (n *Notifier) Watch(s store.Store) store.Store {
	return &watched{Store: s, notifier: n}
}

type watched struct {
	store.Store
	notifier *Notifier
}

// Apply implements store.Store.
func (w *watched) Apply(ctx context.Context, m store.Mutation) (store.Applied, error) {
	applied, err := w.Store.Apply(ctx, m)
	if applied.Changed && err == nil {
		w.notifier.notify()
	}
	return applied, err
}

// Erase implements store.Store.
func (w *watched) Erase(ctx context.Context, id string, m store.Mutation) error {
	err := w.Store.Erase(ctx, id, m)
	if err == nil {
		w.notifier.notify()
	}
	return err
}
