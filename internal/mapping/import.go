package mapping

import (
	"fmt"
	"slices"

	"github.com/tidwall/gjson"

	"github.com/scim-operator/scim-operator/internal/mapping/expr"
)

// Import is the inverse of NewPlan: the mappings and the value of Roles that ask for what a job's schema has now. With the template's
// default schema it gives what differs from that, and no mapping for an object type that does not differ. Without one (nil) it writes
// everything out, from an empty base. The mappings have no names, User comes first, and ScopeAll is the caller's to say.
//
// What a manifest cannot express is a finding with the place in the schema, and is not in the result. An error among them means that
// applying the result would change it; a warning that it stays as it is.
func Import(live, template []byte) (Desired, Findings, error) {
	if err := checkSchema(live); err != nil {
		return Desired{}, nil, fmt.Errorf("reading the job's schema: %w", err)
	}
	if template != nil {
		if err := checkSchema(template); err != nil {
			return Desired{}, nil, fmt.Errorf("reading the default schema of the job's template: %w", err)
		}
	}
	d := Desired{Roles: RolesNone}
	found := otherObjects(live)
	for _, object := range []Object{User, Group} {
		i := importer{object: object, schema: live}
		if err := i.locate(template); err != nil {
			return Desired{}, nil, err
		}
		i.run()
		found = append(found, i.found...)
		if i.roles != "" {
			d.Roles = i.roles
		}
		if template == nil || !i.mapping.empty() {
			d.Mappings = append(d.Mappings, i.mapping)
		}
	}
	return d, found, nil
}

// otherObjects tells which object mappings are neither of users nor of groups. They stay as they are.
func otherObjects(live []byte) Findings {
	var found Findings
	for i, rule := range gjson.GetBytes(live, "synchronizationRules").Array() {
		for j, mapping := range rule.Get("objectMappings").Array() {
			object := mapping.Get("sourceObjectName").String()
			if object == string(User) || object == string(Group) {
				continue
			}
			found = append(found, Finding{Path: fmt.Sprintf("synchronizationRules[%d].objectMappings[%d]", i, j), Severity: SeverityWarning, Rule: "import",
				Message: fmt.Sprintf("the mapping of %s cannot be declared", object), Remedy: stays})
		}
	}
	return found
}

// importer reads one object mapping.
type importer struct {
	object     Object
	schema     []byte
	live, base place
	// fromTemplate says that base is the template's, and not empty.
	fromTemplate bool
	mapping      Mapping
	roles        Roles
	found        Findings
}

func (m Mapping) empty() bool {
	return m.State == "" && len(m.Actions)+len(m.Scope)+len(m.TargetAttributes)+len(m.SourceAttributes)+len(m.Attributes) == 0
}

func (i *importer) locate(template []byte) (err error) {
	i.mapping = Mapping{Object: i.object, Base: BaseEmpty}
	if i.live, err = locate(i.schema, i.object); err != nil {
		return err
	}
	if template == nil {
		return nil
	}
	i.fromTemplate, i.mapping.Base = true, BaseEntraDefault
	if i.base, err = locate(template, i.object); err != nil {
		return fmt.Errorf("reading the default schema of the job's template: %w", err)
	}
	return nil
}

func (i *importer) run() {
	i.importState()
	i.importActions()
	i.importScope()
	i.importMappings()
	i.importTargets()
	i.importSources()
}

// report tells what of the object mapping cannot be expressed, and where.
func (i *importer) report(member, target, message, remedy string) {
	i.found = append(i.found, Finding{Path: bracketed(i.live.path) + "." + member, Target: target, Severity: SeverityError, Rule: "import", Message: message, Remedy: remedy})
}

// stays is the remedy where what cannot be expressed is left alone.
const stays = "nothing: it stays as it is"

// note tells what cannot be expressed and stays as it is.
func (i *importer) note(path, target, message string) {
	i.found = append(i.found, Finding{Path: bracketed(path), Target: target, Severity: SeverityWarning, Rule: "import", Message: message, Remedy: stays})
}

// declared is an empty declaration over the importer's base: what is wanted when nothing is said.
func (i *importer) declared() declaration {
	return declaration{object: i.object, base: i.mapping.Base}
}

func (i *importer) importState() {
	have := i.live.state()
	switch {
	case have == i.declared().wantedState(i.base):
	case i.object == User && have == StateDisabled:
		i.report("enabled", "", "the mapping of users is disabled, which no manifest can ask for", "enable it, or leave the users alone")
	default:
		i.mapping.State = have
	}
}

func (i *importer) importActions() {
	have, others := i.live.actions()
	switch {
	case len(others) > 0 || len(have) == 0:
		i.report("flowTypes", "", fmt.Sprintf("the flow types %q are none that a manifest can ask for", i.live.mapping.Get("flowTypes").String()),
			"choose Create, Update and Delete in the portal")
	case actionWords(have) != actionWords(i.declared().wantedActions(i.base)):
		i.mapping.Actions = have
	}
}

