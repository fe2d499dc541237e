package mapping

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/tidwall/gjson"
	"github.com/tidwall/sjson"
)

// Plan is what has to be written so that a job maps as it is wanted.
type Plan struct {
	// Schema is the whole schema to PUT; nil when nothing changes.
	Schema json.RawMessage
	// Changes are what it changes, User first, in the order of the schema.
	Changes []Change
}

// Change is the change of one target.
type Change struct {
	// Object and Target name the mapping.
	Object Object
	Target string
	// Old and New are the mapping in words, such as `[mail], match 1`, or "not mapped".
	Old, New string
	// Defines says that the target is new to Entra's definition of the app and is added to it.
	Defines bool
}

// String is the change in one line.
func (c Change) String() string {
	text := fmt.Sprintf("%s %s: %s -> %s", c.Object, c.Target, c.Old, c.New)
	if c.Old == c.New {
		text = fmt.Sprintf("%s %s: %s", c.Object, c.Target, c.New)
	}
	if c.Defines {
		text += " (a new attribute of the app)"
	}
	return text
}

// Empty says that there is nothing to write.
func (p Plan) Empty() bool { return len(p.Changes) == 0 }

// Lines are the plan for a reader: a line for each change, and what follows from them. An empty plan has none.
func (p Plan) Lines() []string {
	var lines []string
	for _, change := range p.Changes {
		lines = append(lines, change.String())
	}
	if len(lines) > 0 {
		lines = append(lines, "a full cycle follows: Entra evaluates everybody in scope anew")
	}
	return lines
}

// NewPlan compares a job's live schema with what is desired. template is the default schema of the job's template, from which
// declared mappings start; it may be nil where d has no Mappings. Both are synchronizationSchema resources as Graph sent them.
// Compared is the meaning, not the spelling: order, version, annotations, blanks and missing or null members do not count. An object
// type that d has mappings for gets the template's mapping with these laid over by target; one without keeps what is live.
// The error is Findings where the mappings are at fault.
func NewPlan(live, template []byte, d Desired) (Plan, error) {
	if err := Validate(d).asError(); err != nil {
		return Plan{}, err
	}
	if err := checkSchema(live); err != nil {
		return Plan{}, fmt.Errorf("reading the job's schema: %w", err)
	}
	p := planner{desired: d, schema: withoutAnnotations(live), template: template}
	var found Findings
	for _, object := range []Object{User, Group} {
		wantsRoles := object == User && d.mapsRoles()
		if !d.mapped(object) && !wantsRoles {
			continue
		}
		findings, err := p.planObject(object)
		if err != nil {
			return Plan{}, err
		}
		found = append(found, findings...)
	}
	if err := found.asError(); err != nil {
		return Plan{}, err
	}
	if len(p.changes) == 0 {
		return Plan{}, nil
	}
	return Plan{Schema: p.schema, Changes: p.changes}, nil
}

// planner holds the schema while it is edited.
type planner struct {
	desired  Desired
	schema   []byte
	template []byte
	changes  []Change
}

// planObject edits what the schema says about one object. With findings the schema is not to be used.
func (p *planner) planObject(object Object) (Findings, error) {
	live, err := locate(p.schema, object)
	if err != nil {
		return nil, err
	}
	base := live
	if p.desired.mapped(object) {
		if err := checkSchema(p.template); err != nil {
			return nil, fmt.Errorf("reading the default schema of the job's template: %w", err)
		}
		if base, err = locate(p.template, object); err != nil {
			return nil, fmt.Errorf("reading the default schema of the job's template: %w", err)
		}
	}
	wanted, err := p.wanted(object, base.elements)
	if err != nil {
		return nil, err
	}
	found := wanted.checkSources(object, live, base)
	if p.desired.mapped(object) {
		found = append(found, checkMatching(object, wanted.matchers())...)
	}
	definitions, unknown := wanted.definitions(live, base)
	if found = append(found, unknown...); len(found) > 0 {
		return found, nil
	}
	for _, raw := range definitions.raw {
		if p.schema, err = appendTo(p.schema, live.targetPath+".attributes", raw); err != nil {
			return nil, err
		}
	}
	return nil, p.rewrite(object, live, wanted, definitions.names)
}

// rewrite makes the elements of the live object mapping mean what is wanted: those that mean it already stay untouched, and so does
// the order of those that stay.
func (p *planner) rewrite(object Object, live place, wanted wishes, defined []string) error {
	seen := map[string]bool{}
	var surplus []int
	for i, element := range live.elements {
		have := readFlow(element)
		wish, ok := wanted.find(have.target)
		if !ok || seen[have.target] {
			if !p.desired.mapped(object) && !isOwnRoleFlow(have) {
				continue // whose we do not own we leave alone, even a target mapped twice
			}
			surplus = append(surplus, i)
			p.change(object, have, flow{}, false)
			continue
		}
		seen[have.target] = true
		if !wish.owned {
			continue
		}
		defines := slices.Contains(defined, have.target)
		if have.equal(wish.flow) && !defines {
			continue
		}
		p.change(object, have, wish.flow, defines)
		raw, err := wish.flow.writeOver([]byte(element.Raw))
		if err != nil {
			return err
		}
		if p.schema, err = edit(p.schema, fmt.Sprintf("%s.%d", live.mappings, i), raw); err != nil {
			return err
		}
	}
	for _, wish := range wanted {
		if seen[wish.flow.target] {
			continue
		}
		p.change(object, flow{}, wish.flow, slices.Contains(defined, wish.flow.target))
		raw, err := wish.flow.writeOver(wish.element)
		if err != nil {
			return err
		}
		if p.schema, err = appendTo(p.schema, live.mappings, raw); err != nil {
			return err
		}
	}
	return p.remove(live.mappings, surplus)
}

// remove deletes the elements at these ascending indices.
func (p *planner) remove(path string, indices []int) (err error) {
	for _, i := range slices.Backward(indices) {
		if p.schema, err = sjson.DeleteBytes(p.schema, fmt.Sprintf("%s.%d", path, i)); err != nil {
			return fmt.Errorf("removing an element of %s of the schema: %w", path, err)
		}
	}
	return nil
}

func (p *planner) change(object Object, old, wanted flow, defines bool) {
	target := old.target
	if target == "" {
		target = wanted.target
	}
	p.changes = append(p.changes, Change{Object: object, Target: target, Old: old.String(), New: wanted.String(), Defines: defines})
}

// wanted lays the desired mappings of the object over the base.
func (p *planner) wanted(object Object, base []gjson.Result) (wishes, error) {
	var all wishes
	owned := p.desired.mapped(object)
	for _, element := range base {
		f := readFlow(element)
		if !owned && isOwnRoleFlow(f) {
			continue // of another value of Roles, or put again below
		}
		all.put(wish{flow: f, element: withoutAnnotations([]byte(element.Raw)), owned: owned})
	}
	for _, m := range p.desired.Mappings {
		if m.Object != object {
			continue
		}
		for _, a := range m.Attributes {
			if err := all.override(a, m.Ref, p.desired.Parsed); err != nil {
				return nil, err
			}
		}
	}
	if object == User && p.desired.mapsRoles() {
		if err := all.override(roleMappings[p.desired.Roles], Ref{}, p.desired.Parsed); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// isOwnRoleFlow says whether the flow is exactly one that Roles stands for.
func isOwnRoleFlow(f flow) bool {
	for _, own := range roleMappings {
		if wanted, err := own.flow(nil); err == nil && f.equal(wanted) {
			return true
		}
	}
	return false
}
