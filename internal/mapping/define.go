package mapping

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// notDefined is the state of an attribute that a directory's object does not list.
const notDefined = "not defined"

// defineSources adds the declared source attributes that the source directory's object lacks, and mends what differs in the others.
func (p *planner) defineSources(d declaration, live place) error {
	for _, a := range d.sourceAttributes() {
		have, i := find(live.source, a.Name)
		starting := json.RawMessage(have.Raw)
		if i < 0 {
			starting = newDefinition(live.source, a.Name)
		}
		if err := p.define(d.object, AspectSourceAttribute, live.source.path, a.Name, i, starting, a.characteristics()); err != nil {
			return err
		}
	}
	return nil
}

// defineTargets adds the definitions that the app's object lacks, and mends what is declared otherwise.
func (p *planner) defineTargets(d declaration, live place, missing definitions) error {
	targets := func(object Object) string { return targetName(p.schema, object) }
	for i, name := range missing.names {
		a, _ := d.targetAttribute(name)
		if err := p.define(d.object, AspectTargetAttribute, live.target.path, name, -1, missing.raw[i], a.characteristics(targets)); err != nil {
			return err
		}
	}
	for _, m := range d.mappings {
		for _, a := range m.TargetAttributes {
			have, i := find(live.target, a.Name)
			if i < 0 {
				continue // added above
			}
			if err := p.define(d.object, AspectTargetAttribute, live.target.path, a.Name, i, json.RawMessage(have.Raw), a.characteristics(targets)); err != nil {
				return err
			}
		}
	}
	return nil
}

// define writes one definition: over the one at index of the attributes at path, or as a new one where index is -1.
func (p *planner) define(object Object, aspect Aspect, path, name string, index int, starting json.RawMessage, declared []characteristic) error {
	raw, old, wanted, err := overlay(starting, declared)
	switch {
	case err != nil:
		return err
	case index < 0:
		p.change(object, aspect, name, notDefined, definitionWords(raw))
		p.schema, err = appendTo(p.schema, path, raw)
		return err
	case len(wanted) == 0:
		return nil
	}
	p.change(object, aspect, name, strings.Join(old, ", "), strings.Join(wanted, ", "))
	return p.edit(fmt.Sprintf("%s.%d", path, index), raw)
}

// forgetTargets takes the extension attributes out of the app's object that somebody added once and nobody maps or declares now. What
// the template has stays, and so does everything that is no extension of the customer's own: it may be Entra's.
func (p *planner) forgetTargets(d declaration, wanted wishes, live, base place) error {
	if !d.owns() {
		return nil
	}
	var surplus []int
	for i, attribute := range live.target.attributes {
		name := attribute.Get("name").String()
		extension, isExtension := parseExtension(name)
		_, isDeclared := d.targetAttribute(name)
		_, isMapped := wanted.find(name)
		_, inTemplate := find(base.target, name)
		if !isExtension || !extension.custom() || isDeclared || isMapped || inTemplate >= 0 {
			continue
		}
		surplus = append(surplus, i)
		p.change(d.object, AspectTargetAttribute, name, definitionWords([]byte(attribute.Raw)), notDefined)
	}
	return p.remove(live.target.path, surplus)
}

// definitions are attribute definitions to add to the target directory, with their names.
type definitions struct {
	names []string
	raw   []json.RawMessage
}

// definitions are those that the live target object lacks, and findings about targets that it can not get.
func (w wishes) definitions(d declaration, live, base place) (definitions, Findings) {
	var missing definitions
	var found Findings
	add := func(name string, raw json.RawMessage) {
		if !slices.Contains(missing.names, name) {
			missing.names, missing.raw = append(missing.names, name), append(missing.raw, raw)
		}
	}
	for _, wish := range w {
		target := wish.flow.target
		if _, i := find(live.target, target); !wish.owned || i >= 0 {
			continue
		}
		_, isDeclared := d.targetAttribute(target)
		raw, ok := startingDefinition(live.target, base.target, target, wish.declared && wish.mapping == (Ref{}), isDeclared)
		if ok {
			add(target, raw)
			continue
		}
		if wish.declared {
			unknown := unknownTarget(wish.mapping, target, slices.Concat(attributeNames(live.target), attributeNames(base.target)))
			unknown.Path = wish.path + ".target"
			found = append(found, unknown)
		}
	}
	for _, m := range d.mappings {
		for _, a := range m.TargetAttributes {
			if _, i := find(live.target, a.Name); i < 0 {
				raw, _ := startingDefinition(live.target, base.target, a.Name, false, true)
				add(a.Name, raw)
			}
		}
	}
	return missing, found
}
