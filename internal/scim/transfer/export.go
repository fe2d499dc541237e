package transfer

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"time"

	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/store"
)

const (
	// pageSize is how many resources are held in memory.
	pageSize = 500
	// patience is how long a moment without a write is sought, and pause bounds the time between two looks: many writers
	// leave few such moments.
	patience = time.Minute
	pause    = 5 * time.Millisecond
)

// errMoved says that somebody wrote between the two looks at the sequence.
var errMoved = fmt.Errorf("the store changed whenever the export was about to begin, for %s; begin it again when fewer write", patience)

// Export writes the whole store in one state. The sequence that it writes is exactly that of the state: were it higher,
// the operator would take the restored store for complete. So it begins again when somebody writes in the moment in
// which it begins; what is written later it does not see.
func Export(ctx context.Context, s store.Store, w io.Writer) (Counts, error) {
	var counts Counts
	err := errMoved
	for begin := time.Now(); errors.Is(err, errMoved) && time.Since(begin) < patience; {
		if counts, err = exportAt(ctx, s, w); errors.Is(err, errMoved) {
			wait(ctx, rand.N(pause))
		}
	}
	if err != nil {
		return Counts{}, fmt.Errorf("exporting: %w", err)
	}
	return counts, nil
}

// exportAt writes the store if nobody writes to it in the moment in which it begins; else it gives errMoved and has written
// nothing.
func exportAt(ctx context.Context, s store.Store, w io.Writer) (counts Counts, err error) {
	horizon, err := s.Horizon(ctx)
	if err != nil {
		return Counts{}, err
	}
	err = s.View(ctx, func(r store.Reader) error {
		e := &exporter{store: s, reader: r, buffer: bufio.NewWriterSize(w, 64<<10)}
		if err := e.write(ctx, horizon); err != nil {
			return err
		}
		counts = e.counts
		return e.buffer.Flush()
	})
	return counts, err
}

// wait ends early with the context; the next try says so.
func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// exporter writes what one View shows.
type exporter struct {
	store   store.Store
	reader  store.Reader
	buffer  *bufio.Writer
	encoder *json.Encoder
	counts  Counts
}

func (e *exporter) write(ctx context.Context, horizon int64) error {
	registry, err := schema.NewRegistry()
	if err != nil {
		return err
	}
	users, groups := registry.ResourceType(schema.User), registry.ResourceType(schema.Group)
	// The first read fixes the state; only then is the sequence compared.
	if _, err := e.reader.List(ctx, store.Query{Select: []store.Selection{{Type: users}}, Limit: 1}); err != nil {
		return err
	}
	id, err := e.store.Identity(ctx)
	if err != nil {
		return err
	}
	if id.Sequence != horizon {
		return errMoved
	}
	e.encoder = json.NewEncoder(e.buffer)
	e.encoder.SetEscapeHTML(false)
	err = e.encoder.Encode(header{Format: formatName, Version: formatVersion, StoreID: id.StoreID, Sequence: id.Sequence, CursorKey: id.CursorKey})
	if err != nil {
		return err
	}
	if e.counts.Users, err = e.all(ctx, users); err != nil {
		return err
	}
	if e.counts.Groups, err = e.all(ctx, groups); err != nil {
		return err
	}
	return e.encoder.Encode(end{End: true, Users: e.counts.Users, Groups: e.counts.Groups})
}

// all writes the resources of a type and returns how many there are.
func (e *exporter) all(ctx context.Context, rt *schema.ResourceType) (count int, err error) {
	query := store.Query{Select: []store.Selection{{Type: rt}}, Limit: pageSize}
	for {
		page, err := e.reader.List(ctx, query)
		if err != nil {
			return 0, err
		}
		for _, r := range page.Resources {
			if err := e.one(ctx, r.Record); err != nil {
				return 0, err
			}
		}
		count += len(page.Resources)
		if page.Next == nil {
			return count, nil
		}
		query.After = page.Next
	}
}

func (e *exporter) one(ctx context.Context, r store.Record) error {
	var members []string
	if r.Type == schema.Group {
		err := e.reader.Members(ctx, r.ID, func(ref store.Ref) error {
			members = append(members, ref.ID)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return e.encoder.Encode(fromRecord(r, members))
}
