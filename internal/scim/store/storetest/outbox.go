package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/store"
)

// noon is the time that the tests of the outbox count milliseconds from.
var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

func at(ms int64) time.Time { return noon.Add(time.Duration(ms) * time.Millisecond) }

var outboxTests = map[string]func(suite){
	"T-7 what is queued comes back as it was changed":                    outboxRoundTrip,
	"the cursor moves with what is queued and from one place only":       outboxCursor,
	"T-9 of each resource the first is due, and the next when it is out": outboxOrder,
	"T-8 what ends access goes first and supersedes":                     outboxSupersedes,
	"what ends access takes over the name that the app knows":            outboxInherits,
	"what failed is due again when its time has come, or woken":          outboxBackOff,
	"a dead letter lets the next go, is listed and replayed":             outboxDeadLetters,
	"what is kept too long dies and goes":                                outboxTrim,
	"the status counts what waits and what is dead":                      outboxStatus,
	"erasing a person empties the outbox of it":                          outboxErase,
	"one leads until it is done":                                         outboxLead,
	"the horizon is the last change when writers rest":                   horizonAtRest,
	"the floor is below all changes that are kept":                       floor,
}

func (s suite) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

func (s suite) enqueue(after int64, changes ...store.Change) {
	s.Helper()
	s.must(s.store.Enqueue(s.ctx, changes[0].At, after, changes[len(changes)-1].Sequence, changes))
}

func (s suite) due(ms int64) (sequences []int64) {
	s.Helper()
	due, err := s.store.Due(s.ctx, at(ms), 10)
	s.must(err)
	for _, q := range due {
		sequences = append(sequences, q.Sequence)
	}
	return sequences
}

func (s suite) settle(outcomes ...store.Outcome) {
	s.Helper()
	s.must(s.store.Settle(s.ctx, outcomes))
}

func (s suite) dead() []store.Queued {
	s.Helper()
	dead, err := s.store.DeadLetters(s.ctx, 0, 10)
	s.must(err)
	return dead
}

func change(sequence int64, id string, event store.Event) store.Change {
	return store.Change{Sequence: sequence, At: at(sequence), Event: event, Type: schema.User, ID: id, Version: 1}
}

func outboxRoundTrip(s suite) {
	renamed := change(3, "u1", store.EventPatch)
	renamed.PreviousUserName = "before"
	s.enqueue(0, renamed)
	due, err := s.store.Due(s.ctx, at(0), 10)
	s.must(err)
	s.equal(due, []store.Queued{{Sequence: 3, Event: store.EventPatch, Type: schema.User, ID: "u1", At: at(3), PreviousUserName: "before"}})
}

func outboxCursor(s suite) {
	s.enqueue(0, change(2, "u1", store.EventCreate), change(5, "u2", store.EventCreate))
	s.wantError(s.store.Enqueue(s.ctx, epoch, 0, 7, []store.Change{change(7, "u3", store.EventCreate)}), store.ErrVersionChanged)
	s.equal(s.due(0), []int64{2, 5})
	s.enqueue(5, change(7, "u3", store.EventCreate))
	s.equal(s.due(0), []int64{2, 5, 7})
}

func outboxOrder(s suite) {
	s.enqueue(0, change(1, "u1", store.EventCreate), change(2, "u1", store.EventPatch), change(3, "u2", store.EventCreate))
	s.equal(s.due(0), []int64{1, 3})
	s.settle(store.Outcome{Sequence: 1, Attempts: 1, NotBefore: at(100), Error: "no"})
	s.equal(s.due(0), []int64{3})
	s.equal(s.due(100), []int64{3, 1})
	s.settle(store.Outcome{Sequence: 1, Delivered: true}, store.Outcome{Sequence: 3, Delivered: true})
	s.equal(s.due(0), []int64{2})
}

func outboxSupersedes(s suite) {
	s.enqueue(0, change(1, "u1", store.EventCreate), change(2, "u2", store.EventCreate), change(3, "u2", store.EventPatch),
		change(4, "u2", store.EventDeactivate), change(5, "u2", store.EventActivate), change(6, "u3", store.EventDelete))
	s.equal(s.due(0), []int64{4, 6, 1})
	s.settle(store.Outcome{Sequence: 2, Attempts: 1, Error: "was under way"}, store.Outcome{Sequence: 4, Delivered: true})
	s.equal(s.due(0), []int64{6, 1, 5})
}

