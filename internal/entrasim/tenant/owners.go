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

// Owners lists the owners of an application or service principal.
func (t *Tenant) Owners(kind, key string) ([]Object, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	rec, err := t.findReadable(kind, key)
	if err != nil {
		return nil, err
	}
	out := []Object{}
	for _, id := range rec.owners {
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

// AddOwner makes a user or service principal an owner; who owns it already is refused as Graph does.
func (t *Tenant) AddOwner(kind, key, owner string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	rec, err := t.findReadable(kind, key)
	if err != nil {
		return err
	}
	if t.directoryObject(owner) == nil {
		return NotFound(owner)
	}
	if slices.Contains(rec.owners, owner) {
		return BadRequest("One or more added object references already exist for the following modified properties: 'owners'.")
	}
	if len(rec.owners) >= 100 {
		return BadRequest("The maximum of 100 owners is reached.")
	}
	rec.owners = append(rec.owners, owner)
	return nil
}

// RemoveOwner takes an owner away.
func (t *Tenant) RemoveOwner(kind, key, owner string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	rec, err := t.findReadable(kind, key)
	if err != nil {
		return err
	}
	if !slices.Contains(rec.owners, owner) {
		return NotFound(owner)
	}
	rec.owners = slices.DeleteFunc(rec.owners, func(o string) bool { return o == owner })
	return nil
}
