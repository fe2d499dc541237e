package mapping

import "slices"

// head edits what an object mapping says beside its attributes: whether it is in force, what Entra may do, and who is in scope. Where
// the mappings do not say, the base does.
func (p *planner) head(d declaration, live, base place) error {
	if !d.owns() {
		return nil
	}
	if err := p.state(d, live, base); err != nil {
		return err
	}
	if err := p.actions(d, live, base); err != nil {
		return err
	}
	return p.scope(d, live, base)
}

func (p *planner) state(d declaration, live, base place) error {
	have, wanted := live.state(), d.wantedState(base)
	if have == wanted {
		return nil
	}
	p.change(d.object, AspectState, "", string(have), string(wanted))
	return p.edit(live.path+".enabled", encode(wanted == StateEnabled))
}

func (p *planner) actions(d declaration, live, base place) error {
	have, others := live.actions()
	wanted := d.wantedActions(base)
	if actionWords(have) == actionWords(wanted) && len(others) == 0 {
		return nil
	}
	spelled := live.mapping.Get("flowTypes").String()
	old := actionWords(have)
	if len(others) > 0 || old == "" {
		old = "none"
		if spelled != "" {
			old = spelled
		}
	}
	p.change(d.object, AspectActions, "", old, actionWords(wanted))
	return p.edit(live.path+".flowTypes", encode(writeActions(wanted, spelled)))
}

func (p *planner) scope(d declaration, live, base place) error {
	have, wanted := readScope(live.mapping.Get("scope")), d.wantedScope(base)
	if sameScope(have, wanted) {
		return nil
	}
	p.scopeChanges(d.object, have, wanted)
	raw, err := writeScope(live.mapping.Get("scope"), wanted, p.desired.Operators)
	if err != nil {
		return err
	}
	return p.edit(live.path+".scope", raw)
}

// scopeChanges tells a change of scope group by group.
func (p *planner) scopeChanges(object Object, have, wanted []ScopeGroup) {
	if len(have) == 0 || len(wanted) == 0 {
		words := func(groups []ScopeGroup) string {
			if len(groups) == 0 {
				return everybody
			}
			return scopeWords(groups)
		}
		p.change(object, AspectScope, "", words(have), words(wanted))
		return
	}
	const none = "no such group"
	gone := slices.DeleteFunc(slices.Clone(have), func(g ScopeGroup) bool {
		return slices.ContainsFunc(wanted, func(w ScopeGroup) bool { return sameClauses(g, w) })
	})
	for _, group := range wanted {
		if slices.ContainsFunc(have, func(h ScopeGroup) bool { return sameClauses(h, group) }) {
			continue
		}
		i := slices.IndexFunc(gone, func(g ScopeGroup) bool { return g.Name == group.Name })
		old := none
		if i >= 0 {
			old = gone[i].clauses()
			gone = slices.Delete(gone, i, i+1)
		}
		p.change(object, AspectScope, group.Name, old, group.clauses())
	}
	for _, group := range gone {
		p.change(object, AspectScope, group.Name, group.clauses(), none)
	}
}

func (p *planner) edit(path string, raw []byte) (err error) {
	p.schema, err = edit(p.schema, path, raw)
	return err
}

// owns says whether any mapping is about the object, which then belongs to the mappings wholly.
func (d declaration) owns() bool { return len(d.mappings) > 0 }

func (d declaration) wantedState(base place) State {
	switch {
	case d.state != "":
		return d.state
	case d.base == BaseEmpty:
		return StateEnabled
	default:
		return base.state()
	}
}

func (d declaration) wantedActions(base place) []Action {
	switch {
	case len(d.actions) > 0:
		return d.actions
	case d.base == BaseEmpty:
		return allActions
	default:
		actions, _ := base.actions()
		return actions
	}
}

func (d declaration) wantedScope(base place) []ScopeGroup {
	switch {
	case len(d.scope) > 0:
		return d.scope
	case d.base == BaseEmpty:
		return nil
	default:
		return readScope(base.mapping.Get("scope"))
	}
}