func outboxInherits(s suite) {
	first, second, last := change(1, "u1", store.EventPatch), change(2, "u1", store.EventPatch), change(3, "u1", store.EventDeactivate)
	first.PreviousUserName, second.PreviousUserName, last.PreviousUserName = "a", "b", "c"
	s.enqueue(0, first)
	s.enqueue(1, second, last, change(4, "u2", store.EventDeactivate))
	due, err := s.store.Due(s.ctx, at(0), 10)
	s.must(err)
	if len(due) != 2 || due[0].PreviousUserName != "a" || due[1].PreviousUserName != "" {
		s.Errorf("due are %+v, want the first name a and the other none", due)
	}
}

func outboxBackOff(s suite) {
	s.enqueue(0, change(1, "u1", store.EventCreate))
	s.settle(store.Outcome{Sequence: 1, Attempts: 2, NotBefore: at(1000), Error: "no"})
	s.equal(s.due(999), []int64(nil))
	s.must(s.store.Wake(s.ctx))
	due, err := s.store.Due(s.ctx, at(0), 10)
	s.must(err)
	s.equal(due, []store.Queued{{Sequence: 1, Event: store.EventCreate, Type: schema.User, ID: "u1", At: at(1), Attempts: 2, LastError: "no"}})
}

func outboxDeadLetters(s suite) {
	s.enqueue(0, change(1, "u1", store.EventCreate), change(2, "u1", store.EventPatch), change(3, "u2", store.EventCreate))
	s.settle(store.Outcome{Sequence: 1, Attempts: 16, Error: "no", DeadAt: at(50)}, store.Outcome{Sequence: 3, Attempts: 1, Error: "never", DeadAt: at(60)})
	s.equal(s.due(0), []int64{2})
	first := store.Queued{Sequence: 1, Event: store.EventCreate, Type: schema.User, ID: "u1", At: at(1), Attempts: 16, DeadAt: at(50), LastError: "no"}
	other := store.Queued{Sequence: 3, Event: store.EventCreate, Type: schema.User, ID: "u2", At: at(3), Attempts: 1, DeadAt: at(60), LastError: "never"}
	s.equal(s.dead(), []store.Queued{first, other})
	behind, err := s.store.DeadLetters(s.ctx, 1, 10)
	s.must(err)
	s.equal(behind, []store.Queued{other})
	n, err := s.store.Replay(s.ctx, at(50), 1, 2, 99)
	s.must(err)
	s.equal(n, 1)
	s.equal(s.due(0), []int64{1})
	n, err = s.store.Replay(s.ctx, at(50))
	s.must(err)
	s.equal(n, 1)
	s.equal(s.due(0), []int64{1, 3})
}

func outboxTrim(s suite) {
	s.enqueue(0, change(10, "u1", store.EventCreate))
	s.enqueue(10, change(20, "u2", store.EventCreate))
	trim := func(waiting, dead time.Time, wantDied, wantRemoved int) {
		s.Helper()
		died, removed, err := s.store.TrimOutbox(s.ctx, at(100), waiting, dead)
		s.must(err)
		if died != wantDied || removed != wantRemoved {
			s.Errorf("%d died and %d were removed, want %d and %d", died, removed, wantDied, wantRemoved)
		}
	}
	trim(time.Time{}, time.Time{}, 0, 0)
	trim(at(20), time.Time{}, 1, 0)
	s.equal(s.due(0), []int64{20})
	trim(time.Time{}, at(100), 0, 0)
	trim(time.Time{}, at(101), 0, 1)
	s.equal(len(s.dead()), 0)

	// What counts is how long it waits, not how old the change is.
	s.must(s.store.Enqueue(s.ctx, at(90), 20, 30, []store.Change{change(30, "u3", store.EventCreate)}))
	trim(at(90), time.Time{}, 1, 0)
	s.equal(s.due(0), []int64{30})
	_, err := s.store.Replay(s.ctx, at(95), 20)
	s.must(err)
	trim(at(95), time.Time{}, 1, 0)
	s.equal(s.due(0), []int64{20})
	trim(at(96), time.Time{}, 1, 0)
}

