package tenant

// Member is a user or a group in another group, as far as a list of many shows it.
type Member struct {
	ID, Name string
	Group    bool
}

// DirectMembers lists who is in a group itself, in the order in which they joined. Members shows them as Graph does, which
// takes much longer.
func (t *Tenant) DirectMembers(id string) ([]Member, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	group := t.groups.live(id)
	if group == nil {
		return nil, NotFound(id)
	}
	out := make([]Member, 0, len(group.value.Members))
	for _, m := range group.value.Members {
		if user := t.users.live(m); user != nil {
			out = append(out, Member{ID: m, Name: user.value.DisplayName})
		} else if nested := t.groups.live(m); nested != nil {
			out = append(out, Member{ID: m, Name: nested.value.DisplayName, Group: true})
		}
	}
	return out, nil
}