func (i *importer) importMappings() {
	base := i.baseFlows()
	i.importRoles(base)
	seen := map[string]bool{}
	for n, element := range i.live.elements {
		f := readFlow(element)
		place := fmt.Sprintf("attributeMappings[%d]", n)
		if seen[f.target] {
			i.report(place, f.target, "the target is mapped twice", "remove one of the two in the portal")
			continue
		}
		seen[f.target] = true
		if i.roles != "" && isOwnRoleFlow(f) {
			continue
		}
		if wish, ok := base.find(f.target); ok && wish.flow.equal(f) {
			continue
		}
		a, problem := importFlow(element, f)
		if problem == "" {
			problem = i.invalid(a)
		}
		if problem != "" {
			i.report(place, f.target, problem, "change it in the portal to something that a manifest can say")
			continue
		}
		i.mapping.Attributes = append(i.mapping.Attributes, a)
	}
	for _, wish := range base {
		if !seen[wish.flow.target] {
			i.mapping.Attributes = append(i.mapping.Attributes, Attribute{Target: wish.flow.target, Remove: true})
		}
	}
}

// invalid says why the checks of a manifest refuse the attribute; empty where they do not.
func (i *importer) invalid(a Attribute) string {
	for _, finding := range validateAttribute(Desired{}, Mapping{Object: i.object}, 0, a).Errors() {
		return finding.Message
	}
	return ""
}

func (i *importer) baseFlows() wishes {
	var base wishes
	for _, element := range i.base.elements {
		base.put(wish{flow: readFlow(element)})
	}
	return base
}

// importRoles recognizes the role mapping that spec.roles stands for, where it is the only one.
func (i *importer) importRoles(base wishes) {
	if i.object != User {
		return
	}
	var found []Roles
	for _, element := range i.live.elements {
		f := readFlow(element)
		own := ownRole(f)
		if _, isDefault := base.find(f.target); isDefault || own == "" && !mapsRole(f) {
			continue
		}
		found = append(found, own)
	}
	if len(found) == 1 {
		i.roles = found[0]
	}
}

// mapsRole says whether the flow is about app roles in any way.
func mapsRole(f flow) bool {
	return isRoleTarget(f.target) || f.source != nil && f.source.RoleFunction() != ""
}

// maxPrecedence is the highest matchPrecedence that a manifest may have.
const maxPrecedence = 10

// importFlow is the attribute of a manifest that stands for an element of attributeMappings, or why there is none.
func importFlow(element gjson.Result, f flow) (Attribute, string) {
	a := Attribute{Target: f.target, Default: f.defaultValue, MatchPrecedence: f.precedence, OnCreate: f.flowType == flowOnCreate}
	switch {
	case f.target == "":
		return a, "the mapping has no target"
	case f.flowType != flowAlways && f.flowType != flowOnCreate:
		return a, fmt.Sprintf("flow type %s is none that a manifest can ask for", f.flowType)
	case f.precedence < 0 || f.precedence > maxPrecedence:
		return a, fmt.Sprintf("matching precedence %d is not between 1 and %d", f.precedence, maxPrecedence)
	case f.source == nil && f.tree != nil:
		return a, fmt.Sprintf("the expression %s is not known to the operator", f.text)
	case f.source == nil && f.defaultValue == "":
		return a, "the mapping has neither a source nor a default"
	case f.source == nil:
		return a, ""
	}
	switch {
	case f.source.Kind() == expr.Attribute:
		a.Source = f.source.Text()
	case f.source.Kind() == expr.Constant && f.source.Text() != "":
		a.Constant = f.source.Text()
	default:
		a.Expression = asWritten(element.Get("source.expression").String(), f.source)
	}
	return a, ""
}

// asWritten is the text of an expression as somebody wrote it, where it means what the tree says, else the canonical one.
func asWritten(text string, tree *expr.Node) string {
	if node, err := expr.Parse(text); err == nil && expr.Equal(node, tree) {
		return text
	}
	return tree.String()
}

func (i *importer) importSources() {
	used := i.mapping.Sources()
	for n, attribute := range i.live.source.attributes {
		name := attribute.Get("name").String()
		_, inTemplate := find(i.base.source, name)
		isUsed := slices.ContainsFunc(used, func(s SourceInUse) bool { return s.Source == name })
		if !isUsed || i.fromTemplate && inTemplate >= 0 || !i.fromTemplate && !isDirectoryExtension(name) {
			continue
		}
		a := SourceAttribute{Name: name, Type: Type(attribute.Get("type").String())}
		if !slices.Contains(types, a.Type) {
			i.note(fmt.Sprintf("%s.%d", i.live.source.path, n), "", fmt.Sprintf("type %q of %s is none that a manifest can ask for", a.Type, name))
			continue
		}
		if attribute.Get("multivalued").Bool() {
			a.MultiValued = new(true)
		}
		if a.Type == TypeString {
			a.Type = ""
		}
		i.mapping.SourceAttributes = append(i.mapping.SourceAttributes, a)
	}
}
