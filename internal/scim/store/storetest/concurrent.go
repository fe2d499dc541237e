package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/scim-operator/scim-operator/internal/scim/filter"
	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/store"
)

var concurrentTests = map[string]func(suite){
	"C-2 of 100 concurrent creates of one userName one succeeds":    concurrentCreates,
	"1000 concurrent creates of different users all succeed":        manyAtOnce,
	"what is refused of many at once spoils nothing else":           refusedAmongOthers,
	"concurrent reads each find their own":                          concurrentReads,
	"V-4 of concurrent updates of one version one succeeds":         concurrentUpdates,
	"G-13 concurrent changes of one group lose nothing":             concurrentMembers,
	"G-13 concurrent additions have versions of their own":          concurrentVersions,
	"G-13 deletions and additions of the same members do not block": concurrentDeletes,
	"a reader up to the horizon misses no change":                   horizonIsGapSafe,
	"a write whose context has ended does not happen":               cancelled,
	"a closed store refuses writes":                                 closed,
}

// together runs f(0) to f(n-1) at once and returns their errors.
func together(n int, f func(i int) error) []error {
	errs := make([]error, n)
	var wg sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		wg.Go(func() {
			<-start
			errs[i] = f(i)
		})
	}
	close(start)
	wg.Wait()
	return errs
}

// oneSucceeds tells that one of the errors is nil and that all others are the other.
func (s suite) oneSucceeds(errs []error, other error) {
	s.Helper()
	succeeded := 0
	for _, err := range errs {
		if err == nil {
			succeeded++
		} else if !errors.Is(err, other) {
			s.Errorf("error %v, want %v", err, other)
		}
	}
	s.equal(succeeded, 1)
}

func concurrentCreates(s suite) {
	errs := together(100, func(i int) error {
		_, err := s.store.Apply(s.ctx, user(fmt.Sprintf("u%d", i), "Ann"))
		return err
	})
	s.oneSucceeds(errs, store.ErrUserNameTaken)
	s.equal(len(s.page(s.users()).Resources), 1)
	s.equal(len(s.changes(0)), 1)
}

func manyAtOnce(s suite) {
	const n = 1000
	errs := together(n, func(i int) error {
		_, err := s.store.Apply(s.ctx, user(fmt.Sprintf("u%d", i), fmt.Sprint(i)))
		return err
	})
	s.wantError(errors.Join(errs...), nil)
	s.equal(len(s.page(s.users()).Resources), n)
	s.equal(len(s.changes(0)), n)
}

func refusedAmongOthers(s suite) {
	const n = 60
	s.apply(user("taken", "taken"))
	for i := range n / 3 {
		s.apply(user(fmt.Sprint("u", i), fmt.Sprint(i)))
	}
	errs := together(n, func(i int) error {
		id := fmt.Sprint("u", i/3)
		m := update(schema.User, id, object{"userName": fmt.Sprint(i / 3), "title": "new"})
		m.Expected = 1
		switch i % 3 {
		case 1:
			m = user("new"+id, "New"+id)
		case 2:
			m = user("other"+id, "taken")
		}
		_, err := s.store.Apply(s.ctx, m)
		return err
	})
	for i, err := range errs {
		if i%3 == 2 {
			s.wantError(err, store.ErrUserNameTaken)
		} else {
			s.wantError(err, nil)
		}
	}
	s.equal(len(s.page(s.users()).Resources), 1+n/3*2)
	s.equal(s.get(schema.User, "u7").Version, int64(2))
}

func concurrentReads(s suite) {
	const n = 90
	for i := range n / 3 {
		s.apply(user(fmt.Sprint("u", i), fmt.Sprint("Name", i)))
	}
	rt, _ := types(s)
	errs := together(n, func(i int) error {
		id := fmt.Sprint("u", i/3)
		switch i % 3 {
		case 1:
			if _, err := s.store.Get(s.ctx, schema.User, "no"+id, store.Want{}); !errors.Is(err, store.ErrNotFound) {
				return fmt.Errorf("reading nobody: %w", err)
			}
			return nil
		case 2:
			named := &filter.Compare{Path: schema.Path{Attribute: rt.Attribute("userName")}, Op: filter.Eq, Value: fmt.Sprint("NAME", i/3)}
			page, err := s.store.List(s.ctx, store.Query{Select: []store.Selection{{Type: rt, Filter: named}}, Limit: 1, Total: true})
			if err == nil && (page.Total != 1 || page.Resources[0].ID != id) {
				err = fmt.Errorf("%s was found as %v", id, page)
			}
			return err
		}
		resource, err := s.store.Get(s.ctx, schema.User, id, store.Want{})
		if err == nil && resource.ID != id {
			err = fmt.Errorf("%s was read as %s", id, resource.ID)
		}
		return err
	})
	s.wantError(errors.Join(errs...), nil)
}

func concurrentUpdates(s suite) {
	s.apply(user("u", "u"))
	errs := together(50, func(i int) error {
		m := update(schema.User, "u", object{"userName": "u", "title": fmt.Sprint(i)})
		m.Expected = 1
		_, err := s.store.Apply(s.ctx, m)
		return err
	})
	s.oneSucceeds(errs, store.ErrVersionChanged)
	s.equal(s.get(schema.User, "u").Version, int64(2))
}

