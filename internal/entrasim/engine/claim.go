package engine

import "net/http"

// tie links an object to the resource that was made for it or found.
func (c *cycle) tie(d *decision, target string) *Link {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.tieLocked(d, target)
}

func (c *cycle) tieLocked(d *decision, target string) *Link {
	link := &Link{Group: d.group, TargetID: target, Managed: true}
	c.in.State.tie(d.id, link)
	if c.owners != nil {
		c.owners[resourceKey(d.group, target)] = d.id
	}
	return link
}

// claim links an object to a resource that was found for it. One that is linked to another object already is refused while
// that one is provisioned; if it is not, as with a name that is given to somebody else, the resource goes over. What is
// returned undoes it, for an endpoint that does not let the resource go over.
func (c *cycle) claim(d *decision, target string) (link *Link, undo func(), err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	undo = func() { c.drop(d.id) }
	if owner := c.ownerOf(d.group, target); owner != "" && owner != d.id && !c.in.Switches.ShareTarget {
		other, err := c.look(item{id: owner, group: d.group}, true)
		if err != nil {
			return nil, nil, err
		}
		if other.standing.entitled() {
			return nil, nil, &scimError{Status: http.StatusOK, Code: codePrefix + "DuplicateSourceEntries",
				Message: subject(&other) + " is linked to the resource already that was found for " + subject(d) + "."}
		}
		former := *c.in.State.Links[owner]
		c.in.State.Drop(owner)
		undo = func() {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.in.State.Drop(d.id)
			c.in.State.tie(owner, &former)
			c.owners[resourceKey(d.group, target)] = owner
		}
	}
	return c.tieLocked(d, target), undo, nil
}

// ownerOf names the object that is linked to a resource.
func (c *cycle) ownerOf(group bool, target string) string {
	if c.owners == nil {
		c.owners = make(map[string]string, len(c.in.State.Links))
		for _, id := range sortedKeys(c.in.State.Links) {
			link := c.in.State.Links[id]
			c.owners[resourceKey(link.Group, link.TargetID)] = id
		}
	}
	owner := c.owners[resourceKey(group, target)]
	if link := c.in.State.Links[owner]; link == nil || link.TargetID != target {
		return ""
	}
	return owner
}

func resourceKey(group bool, target string) string {
	if group {
		return "Groups/" + target
	}
	return "Users/" + target
}
