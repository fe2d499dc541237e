package transfer

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/store"
)

// errCutOff says that the last line is missing.
var errCutOff = errors.New("the export is cut off: its last line, which counts the others, is missing")

// Import fills an empty store from what Export wrote, whole or not at all.
func Import(ctx context.Context, s store.Store, r io.Reader) (Counts, error) {
	i := &importer{decoder: json.NewDecoder(bufio.NewReaderSize(r, 64<<10))}
	i.decoder.UseNumber()
	i.decoder.DisallowUnknownFields()
	h, err := i.header()
	if err != nil {
		return Counts{}, err
	}
	id := store.Identity{StoreID: h.StoreID, Sequence: h.Sequence, CursorKey: h.CursorKey}
	if err := s.Import(ctx, id, i.next); err != nil {
		return Counts{}, err
	}
	return i.counts, nil
}

// importer reads lines.
type importer struct {
	decoder *json.Decoder
	counts  Counts
	ended   bool
}

func (i *importer) header() (header, error) {
	var h header
	if err := i.decoder.Decode(&h); err != nil || h.Format != formatName {
		return h, errors.New("this is no export: its first line does not say so; write one with `scim-endpoint export`")
	}
	if h.Version != formatVersion {
		return h, fmt.Errorf("the export has the format version %d, and this binary reads %d: use the release that wrote it, or a later one", h.Version, formatVersion)
	}
	return h, nil
}

// next returns io.EOF only after the last line, whose counts are those of the lines before it.
func (i *importer) next() (store.Exported, error) {
	if i.ended {
		return store.Exported{}, io.EOF
	}
	var l line
	err := i.decoder.Decode(&l)
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return store.Exported{}, errCutOff
	case err != nil:
		return store.Exported{}, fmt.Errorf("resource %d: %w", i.counts.Users+i.counts.Groups+1, err)
	case l.End:
		i.ended = true
		return store.Exported{}, i.finish(l.end)
	case l.Type == schema.User:
		i.counts.Users++
	case l.Type == schema.Group:
		i.counts.Groups++
	default:
		return store.Exported{}, fmt.Errorf("resource %d is neither User nor Group", i.counts.Users+i.counts.Groups+1)
	}
	return l.exported(), nil
}

func (i *importer) finish(e end) error {
	if have := (Counts{e.Users, e.Groups}); have != i.counts {
		return fmt.Errorf("the export has %d users and %d groups, and its last line counts %d and %d: it is damaged",
			i.counts.Users, i.counts.Groups, e.Users, e.Groups)
	}
	if i.decoder.More() {
		return errors.New("the export goes on behind its last line: it is damaged")
	}
	return io.EOF
}