func outboxStatus(s suite) {
	status := func() store.OutboxStatus {
		s.Helper()
		status, err := s.store.OutboxStatus(s.ctx)
		s.must(err)
		return status
	}
	s.equal(status(), store.OutboxStatus{})
	s.enqueue(0, change(1, "u1", store.EventCreate), change(2, "u2", store.EventCreate), change(3, "u3", store.EventCreate))
	s.settle(store.Outcome{Sequence: 1, DeadAt: at(9)})
	s.equal(status(), store.OutboxStatus{Cursor: 3, Waiting: 2, Dead: 1, Oldest: at(2)})
}

// created makes a user in the store and returns its change.
func (s suite) created(id, userName string) store.Change {
	s.Helper()
	before := s.identity().Sequence
	s.apply(user(id, userName))
	changes := s.changes(before)
	if len(changes) != 1 {
		s.Fatalf("there are %d changes, want 1", len(changes))
	}
	return changes[0]
}

func outboxErase(s suite) {
	ann, bob := s.created("u1", "ann"), s.created("u2", "bob")
	ann.PreviousUserName = "anna"
	s.enqueue(0, ann, bob)
	s.settle(store.Outcome{Sequence: ann.Sequence, DeadAt: at(9), Error: "no"})
	s.must(s.store.Erase(s.ctx, "u1", store.Mutation{At: noon, Change: store.Change{Event: store.EventDelete}}))
	s.equal(len(s.dead()), 0)
	s.equal(s.due(0), []int64{bob.Sequence})
	late := change(bob.Sequence+100, "u1", store.EventPatch)
	late.PreviousUserName = "anna" // read before the erasure, written after it
	s.enqueue(bob.Sequence, late)
	due, err := s.store.Due(s.ctx, at(0), 10)
	s.must(err)
	if len(due) != 2 || due[1].PreviousUserName != "" {
		s.Errorf("due are %+v, want the name of who was erased away", due)
	}
}

func outboxLead(s suite) {
	failure := errors.New("enough")
	s.wantError(s.store.Lead(s.ctx, func(context.Context) error { return failure }), failure)
	ctx, cancel := context.WithCancel(s.ctx)
	err := s.store.Lead(ctx, func(ctx context.Context) error {
		cancel()
		<-ctx.Done()
		return nil
	})
	s.must(err)
}

func floor(s suite) {
	read := func() int64 {
		s.Helper()
		floor, err := s.store.Floor(s.ctx)
		s.must(err)
		return floor
	}
	if first := s.created("u1", "ann"); read() >= first.Sequence {
		s.Errorf("the floor is %d, and the first change %d is kept", read(), first.Sequence)
	}
	last := s.created("u2", "bob")
	_, err := s.store.TrimChanges(s.ctx, noon.Add(time.Hour))
	s.must(err)
	if read() != last.Sequence {
		s.Errorf("the floor is %d, want %d, the last change that was removed", read(), last.Sequence)
	}
}

// horizonAtRest has others look for the horizon all the time, so that it is also looked for in the midst of commits.
func horizonAtRest(s suite) {
	for round := range 20 {
		done := make(chan struct{})
		var looking, writing sync.WaitGroup
		for range 2 {
			looking.Go(func() {
				for {
					select {
					case <-done:
						return
					default:
						if _, err := s.store.Horizon(s.ctx); err != nil {
							s.Errorf("looking for the horizon: %v", err)
							return
						}
					}
				}
			})
		}
		for n := range 4 {
			writing.Go(func() {
				name := fmt.Sprintf("u%d-%d", round, n)
				if _, err := s.store.Apply(s.ctx, user(name, name)); err != nil {
					s.Errorf("creating %s: %v", name, err)
				}
			})
		}
		writing.Wait()
		close(done)
		looking.Wait()
		horizon, err := s.store.Horizon(s.ctx)
		s.must(err)
		if last := s.identity().Sequence; horizon != last {
			s.Fatalf("round %d: the horizon is %d, and the last change %d", round, horizon, last)
		}
	}
}