func concurrentMembers(s suite) {
	const n = 60
	s.apply(group("g", "g"))
	for i := range n {
		s.apply(user(fmt.Sprintf("u%02d", i), fmt.Sprint(i)))
	}
	for i := range n / 2 {
		s.apply(update(schema.Group, "g", nil, adding(fmt.Sprintf("u%02d", i))))
	}
	errs := together(n, func(i int) error {
		change := removing(fmt.Sprintf("u%02d", i))
		if i >= n/2 { // two at a time, in crossing orders
			change = adding(fmt.Sprintf("u%02d", i), fmt.Sprintf("u%02d", n/2+(n-1-i)))
		}
		_, err := s.store.Apply(s.ctx, update(schema.Group, "g", nil, change))
		return err
	})
	s.wantError(errors.Join(errs...), nil)
	want := []string{}
	for i := n / 2; i < n; i++ {
		want = append(want, fmt.Sprintf("u%02d", i))
	}
	s.equal(s.members("g"), want)
	added, removed := 0, 0
	for _, c := range s.changes(0) {
		if c.ID == "g" {
			added, removed = added+len(c.Added), removed+len(c.Removed)
		}
	}
	s.equal([]int{added, removed}, []int{n, n / 2})
}

// concurrentVersions has one among the additions that fails, and one that changes nothing.
func concurrentVersions(s suite) {
	const n = 64
	s.apply(user("in", "in"), group("g", "g", "in"))
	want := []string{"in"}
	versions := map[int64]bool{}
	for i := range n {
		id := fmt.Sprintf("u%02d", i)
		s.apply(user(id, id))
		want, versions[int64(i+2)] = append(want, id), true
	}
	applied := make([]store.Applied, n)
	errs := together(n+2, func(i int) (err error) {
		switch i {
		case n:
			_, err := s.store.Apply(s.ctx, update(schema.Group, "g", nil, adding("nobody", "u00")))
			s.wantUnknown(err)
			return nil
		case n + 1:
			again, err := s.store.Apply(s.ctx, update(schema.Group, "g", nil, adding("in")))
			s.equal([]any{again.Changed, again.Added}, []any{false, 0})
			return err
		}
		applied[i], err = s.store.Apply(s.ctx, update(schema.Group, "g", nil, adding(want[i+1])))
		return err
	})
	s.wantError(errors.Join(errs...), nil)
	got := map[int64]bool{}
	for _, a := range applied {
		s.equal([]any{a.Changed, a.Added}, []any{true, 1})
		got[a.Version] = true
	}
	s.equal(got, versions)
	s.equal(s.members("g"), want)
}

func concurrentDeletes(s suite) {
	const n = 40
	s.apply(group("g", "g"), group("h", "h", "g"))
	for i := range n {
		s.apply(user(fmt.Sprintf("u%d", i), fmt.Sprint(i)))
	}
	errs := together(3*n, func(i int) error {
		id, m := fmt.Sprintf("u%d", i/3), store.Mutation{}
		switch i % 3 {
		case 0:
			m = remove(schema.User, id)
		case 1:
			m = update(schema.Group, "g", nil, adding(id))
		case 2:
			m = update(schema.Group, "h", nil, adding(id, "g"))
		}
		_, err := s.store.Apply(s.ctx, m)
		if _, ok := errors.AsType[*store.UnknownMemberError](err); ok {
			return nil
		}
		return err
	})
	s.wantError(errors.Join(errs...), nil)
	s.equal(s.members("g"), []string{})
	s.equal(s.members("h"), []string{"g"})
}

// horizonIsGapSafe follows the changes up to the horizon while writers run, some of which fail: nothing that is
// committed later may have a sequence that was passed.
func horizonIsGapSafe(s suite) {
	const writers, each = 8, 40
	var done atomic.Bool
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				id := fmt.Sprintf("u%d-%d", w, i)
				_, err := s.store.Apply(s.ctx, user(id, id))
				_, taken := s.store.Apply(s.ctx, user("x"+id, id))
				if err != nil || !errors.Is(taken, store.ErrUserNameTaken) {
					s.Errorf("errors %v and %v", err, taken)
				}
			}
		})
	}
	go func() {
		wg.Wait()
		done.Store(true)
	}()
	seen, after := map[string]int{}, int64(0)
	for {
		last := done.Load()
		horizon, err := s.store.Horizon(s.ctx)
		if err != nil {
			s.Fatalf("reading the horizon: %v", err)
		}
		for after < horizon {
			changes, err := s.store.Changes(s.ctx, after, 100)
			if err != nil {
				s.Fatalf("reading changes: %v", err)
			}
			for _, c := range changes {
				seen[c.ID]++
				after = c.Sequence
			}
			if len(changes) < 100 {
				after = max(after, horizon)
			}
		}
		if last {
			break
		}
	}
	for w := range writers {
		for i := range each {
			if id := fmt.Sprintf("u%d-%d", w, i); seen[id] != 1 {
				s.Errorf("the change of %s was seen %d times", id, seen[id])
			}
		}
	}
	s.equal(len(seen), writers*each)
}

func cancelled(s suite) {
	ctx, cancel := context.WithCancel(s.ctx)
	cancel()
	_, err := s.store.Apply(ctx, user("u", "u"))
	s.wantError(err, context.Canceled)
	s.equal(idsOf(s.page(s.users())), []string{})
}

func closed(s suite) {
	errs := together(20, func(i int) error {
		if i == 10 {
			return s.store.Close()
		}
		_, err := s.store.Apply(s.ctx, user(fmt.Sprint(i), fmt.Sprint(i)))
		if errors.Is(err, store.ErrUnavailable) {
			return nil
		}
		return err
	})
	s.wantError(errors.Join(errs...), nil)
	s.refused(user("late", "late"), store.ErrUnavailable)
}
