package store

import (
	"context"
	"time"
)

// Queued is a change that waits to be told to the app, or a dead letter: one that the app would not take.
type Queued struct {
	// Sequence is that of the change, whose details are in Changes.
	Sequence int64
	Event    Event
	// Type and ID name the resource.
	Type, ID string
	// At is the time of the change.
	At time.Time
	// PreviousUserName is the userName that the app was told last, when this or a change that it supersedes renamed the user.
	PreviousUserName string
	// Attempts counts the answers of the app that were failures.
	Attempts int
	// DeadAt is when it became a dead letter; zero while it waits.
	DeadAt time.Time
	// LastError says why the last attempt failed; empty before the first.
	LastError string
}

// Urgent tells whether the event ends access, so that it goes before others (T-8).
func (e Event) Urgent() bool {
	return e == EventDeactivate || e == EventDelete || e == EventRebound
}

// Outcome is what became of an attempt to deliver.
type Outcome struct {
	Sequence int64
	// Delivered removes it; the rest is then not looked at.
	Delivered bool
	// Attempts, NotBefore and Error are kept for the next attempt.
	Attempts  int
	NotBefore time.Time
	Error     string
	// DeadAt makes it a dead letter unless it is zero.
	DeadAt time.Time
}

// OutboxStatus is how far delivery is behind.
type OutboxStatus struct {
	// Cursor is the sequence up to which changes were put into the outbox.
	Cursor int64
	// Waiting and Dead count what waits and the dead letters.
	Waiting, Dead int
	// Oldest is the time of the oldest change that waits; zero when none does.
	Oldest time.Time
}

// Outbox keeps what is still to be told to the app. It is filled from Changes by the worker that delivers, so that no
// request writes anything for it. Store.Erase removes what it has of a resource.
type Outbox interface {
	// Floor returns the sequence up to which changes may no longer be kept: who has read the changes up to it, or
	// further, finds all later ones in Changes.
	Floor(ctx context.Context) (int64, error)
	// Lead runs f while this replica is the one that delivers, and returns when the context ends or with the error of f.
	// It waits until no other replica does. The context of f ends when it cannot be sure of that any more.
	Lead(ctx context.Context, f func(ctx context.Context) error) error
	// Enqueue puts changes into the outbox, where they wait since now, and moves the cursor from after to next, in one step; ErrVersionChanged
	// when the cursor is elsewhere. An urgent one supersedes all of the same resource that wait with a lower sequence:
	// they are removed, and it takes over the PreviousUserName of the first of them that has one.
	Enqueue(ctx context.Context, now time.Time, after, next int64, changes []Change) error
	// Due returns at most limit that wait, whose NotBefore has come: of each resource only the first in sequence, urgent
	// ones before others, then by NotBefore and by sequence.
	Due(ctx context.Context, now time.Time, limit int) ([]Queued, error)
	// Settle records what became of attempts; what was superseded meanwhile is passed over.
	Settle(ctx context.Context, outcomes []Outcome) error
	// Wake makes all that wait due at once.
	Wake(ctx context.Context) error
	// DeadLetters returns at most limit dead letters with a sequence above after, in that order.
	DeadLetters(ctx context.Context, after int64, limit int) ([]Queued, error)
	// Replay makes dead letters wait again, since now, those of the sequences or, without any, all, and returns how many.
	Replay(ctx context.Context, now time.Time, sequences ...int64) (int, error)
	// TrimOutbox makes dead letters of what waits since before waitingSince, and removes those that died before
	// deadSince; a zero time leaves them alone. It returns how many it made and removed.
	TrimOutbox(ctx context.Context, now, waitingSince, deadSince time.Time) (died, removed int, err error)
	// OutboxStatus reads how far delivery is behind.
	OutboxStatus(ctx context.Context) (OutboxStatus, error)
}
