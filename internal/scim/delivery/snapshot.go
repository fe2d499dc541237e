package delivery

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/scim-operator/scim-operator/internal/scim/events"
	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/store"
)

const (
	// snapshotPage is how many resources are read at once, and so held in memory.
	snapshotPage = 500
	// pageTimeout is how long a client may take to receive a page.
	pageTimeout = time.Minute
)

// SnapshotEnd is the last line of a snapshot. Without it the snapshot is not complete.
type SnapshotEnd struct {
	End bool `json:"end"`
	// Sequence is the value of after for the first request for changes.
	Sequence int64  `json:"sequence"`
	StoreID  string `json:"storeID"`
	// Users and Groups are how many lines came before.
	Users  int `json:"users"`
	Groups int `json:"groups"`
}

// ServeSnapshot answers GET /snapshot: an event a line for each user and then each group, and SnapshotEnd. The sequence is
// taken before the first line, and pages are read one by one: what changes meanwhile is in the changes after it.
func (f *Feed) ServeSnapshot(w http.ResponseWriter, r *http.Request) error {
	if err := f.enter(w); err != nil {
		return err
	}
	defer f.leave()
	ctx := r.Context()
	end, err := f.end(ctx)
	if err != nil {
		return err
	}
	out, registry := newLines(w), f.Schemas()
	if end.Users, err = f.writeAll(ctx, registry.ResourceType(schema.User), out); err != nil {
		return err
	}
	if end.Groups, err = f.writeAll(ctx, registry.ResourceType(schema.Group), out); err != nil {
		return err
	}
	return errors.Join(out.write(end), out.flush())
}

// end is what the last line says but for the counts.
func (f *Feed) end(ctx context.Context) (end SnapshotEnd, err error) {
	err = f.reading(ctx, func() error {
		identity, err := f.Store.Identity(ctx)
		if err != nil {
			return err
		}
		end = SnapshotEnd{End: true, StoreID: identity.StoreID}
		end.Sequence, err = f.Store.Horizon(ctx)
		return err
	})
	return end, err
}

func (f *Feed) writeAll(ctx context.Context, rt *schema.ResourceType, out *lines) (count int, err error) {
	query := store.Query{Select: []store.Selection{{Type: rt}}, Limit: snapshotPage}
	for {
		var list []events.Event
		var next *store.Place
		err := f.reading(ctx, func() (err error) {
			list, next, err = f.page(ctx, query)
			return err
		})
		if err != nil {
			return count, fmt.Errorf("reading %ss: %w", rt.Name, err)
		}
		for _, event := range list {
			if err := out.write(event); err != nil {
				return count, err
			}
		}
		if err := out.flush(); err != nil {
			return count, err
		}
		count += len(list)
		if next == nil {
			return count, nil
		}
		query.After = next
	}
}

func (f *Feed) page(ctx context.Context, query store.Query) (list []events.Event, next *store.Place, err error) {
	err = f.Store.View(ctx, func(reader store.Reader) error {
		page, err := reader.List(ctx, query)
		if err != nil {
			return err
		}
		next = page.Next
		var ids []string
		for _, resource := range page.Resources {
			ids = append(ids, resource.ID)
		}
		var memberships map[string][]store.Membership
		if query.Select[0].Type.Name == schema.User && len(ids) > 0 {
			if memberships, err = reader.Memberships(ctx, ids...); err != nil {
				return err
			}
		}
		for i := range page.Resources {
			record := &page.Resources[i].Record
			list = append(list, events.Present(events.State{Record: record, Memberships: memberships[record.ID]}))
		}
		return nil
	})
	return list, next, err
}

// lines writes JSON lines. The answer begins with the first flush, so that an early error can still be told.
type lines struct {
	w       http.ResponseWriter
	control *http.ResponseController
	buffer  *bufio.Writer
	encoder *json.Encoder
}

func newLines(w http.ResponseWriter) *lines {
	l := &lines{w: w, control: http.NewResponseController(w), buffer: bufio.NewWriterSize(w, 64<<10)}
	l.encoder = json.NewEncoder(l.buffer)
	l.encoder.SetEscapeHTML(false)
	w.Header().Set("Content-Type", "application/x-ndjson")
	return l
}

func (l *lines) write(v any) error {
	if err := l.encoder.Encode(v); err != nil {
		return fmt.Errorf("writing a line: %w", err)
	}
	return nil
}

// flush sends what was written, and gives the client a minute for each page instead of one for the whole.
func (l *lines) flush() error {
	err := errors.Join(l.control.SetWriteDeadline(time.Now().Add(pageTimeout)), l.buffer.Flush(), l.control.Flush())
	if err != nil {
		return fmt.Errorf("sending a page: %w", err)
	}
	return nil
}
