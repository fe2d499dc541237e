package tenant

import "time"

// HoldBack lets objects replicate as if they had been made later by d: until then they cannot be read by their ID. IDs of
// other things are passed over.
func (t *Tenant) HoldBack(ids []string, d time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, id := range ids {
		for _, objects := range []*registry[Object]{&t.applications, &t.principals} {
			if rec := objects.byID[id]; rec != nil {
				rec.created = rec.created.Add(d)
			}
		}
		if rec := t.users.byID[id]; rec != nil {
			rec.created = rec.created.Add(d)
		}
		if rec := t.groups.byID[id]; rec != nil {
			rec.created = rec.created.Add(d)
		}
	}
}
