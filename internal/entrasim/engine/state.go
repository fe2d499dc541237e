package engine

import "slices"

// State is what a job remembers between cycles. The zero value is a job that never ran. It holds nothing but values, so that
// it can be written to a file and read again.
type State struct {
	Cycles    int
	Watermark uint64 // 0: the next cycle is an initial one
	Links     map[string]*Link
	Escrows   map[string]*Escrow
	Staged    map[string]bool // disables and deletes that accidental-deletion protection holds back

	// Users and Groups count the links that are managed.
	Users, Groups int
}

// Link ties a source object to the resource that was created for it or matched with it.
type Link struct {
	Group    bool
	TargetID string
	Managed  bool   // false once the object went out of scope: it is left alone until it comes back
	Disabled bool   // active=false has been sent
	Manager  string // object ID of the manager that the endpoint was told of
	Sent     uint64 // digest of the values that were written last

	SeenManager string          // manager at the last cycle, told or not
	SeenMembers []string        // members at the last cycle, told or not; never changed, only replaced
	Told        map[string]bool // members that the endpoint was told of, by object ID
	Unsettled   bool            // Told may hold members that SeenMembers does not
}

// Escrow is an object that failed and is retried with growing distance.
type Escrow struct {
	Failures  int
	RetryAt   int  // number of the cycle
	Reference bool // only a reference failed
}

// tie makes or replaces the link of an object.
func (s *State) tie(id string, link *Link) {
	s.Drop(id)
	if s.Links == nil {
		s.Links = map[string]*Link{}
	}
	s.Links[id] = link
	managed := link.Managed
	link.Managed = false
	s.manage(link, managed)
}

// manage says whether the object of a link is looked after.
func (s *State) manage(link *Link, managed bool) {
	if link.Managed == managed {
		return
	}
	link.Managed = managed
	count := &s.Users
	if link.Group {
		count = &s.Groups
	}
	if managed {
		*count++
	} else {
		*count--
	}
}

// Drop forgets the link of an object.
func (s *State) Drop(id string) {
	if link := s.Links[id]; link != nil {
		s.manage(link, false)
		delete(s.Links, id)
	}
}

// DropAll forgets all links.
func (s *State) DropAll() { s.Links, s.Users, s.Groups = nil, 0, 0 }

// failed keeps an object for later cycles, at growing distance.
func (s *State) failed(id string, reference bool) {
	if s.Escrows == nil {
		s.Escrows = map[string]*Escrow{}
	}
	e := s.Escrows[id]
	if e == nil {
		e = &Escrow{}
		s.Escrows[id] = e
	}
	e.Failures++
	e.RetryAt = s.Cycles + 1<<min(e.Failures-1, 5)
	e.Reference = reference
}

// due lists the objects that are looked at without having changed: those whose retry has come, and those that are held back.
func (s *State) due() []string {
	var out []string
	for id, e := range s.Escrows {
		if s.Cycles >= e.RetryAt {
			out = append(out, id)
		}
	}
	for id := range s.Staged {
		if s.Escrows[id] == nil {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return out
}

// hold puts a disable or delete aside.
func (s *State) hold(id string) {
	if s.Staged == nil {
		s.Staged = map[string]bool{}
	}
	s.Staged[id] = true
}
