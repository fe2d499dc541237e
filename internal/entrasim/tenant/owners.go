package tenant

import "slices"

// Owns says whether the service principal caller is an owner of the object.
func (t *Tenant) Owns(kind, key, caller string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	rec := t.find(kind, key)
	if rec == nil {
		rec = t.objects(kind).byID[key]
	}
	return rec != nil && slices.Contains(rec.owners, caller)
}

// Made says whether the service principal caller made the object.
func (t *Tenant) Made(kind, key, caller string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	rec := t.find(kind, key)
	return rec != nil && caller != "" && rec.creator == caller
}

// ownersOf finds the list of owners of an application, a service principal or a group.
func (t *Tenant) ownersOf(kind, key string) (*[]string, error) {
	if kind == Group {
		rec := t.groups.live(key)
		if rec == nil || !t.readable(rec.created) {
			return nil, NotFound(key)
		}
		return &rec.owners, nil
	}
	rec, err := t.findReadable(kind, key)
	if err != nil {
		return nil, err
	}
	return &rec.owners, nil
}

// Owners lists the owners of an application, a service principal or a group.
func (t *Tenant) Owners(kind, key string) ([]Object, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	owners, err := t.ownersOf(kind, key)
	if err != nil {
		return nil, err
	}
	out := []Object{}
	for _, id := range *owners {
		if owner := t.directoryObject(id); owner != nil {
			out = append(out, owner)
		}
	}
	return out, nil
}

func (t *Tenant) directoryObject(id string) Object {
	var o Object
	if user := t.users.live(id); user != nil {
		o = RenderUser(user.value, user.created, user.deleted)
		o["@odata.type"] = "#microsoft.graph.user"
	} else if sp := t.principals.live(id); sp != nil {
		o = clone(sp.value)
		o["@odata.type"] = "#microsoft.graph.servicePrincipal"
	}
	return o
}

// checkOwners says what is wrong with the owners that a new object is to have. That the caller owns an application besides
// those who are named, and how a name that does not exist is refused, is not documented: unconfirmed(bound-references).
func (t *Tenant) checkOwners(owners []string) error {
	for at, id := range owners {
		if t.directoryObject(id) == nil {
			return NotFound(id)
		}
		if slices.Contains(owners[:at], id) {
			return BadRequest("Request contains a property with duplicate values.")
		}
	}
	return nil
}

// AddOwner makes a user or service principal an owner; who owns it already is refused as Graph does.
func (t *Tenant) AddOwner(kind, key, owner string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	owners, err := t.ownersOf(kind, key)
	if err != nil {
		return err
	}
	if t.directoryObject(owner) == nil {
		return NotFound(owner)
	}
	if slices.Contains(*owners, owner) {
		return BadRequest("One or more added object references already exist for the following modified properties: 'owners'.")
	}
	if len(*owners) >= 100 {
		return BadRequest("The maximum of 100 owners is reached.")
	}
	*owners = append(*owners, owner)
	return nil
}

// RemoveOwner takes an owner away. The last owner of a group, if a person, stays.
func (t *Tenant) RemoveOwner(kind, key, owner string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	owners, err := t.ownersOf(kind, key)
	if err != nil {
		return err
	}
	if !slices.Contains(*owners, owner) {
		return NotFound(owner)
	}
	if kind == Group && len(*owners) == 1 && t.users.live(owner) != nil {
		return BadRequest("The group must have at least one owner, hence this owner cannot be removed.")
	}
	*owners = without(*owners, owner)
	return nil
}
