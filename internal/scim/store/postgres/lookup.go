package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/scim-operator/scim-operator/internal/scim/store"
	"github.com/scim-operator/scim-operator/internal/scim/store/sqlquery"
)

// lookupSizes are how many resources a statement reads. Its number of parameters is fixed, so that the server keeps one
// plan for it; places that are left over repeat a key.
var lookupSizes = []int{1, 4, 16}

// lookupLanes are the statements that may be under way at once: few callers need not wait for each other.
const lookupLanes = 4

// lookupTimeout bounds a statement that outlives the requests that wait for it.
const lookupTimeout = 30 * time.Second

// lookups read resources by something unique, those that come at once together. Nothing is kept: what is answered was read
// after it was asked for.
type lookups struct {
	pool *pgxpool.Pool
	// statements are those of lookupSizes.
	statements []sqlquery.Statement
	queue      queue[*lookup]
}

// lookup is one that waits.
type lookup struct {
	key      string
	resource store.Resource
	err      error
	done     chan struct{}
}

type lookupKind struct {
	by   sqlquery.Unique
	want store.Want
}

func newLookups(pool *pgxpool.Pool) map[lookupKind]*lookups {
	all := map[lookupKind]*lookups{}
	either := []bool{false, true}
	var wants []store.Want
	for _, groups := range either {
		for _, manager := range either {
			wants = append(wants, store.Want{Groups: groups, Manager: manager}, store.Want{Groups: groups, Manager: manager, Raw: true})
		}
	}
	for _, want := range wants {
		for _, by := range []sqlquery.Unique{sqlquery.ByID, sqlquery.ByUserName} {
			l := &lookups{pool: pool, queue: queue[*lookup]{lanes: lookupLanes, most: lookupSizes[len(lookupSizes)-1]}}
			for _, size := range lookupSizes {
				l.statements = append(l.statements, sqlquery.Lookup(sqlquery.PostgreSQL, by, want, size))
			}
			all[lookupKind{by, want}] = l
		}
	}
	return all
}

// find returns the resource, or ErrNotFound. Who finds a lane free reads at once, and then has those read who wait.
func (l *lookups) find(ctx context.Context, key string) (store.Resource, error) {
	if !sqlquery.IsText(key) {
		return store.Resource{}, store.ErrNotFound
	}
	waiter := &lookup{key: key, done: make(chan struct{})}
	if l.queue.enter(waiter) {
		l.together(ctx, []*lookup{waiter})
		if part := l.queue.next(); part != nil {
			go l.serve(context.WithoutCancel(ctx), part)
		}
		return waiter.resource, waiter.err
	}
	select {
	case <-waiter.done:
		return waiter.resource, waiter.err
	case <-ctx.Done():
		return store.Resource{}, ctx.Err()
	}
}

// serve reads for a part and for whoever comes meanwhile.
func (l *lookups) serve(ctx context.Context, part []*lookup) {
	for ; part != nil; part = l.queue.next() {
		bounded, cancel := context.WithTimeout(ctx, lookupTimeout)
		l.together(bounded, part)
		cancel()
		for _, waiter := range part {
			close(waiter.done)
		}
	}
}

// together reads for several. When that fails through what one of them asks for, each is read alone.
func (l *lookups) together(ctx context.Context, part []*lookup) {
	found, err := l.read(ctx, part)
	alone := err != nil && len(part) > 1 && !errors.Is(translate(err), store.ErrUnavailable)
	for i, waiter := range part {
		if alone {
			l.together(ctx, part[i:i+1])
			continue
		}
		resource, ok := found[waiter.key]
		waiter.resource, waiter.err = resource, translate(err)
		if err == nil && !ok {
			waiter.err = store.ErrNotFound
		}
	}
}

func (l *lookups) read(ctx context.Context, part []*lookup) (map[string]store.Resource, error) {
	place := 0
	for lookupSizes[place] < len(part) {
		place++
	}
	args := make([]any, lookupSizes[place])
	for i := range args {
		args[i] = part[min(i, len(part)-1)].key
	}
	statement := l.statements[place]
	rows, err := l.pool.Query(ctx, statement.SQL, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	return statement.Found(rows)
}

// Get implements store.Reader.
func (s *Store) Get(ctx context.Context, resourceType, id string, want store.Want) (store.Resource, error) {
	resource, err := s.lookups[lookupKind{sqlquery.ByID, want}].find(ctx, id)
	if err == nil && resource.Type != resourceType {
		err = store.ErrNotFound
	}
	if err != nil {
		return store.Resource{}, fmt.Errorf("reading %s %s: %w", resourceType, id, err)
	}
	return resource, nil
}

// List implements store.Reader.
func (s *Store) List(ctx context.Context, q store.Query) (store.Page, error) {
	userName, ok := sqlquery.UserName(q)
	if !ok {
		return s.reader.List(ctx, q)
	}
	resource, err := s.lookups[lookupKind{sqlquery.ByUserName, q.Want}].find(ctx, userName)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return store.Page{}, nil
	case err != nil:
		return store.Page{}, fmt.Errorf("looking up a userName: %w", err)
	}
	return sqlquery.PageOf(resource), nil
}
