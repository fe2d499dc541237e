package scimapp

import (
	"fmt"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
)

// storeFinding is what the database behind the endpoint is, compared with the one that is known.
type storeFinding int

const (
	// storeExpected: the known one, with all that was ever seen in it.
	storeExpected storeFinding = iota
	// storeFirst: none was known.
	storeFirst
	// storeEmpty: another one that never had a change.
	storeEmpty
	// storeNotMoved: another one, while the manifest says that the accounts are being moved.
	storeNotMoved
	// storeReplaced: another one that holds something.
	storeReplaced
	// storeRestored: the known one, set back to an older state.
	storeRestored
)

// judgeStore compares the database that is served with the known one.
func judgeStore(known *v1alpha1.StoreStatus, seen v1alpha1.StoreStatus, moving bool) storeFinding {
	switch {
	case known == nil && moving && seen.Sequence == 0: // what was known of the old database may have been lost
		return storeNotMoved
	case known == nil:
		return storeFirst
	case seen.ID == known.ID && seen.Sequence >= known.Sequence:
		return storeExpected
	case seen.ID == known.ID:
		return storeRestored
	case moving:
		return storeNotMoved
	case seen.Sequence == 0:
		return storeEmpty
	default:
		return storeReplaced
	}
}

// reason is the condition's, and for an empty store that of the restart.
func (f storeFinding) reason() string {
	switch f {
	case storeRestored:
		return v1alpha1.ReasonStoreRestored
	case storeNotMoved:
		return v1alpha1.ReasonStoreNotMoved
	default:
		return v1alpha1.ReasonStoreReplaced
	}
}

// explain says what was seen and what it means.
func (f storeFinding) explain(p servingPod, known *v1alpha1.StoreStatus, seen v1alpha1.StoreStatus) string {
	switch {
	case known == nil:
		return fmt.Sprintf("%s serves database %s, which is empty, and spec.endpoint.managed.storage.postgres.migrateFrom says that accounts are moved into it. "+
			"The job is not started until they are there; move them with `scim-endpoint export` and `scim-endpoint import`, as docs/kinds/scimapp.md says, or remove migrateFrom if there are none", p, seen.ID)
	case f == storeRestored:
		return fmt.Sprintf("%s serves database %s at change %d, and the operator has seen change %d in it: it was restored from an older copy, in which people who have left since may be active. "+
			"The endpoint answers 503 until somebody accepts that; bring back a newer copy if there is one", p, seen.ID, seen.Sequence, known.Sequence)
	case f == storeNotMoved:
		return fmt.Sprintf("%s serves database %s, in which the accounts of %s, at change %d, are not there yet. "+
			"The endpoint answers 503 until they are; move them with `scim-endpoint export` and `scim-endpoint import`, as docs/kinds/scimapp.md says", p, seen.ID, known.ID, known.Sequence)
	default:
		return fmt.Sprintf("%s serves database %s at change %d instead of %s: it was replaced by another one that is not empty, and who is active in it is unknown. "+
			"The endpoint answers 503 until somebody accepts that; lead it back to its own database if this was not meant", p, seen.ID, seen.Sequence, known.ID)
	}
}

// storeValue is how a database and its state are named in an annotation.
func storeValue(s v1alpha1.StoreStatus) string { return fmt.Sprintf("%s:%d", s.ID, s.Sequence) }
