package endurance

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/scim-operator/scim-operator/test/scimkit"
)

// patience is how long an endpoint may be away before a worker gives up.
const patience = time.Minute

// worker changes its own people with one request after the other, all in one group with those of the others.
type worker struct {
	name   string
	client scimkit.Client
	group  string
	// allowed returns nil for a failure that the situation may cause.
	allowed func(error) error
	// acknowledged counts over all workers.
	acknowledged *atomic.Int64

	people []person
	made   int
	// failures counts what allowed let pass.
	failures int
	random   *rand.Rand
}

// run works until stop is closed. After a request of unknown fate it looks up what became of it: all or nothing.
func (w *worker) run(ctx context.Context, stop <-chan struct{}) error {
	for {
		select {
		case <-stop:
			return nil
		default:
		}
		who, o := w.next()
		after, err := w.send(ctx, o)
		if err != nil {
			if err := w.allowed(err); err != nil {
				return fmt.Errorf("%s %s: %w", o.method, o.path, err)
			}
			w.failures++
			if after, err = w.settle(ctx, who, o); err != nil {
				return fmt.Errorf("after %s %s of unknown fate: %w", o.method, o.path, err)
			}
		} else {
			w.acknowledged.Add(1)
		}
		if who < 0 {
			w.people = append(w.people, after)
		} else {
			w.people[who] = after
		}
	}
}

// next chooses an operation and whom it is about; -1 is somebody new.
func (w *worker) next() (int, operation) {
	w.made++
	mark := fmt.Sprintf("%s-%d", w.name, w.made)
	who := w.random.IntN(len(w.people) + 1)
	if who == len(w.people) || w.people[who].deleted || len(w.people) < 20 {
		return -1, create(mark+"@example.com", mark)
	}
	p := w.people[who]
	switch w.random.IntN(10) {
	case 0:
		return who, p.remove()
	case 1, 2, 3, 4:
		return who, p.move(w.group)
	default:
		return who, p.setMark(mark)
	}
}

func (w *worker) send(ctx context.Context, o operation) (person, error) {
	answer, err := w.client.Do(ctx, o.method, o.path, o.body)
	if err != nil {
		return person{}, err
	}
	if answer.Status/100 != 2 {
		return person{}, &statusError{answer}
	}
	after := o.after
	if after.id == "" {
		after.id = answer.ID()
	}
	return after, nil
}

// settle looks until the endpoint answers again, and returns what the operation came to.
func (w *worker) settle(ctx context.Context, who int, o operation) (person, error) {
	before := o.after
	before.deleted = true
	if who >= 0 {
		before = w.people[who]
	}
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for {
		now, err := look(ctx, w.client, o.after, w.group)
		if err == nil {
			wanted := o.after
			wanted.id = now.id
			if now != before && now != wanted {
				return person{}, fmt.Errorf("it is %+v; before it was %+v, and %+v was asked for", now, before, wanted)
			}
			return now, nil
		}
		if err := w.allowed(err); err != nil {
			return person{}, err
		}
		select {
		case <-ctx.Done():
			return person{}, ctx.Err()
		case <-deadline.C:
			return person{}, errors.New("the endpoint does not come back")
		case <-ticker.C:
		}
	}
}
