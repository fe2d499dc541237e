package main

import (
	"slices"
	"sync"
)

// event is what the wiki needs of an event: the present state of a user. Feed, snapshot and webhook have the same form.
type event struct {
	ResourceType string `json:"resourceType"`
	ID           string `json:"id"`
	ExternalID   string `json:"externalId"`
	UserName     string `json:"userName"`
	Active       bool   `json:"active"`
	Deleted      bool   `json:"deleted"`
	Roles        []role `json:"roles"`
}

type role struct {
	Value string `json:"value"`
}

// person is somebody who may or may not use the wiki.
type person struct {
	id, userName string
	// externalID is the object ID of the person in Entra.
	externalID string
	active     bool
	roles      []string
	// told is the number of the event that this was learnt from, counted here.
	told int64
}

func (p person) has(role string) bool { return slices.Contains(p.roles, role) }

// people are all whom the wiki has been told of.
type people struct {
	mu   sync.Mutex
	byID map[string]person
	told int64
	// lost is called with the id of whoever may not use the wiki any more.
	lost func(id string)
}

// take takes over the state that an event carries, whatever the event is about. Events of one person come in order, so
// that the last one that came is right; one that comes twice does no harm.
func (p *people) take(e event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.told++
	p.set(e)
}

// mark is called before a snapshot is read, and replace with what it gave.
func (p *people) mark() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.told
}

// replace makes the people of a snapshot all that there are. Whoever a webhook told of since the mark was read is left
// alone: the snapshot may have been read before.
func (p *people) replace(list []event, mark int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	seen := map[string]bool{}
	for _, e := range list {
		seen[e.ID] = true
		if p.byID[e.ID].told <= mark {
			p.set(e)
		}
	}
	for id, known := range p.byID {
		if !seen[id] && known.told <= mark {
			delete(p.byID, id)
			p.lost(id)
		}
	}
}

func (p *people) set(e event) {
	if e.ResourceType != "User" {
		return // the roles of users say already which groups they are in
	}
	before := p.byID[e.ID]
	known := person{id: e.ID, userName: e.UserName, externalID: e.ExternalID, active: e.Active && !e.Deleted, told: p.told}
	for _, r := range e.Roles {
		known.roles = append(known.roles, r.Value)
	}
	p.byID[e.ID] = known
	// An account that became another person's must not keep the sessions of the first.
	if !known.active || before.externalID != known.externalID {
		p.lost(e.ID)
	}
}

// byName finds who may use the wiki. Two accounts may have had the name one after the other, so that only active ones
// count.
func (p *people) byName(userName string) (person, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, known := range p.byID {
		if known.active && known.userName == userName {
			return known, true
		}
	}
	return person{}, false
}

func (p *people) byIdentity(id string) (person, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	known := p.byID[id]
	return known, known.active
}
