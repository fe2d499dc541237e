package engine

// standing is what the directory says about an object in relation to the application.
type standing struct {
	exists   bool // false: purged
	deleted  bool // soft-deleted
	enabled  bool // accountEnabled
	assigned bool // directly, through an assigned group, or because everybody is
	scoped   bool // passes the scoping filter
}

// entitled objects are provisioned; the opposite is the engine's IsSoftDeleted.
func (s standing) entitled() bool {
	return s.exists && !s.deleted && s.enabled && s.assigned && s.scoped
}

// outOfScope is the ground for a disable that SkipOutOfScopeDeletions suppresses.
func (s standing) outOfScope() bool { return !s.assigned || !s.scoped }

// policy is what mapping and settings allow.
type policy struct {
	add, update, remove bool // the flow types of the object mapping
	canDisable          bool // a mapping depends on IsSoftDeleted
	skipOutOfScope      bool // SkipOutOfScopeDeletions
	skipInactive        bool // and it holds for who is disabled or deleted as well
	deleteInactive      bool // who cannot be disabled is deleted
	dropDisables        bool // who left is let go
	keepFiltered        bool // a group that the filter stops stays
}

// ending is what the target gets of a person who is no longer active: a disable, in the absence of a mapping for it perhaps a
// delete, or nothing.
func (p policy) ending() verb {
	switch {
	case p.canDisable && p.update:
		return doDisable
	case !p.canDisable && p.deleteInactive && p.remove:
		return doDelete
	default:
		return doNothing
	}
}

// verb is what a cycle does about one object.
type verb int

const (
	doNothing   verb = iota
	doSkip           // nothing, with a log entry
	doForget         // the link is dropped, nothing is sent
	doRelease        // the link is kept but no longer managed, nothing is sent
	doProvision      // find in the target, then update or create
	doUpdate         // compare with the target, then update
	doDisable        // active=false
	doDelete
)

// decideUser is the deprovisioning matrix for people, and the rest of their life.
func decideUser(s standing, link *Link, p policy) (verb, string) {
	switch {
	case link == nil:
		return decideUnlinked(s, p)
	case !s.exists && (!link.Managed || !p.remove):
		return doForget, ""
	case !s.exists:
		return doDelete, "the user was deleted in the directory"
	case s.entitled() && p.update:
		return doUpdate, ""
	case s.entitled():
		return doSkip, "the object mapping does not flow updates"
	case !link.Managed:
		return doNothing, ""
	case s.outOfScope() && (p.skipOutOfScope || p.dropDisables || p.ending() == doNothing || link.Disabled):
		return doRelease, ""
	case s.outOfScope():
		return p.ending(), "the user is no longer assigned or no longer in scope"
	case p.skipInactive || p.ending() == doNothing:
		return doNothing, ""
	case s.deleted && link.Disabled:
		return doNothing, ""
	case link.Disabled:
		return doUpdate, "" // a disabled account that stays assigned still gets its changed attributes
	case s.deleted:
		return p.ending(), "the user was deleted in the directory"
	default:
		return p.ending(), "the account is disabled in the directory"
	}
}

// decideUnlinked: who is disabled, deleted or filtered out at first sight is never created.
func decideUnlinked(s standing, p policy) (verb, string) {
	switch {
	case s.entitled() && p.add:
		return doProvision, ""
	case s.entitled():
		return doSkip, "the object mapping does not flow additions"
	case !s.exists || !s.assigned:
		return doNothing, ""
	case !s.scoped:
		return doSkip, "the object does not pass the scoping filter"
	default:
		return doSkip, "the account is disabled or deleted in the directory"
	}
}

// decideGroup is the matrix for groups, which are deleted rather than disabled.
func decideGroup(s standing, link *Link, p policy) (verb, string) {
	switch {
	case link == nil:
		return decideUnlinked(s, p)
	case s.entitled() && p.update:
		return doUpdate, ""
	case s.entitled():
		return doSkip, "the object mapping does not flow updates"
	case p.skipOutOfScope || !p.remove || p.keepFiltered && s.assigned && !s.scoped:
		return doForget, ""
	default:
		return doDelete, "the group was deleted, is no longer assigned or no longer in scope"
	}
}
