package mapping

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/tidwall/gjson"
)

// attributeDefinition is Graph's resource of that name, as a directory's object lists its attributes.
type attributeDefinition struct {
	Anchor            bool              `json:"anchor"`
	APIExpressions    []json.RawMessage `json:"apiExpressions"`
	CaseExact         bool              `json:"caseExact"`
	DefaultValue      *string           `json:"defaultValue"`
	FlowNullValues    bool              `json:"flowNullValues"`
	Multivalued       bool              `json:"multivalued"`
	Mutability        string            `json:"mutability"`
	Name              string            `json:"name"`
	Required          bool              `json:"required"`
	Type              string            `json:"type"`
	Metadata          []json.RawMessage `json:"metadata"`
	ReferencedObjects []json.RawMessage `json:"referencedObjects"`
}

// newDefinition is a writable text attribute. Its metadata marks it as the customer's where the object's other attributes are marked so.
func newDefinition(object objectDefinition, name string) json.RawMessage {
	d := attributeDefinition{
		Name: name, Type: string(TypeString), Mutability: string(MutabilityReadWrite),
		// roles is the one multi-valued attribute that is added without being declared; the value path of a single role is not.
		Multivalued: name == roleMappings[RolesAssertive].Target,
		// Entra sends a change of case alone only to attributes where case counts; the endpoint's definition agrees.
		CaseExact:      true,
		APIExpressions: []json.RawMessage{}, Metadata: []json.RawMessage{}, ReferencedObjects: []json.RawMessage{},
	}
	for _, attribute := range object.attributes {
		for _, entry := range attribute.Get("metadata").Array() {
			if entry.Get("key").String() == "IsCustomerDefined" && strings.EqualFold(entry.Get("value").String(), "true") {
				d.Metadata = []json.RawMessage{json.RawMessage(entry.Raw)}
				return encode(d)
			}
		}
	}
	return encode(d)
}

// characteristic is a member of an attributeDefinition that a manifest may declare.
type characteristic struct {
	member string
	raw    []byte
	same   func(have gjson.Result) bool
}

func text(member, value string) characteristic {
	return characteristic{member, encode(value), func(have gjson.Result) bool { return have.String() == value }}
}

func flag(member string, value bool) characteristic {
	return characteristic{member, encode(value), func(have gjson.Result) bool { return have.Bool() == value }}
}

// characteristics are what is declared of a target attribute. targets are how the schema names the objects of the app.
func (a TargetAttribute) characteristics(targets func(Object) string) []characteristic {
	var all []characteristic
	if a.Type != "" {
		all = append(all, text("type", string(a.Type)))
	}
	if a.MultiValued != nil {
		all = append(all, flag("multivalued", *a.MultiValued))
	}
	if a.CaseExact != nil {
		all = append(all, flag("caseExact", *a.CaseExact))
	}
	if a.Required != nil {
		all = append(all, flag("required", *a.Required))
	}
	if a.Mutability != "" {
		all = append(all, text("mutability", string(a.Mutability)))
	}
	if len(a.ReferencedObjects) > 0 {
		all = append(all, referencedObjects(a.ReferencedObjects, targets))
	}
	return all
}

func (a SourceAttribute) characteristics() []characteristic {
	return TargetAttribute{Type: a.Type, MultiValued: a.MultiValued}.characteristics(nil)
}

func referencedObjects(objects []Object, targets func(Object) string) characteristic {
	type reference struct {
		Name     string  `json:"referencedObjectName"`
		Property *string `json:"referencedProperty"`
	}
	var references []reference
	var names []string
	for _, object := range objects {
		names = append(names, targets(object))
		references = append(references, reference{Name: targets(object)})
	}
	same := func(have gjson.Result) bool {
		var there []string
		for _, reference := range have.Array() {
			there = append(there, reference.Get("referencedObjectName").String())
		}
		return sameSet(names, there, func(a, b string) bool { return a == b })
	}
	return characteristic{"referencedObjects", encode(references), same}
}

// overlay writes the characteristics into a definition, and touches none that is so already. old and wanted are what changes in words.
func overlay(definition []byte, declared []characteristic) (changed []byte, old, wanted []string, err error) {
	for _, c := range declared {
		have := gjson.GetBytes(definition, c.member)
		if c.same(have) {
			continue
		}
		old, wanted = append(old, c.member+" "+plain(have)), append(wanted, c.member+" "+plain(gjson.ParseBytes(c.raw)))
		if definition, err = edit(definition, c.member, c.raw); err != nil {
			return nil, nil, nil, err
		}
	}
	return definition, old, wanted, nil
}

