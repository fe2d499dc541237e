package sqlite

import (
	"context"
	"maps"
	"slices"
)

// Written returns the statements that the writer has run so far.
func (s *Store) Written(ctx context.Context) (all []string, err error) {
	err = s.writer.do(ctx, func(w *writer) error {
		all = slices.Sorted(maps.Keys(w.prepared))
		return nil
	})
	return all, err
}
