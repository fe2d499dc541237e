package mapping

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tidwall/gjson"
)

// types are those that can be declared.
var types = []Type{TypeString, TypeInteger, TypeBoolean, TypeDateTime, TypeBinary, TypeReference}

// isDirectoryExtension says whether a source attribute is one of the customer's directory.
func isDirectoryExtension(name string) bool { return strings.HasPrefix(name, "extension_") }

// importTargets reads the definitions of the app's attributes that are not as Entra has them by itself.
func (i *importer) importTargets() {
	for n, attribute := range i.live.target.attributes {
		name := attribute.Get("name").String()
		extension, isExtension := parseExtension(name)
		starting, inTemplate := find(i.base.target, name)
		switch {
		case inTemplate >= 0:
		case i.fromTemplate, isExtension && extension.custom():
			starting = gjson.ParseBytes(newDefinition(i.live.target, name))
		default:
			continue // without a template nobody knows what is Entra's own
		}
		a, problem := i.importTarget(attribute, starting)
		if problem != "" {
			i.targetProblem(fmt.Sprintf("%s.%d", i.live.target.path, n), name, problem)
			continue
		}
		isNew := inTemplate < 0 && !i.definesItself(name)
		if isNew || a.declaresAnything() {
			i.mapping.TargetAttributes = append(i.mapping.TargetAttributes, a)
		}
	}
}

// targetProblem tells why a definition cannot be declared. One of the customer's own that is not mapped would be removed, any other stays.
func (i *importer) targetProblem(path, name, problem string) {
	i.note(path, name, problem)
	extension, isExtension := parseExtension(name)
	if isExtension && extension.custom() && !i.isMapped(name) {
		last := &i.found[len(i.found)-1]
		last.Severity, last.Remedy = SeverityError, "change it in the portal, or map it: without that it would be removed"
	}
}

func (i *importer) isMapped(target string) bool {
	return slices.ContainsFunc(i.mapping.Attributes, func(a Attribute) bool { return a.Target == target && !a.Remove })
}

func (a TargetAttribute) declaresAnything() bool {
	return a.Type != "" || a.Mutability != "" || a.MultiValued != nil || a.CaseExact != nil || a.Required != nil || len(a.ReferencedObjects) > 0
}

// definesItself says whether mapping the target is enough to have it defined as a text.
func (i *importer) definesItself(target string) bool {
	_, ok := startingDefinition(objectDefinition{}, objectDefinition{}, target, false, false)
	return ok && i.isMapped(target) || i.roles != "" && roleMappings[i.roles].Target == target
}

// importTarget is what a manifest has to say so that a definition that starts as given becomes what it is.
func (i *importer) importTarget(attribute, starting gjson.Result) (TargetAttribute, string) {
	a := TargetAttribute{Name: attribute.Get("name").String()}
	have := declaredTarget(i.schema, attribute)
	differs := func(member string) bool { return attribute.Get(member).Raw != starting.Get(member).Raw }
	if differs("type") {
		a.Type = have.Type
	}
	if differs("mutability") {
		a.Mutability = have.Mutability
	}
	for _, f := range []struct {
		member string
		to     **bool
	}{{"multivalued", &a.MultiValued}, {"caseExact", &a.CaseExact}, {"required", &a.Required}} {
		if attribute.Get(f.member).Bool() != starting.Get(f.member).Bool() {
			*f.to = new(attribute.Get(f.member).Bool())
		}
	}
	if !sameSet(referencedNames(attribute), referencedNames(starting), func(x, y string) bool { return x == y }) {
		a.Type, a.ReferencedObjects = have.Type, have.ReferencedObjects
	}
	switch {
	case a.Type != "" && !slices.Contains(types, a.Type):
		return a, fmt.Sprintf("type %q is none that a manifest can ask for", a.Type)
	case a.Mutability != "" && a.Mutability != MutabilityReadWrite && a.Mutability != MutabilityImmutable:
		return a, fmt.Sprintf("mutability %q is none that a manifest can ask for", a.Mutability)
	case (a.Type == TypeReference) != (len(a.ReferencedObjects) > 0), len(referencedNames(attribute)) != len(have.ReferencedObjects):
		return a, "what it refers to is none that a manifest can ask for"
	}
	return a, ""
}

func referencedNames(attribute gjson.Result) []string {
	var all []string
	for _, reference := range attribute.Get("referencedObjects").Array() {
		all = append(all, reference.Get("referencedObjectName").String())
	}
	return all
}

// declaredTarget reads all characteristics of a definition. What it refers to beside users and groups is left out.
func declaredTarget(schema []byte, attribute gjson.Result) TargetAttribute {
	a := TargetAttribute{
		Name: attribute.Get("name").String(), Type: Type(attribute.Get("type").String()), Mutability: Mutability(attribute.Get("mutability").String()),
		MultiValued: new(attribute.Get("multivalued").Bool()), CaseExact: new(attribute.Get("caseExact").Bool()), Required: new(attribute.Get("required").Bool()),
	}
	for _, name := range referencedNames(attribute) {
		i := slices.IndexFunc([]Object{User, Group}, func(o Object) bool { return targetName(schema, o) == name })
		if i >= 0 {
			a.ReferencedObjects = append(a.ReferencedObjects, []Object{User, Group}[i])
		}
	}
	return a
}