// plain is a value of a definition for a reader.
func plain(value gjson.Result) string {
	if !value.IsArray() {
		return value.String()
	}
	var names []string
	for _, reference := range value.Array() {
		names = append(names, reference.Get("referencedObjectName").String())
	}
	return "[" + strings.Join(names, ", ") + "]"
}

// definitionWords are what counts in a definition, for a reader.
func definitionWords(definition []byte) string {
	d := gjson.ParseBytes(definition)
	words := []string{d.Get("type").String()}
	for _, is := range []struct{ member, words string }{
		{"multivalued", "several values"}, {"caseExact", "case counts"}, {"required", "required"},
	} {
		if d.Get(is.member).Bool() {
			words = append(words, is.words)
		}
	}
	if mutability := d.Get("mutability").String(); mutability != "" && mutability != string(MutabilityReadWrite) {
		words = append(words, mutability)
	}
	if references := d.Get("referencedObjects"); len(references.Array()) > 0 {
		words = append(words, "to "+plain(references))
	}
	return strings.Join(words, ", ")
}

// find gives the definition of that name and its index; -1 where the object has none.
func find(object objectDefinition, name string) (gjson.Result, int) {
	i := slices.IndexFunc(object.attributes, func(a gjson.Result) bool { return a.Get("name").String() == name })
	if i < 0 {
		return gjson.Result{}, -1
	}
	return object.attributes[i], i
}

// startingDefinition is what a definition that the object lacks starts from: the default schema's own where that has it, else a new one
// where the attribute is declared, or may be added without. False means that it is none that the app could know.
func startingDefinition(live, template objectDefinition, target string, isRole, isDeclared bool) (json.RawMessage, bool) {
	if known, i := find(template, target); i >= 0 {
		return withoutAnnotations([]byte(known.Raw)), true
	}
	extension, isExtension := parseExtension(target)
	if isRole || isDeclared || isExtension && (extension.custom() || slices.Contains(enterpriseAttributes, extension.attribute)) {
		return newDefinition(live, target), true
	}
	return nil, false
}

// sourceDefinition is what counts of a source attribute; kind is empty where it is not known.
type sourceDefinition struct {
	name, kind  string
	multivalued bool
}

func names(defined []sourceDefinition) []string {
	var all []string
	for _, d := range defined {
		all = append(all, d.name)
	}
	return all
}

// sources are the source attributes that the live schema knows or learns: its own, the declared ones, those that the base maps, and
// those that the service computes. A declaration comes first, since it is what will be.
func (d declaration) sources(live, base place) []sourceDefinition {
	var all []sourceDefinition
	add := func(s sourceDefinition) {
		if !slices.ContainsFunc(all, func(have sourceDefinition) bool { return have.name == s.name }) {
			all = append(all, s)
		}
	}
	for _, a := range d.sourceAttributes() {
		there, i := find(live.source, a.Name)
		s := sourceDefinition{a.Name, string(TypeString), false}
		if i >= 0 {
			s.kind, s.multivalued = there.Get("type").String(), there.Get("multivalued").Bool()
		}
		if a.Type != "" {
			s.kind = string(a.Type)
		}
		if a.MultiValued != nil {
			s.multivalued = *a.MultiValued
		}
		add(s)
	}
	for _, a := range live.source.attributes {
		add(sourceDefinition{a.Get("name").String(), a.Get("type").String(), a.Get("multivalued").Bool()})
	}
	for _, element := range base.elements {
		if source := readFlow(element).source; source != nil {
			for _, name := range source.Attributes() {
				add(sourceDefinition{name: name})
			}
		}
	}
	for _, computed := range computedAttributes[d.object] {
		add(computed)
	}
	return all
}

func (d declaration) sourceAttributes() []SourceAttribute {
	var all []SourceAttribute
	for _, m := range d.mappings {
		all = append(all, m.SourceAttributes...)
	}
	return all
}

// computedAttributes are filled in by the provisioning service itself, whether or not the source directory's definition lists them.
var computedAttributes = map[Object][]sourceDefinition{User: {{"IsSoftDeleted", "Boolean", false}, {appRoleAssignments, "", true}}}

// targetAttribute finds what is declared of a target attribute, and by whom.
func (d declaration) targetAttribute(name string) (TargetAttribute, bool) {
	for _, m := range d.mappings {
		for _, a := range m.TargetAttributes {
			if a.Name == name {
				return a, true
			}
		}
	}
	return TargetAttribute{}, false
}
