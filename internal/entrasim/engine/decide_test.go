package engine

import "testing"

// TestDeprovisioningMatrix is the matrix of what happens to people and groups that were provisioned.
func TestDeprovisioningMatrix(t *testing.T) {
	fine := standing{exists: true, enabled: true, assigned: true, scoped: true}
	with := func(change func(*standing)) standing {
		s := fine
		change(&s)
		return s
	}
	unassigned := with(func(s *standing) { s.assigned = false })
	unscoped := with(func(s *standing) { s.scoped = false })
	disabled := with(func(s *standing) { s.enabled = false })
	soft := with(func(s *standing) { s.deleted = true })
	purged := standing{}

	all := policy{add: true, update: true, remove: true, canDisable: true}
	skip := policy{add: true, update: true, remove: true, canDisable: true, skipOutOfScope: true}
	noDelete := policy{add: true, update: true, canDisable: true}
	noUpdate := policy{add: true, remove: true, canDisable: true}
	noActive := policy{add: true, update: true, remove: true}
	noAdd := policy{update: true, remove: true, canDisable: true}

	managed := &Link{Managed: true}
	released := &Link{}
	off := &Link{Managed: true, Disabled: true}
	for name, c := range map[string]struct {
		s    standing
		link *Link
		p    policy
		want verb
	}{
		"entitled and unknown is provisioned":                 {fine, nil, all, doProvision},
		"entitled and unknown without Add is skipped":         {fine, nil, noAdd, doSkip},
		"disabled at first sight is never created":            {disabled, nil, all, doSkip},
		"filtered out at first sight is never created":        {unscoped, nil, all, doSkip},
		"not assigned and unknown is nobody":                  {unassigned, nil, all, doNothing},
		"entitled is updated":                                 {fine, managed, all, doUpdate},
		"entitled without Update is skipped":                  {fine, managed, noUpdate, doSkip},
		"unassigned is disabled":                              {unassigned, managed, all, doDisable},
		"unassigned with SkipOutOfScopeDeletions is released": {unassigned, managed, skip, doRelease},
		"unassigned without Delete is disabled all the same":  {unassigned, managed, noDelete, doDisable},
		"unassigned without Update is released":               {unassigned, managed, noUpdate, doRelease},
		"unassigned without a mapping of IsSoftDeleted":       {unassigned, managed, noActive, doRelease},
		"unassigned again is left alone":                      {unassigned, released, all, doNothing},
		"unassigned after it was disabled is released":        {unassigned, off, all, doRelease},
		"fails the filter is disabled":                        {unscoped, managed, all, doDisable},
		"fails the filter with SkipOutOfScopeDeletions":       {unscoped, managed, skip, doRelease},
		"account disabled is disabled":                        {disabled, managed, all, doDisable},
		"account disabled with SkipOutOfScopeDeletions too":   {disabled, managed, skip, doDisable},
		"account disabled without Update is left alone":       {disabled, managed, noUpdate, doNothing},
		"account disabled already still gets its changes":     {disabled, off, all, doUpdate},
		"soft-deleted is disabled":                            {soft, managed, all, doDisable},
		"soft-deleted and disabled already is left alone":     {soft, off, all, doNothing},
		"purged is deleted":                                   {purged, managed, all, doDelete},
		"purged with SkipOutOfScopeDeletions is deleted":      {purged, managed, skip, doDelete},
		"purged without Delete is forgotten":                  {purged, managed, noDelete, doForget},
		"purged after it was unassigned is forgotten":         {purged, released, all, doForget},
		"re-assigned is updated":                              {fine, released, all, doUpdate},
	} {
		t.Run(name, func(t *testing.T) {
			if got, _ := decideUser(c.s, c.link, c.p); got != c.want {
				t.Errorf("verb %d, want %d", got, c.want)
			}
		})
	}
	for name, c := range map[string]struct {
		s    standing
		link *Link
		p    policy
		want verb
	}{
		"an assigned group is provisioned":                        {fine, nil, all, doProvision},
		"an unassigned group is deleted":                          {unassigned, managed, all, doDelete},
		"a filtered group is deleted":                             {unscoped, managed, all, doDelete},
		"a deleted group is deleted":                              {purged, managed, all, doDelete},
		"an unassigned group with SkipOutOfScopeDeletions is not": {unassigned, managed, skip, doForget},
		"an unassigned group without Delete is not":               {unassigned, managed, noDelete, doForget},
		"an assigned group is updated":                            {fine, managed, all, doUpdate},
	} {
		t.Run(name, func(t *testing.T) {
			if got, _ := decideGroup(c.s, c.link, c.p); got != c.want {
				t.Errorf("verb %d, want %d", got, c.want)
			}
		})
	}
}
