package evaluate

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/scim-operator/scim-operator/internal/mapping"
	"github.com/scim-operator/scim-operator/internal/mapping/expr"
)

// ObjectMapping is how one object type is mapped, made ready for evaluation. It may be used by many goroutines.
type ObjectMapping struct {
	// Object is the source object.
	Object mapping.Object

	enabled bool
	creates bool
	groups  []group
	flows   []flow
	sources []string // of the source directory's definition, and what the flows and clauses read
}

// flow is the mapping of one target.
type flow struct {
	target       string
	path         path
	node         *expr.Node // nil where there is none but a default, and where fault is set
	text         string     // canonical, or as the schema has it where fault is set
	fault        error      // why the expression cannot be evaluated
	role         string     // the role function that the expression is
	defaultValue string
	onCreate     bool
	match        int
	kind         string // Graph's attribute type of the target
	multivalued  bool
	caseExact    bool
}

// The parts of Graph's synchronizationSchema that evaluation reads.
type (
	schema struct {
		Directories          []schemaDirectory
		SynchronizationRules []schemaRule
	}
	schemaDirectory struct {
		Name    string
		Objects []schemaObject
	}
	schemaObject struct {
		Name       string
		Attributes []schemaAttribute
	}
	schemaAttribute struct {
		Name, Type             string
		Multivalued, CaseExact bool
	}
	schemaRule struct {
		SourceDirectoryName, TargetDirectoryName string
		ObjectMappings                           []schemaMapping
	}
	schemaMapping struct {
		Enabled                            *bool
		FlowTypes                          string
		SourceObjectName, TargetObjectName string
		Scope                              *struct{ Groups []schemaGroup }
		AttributeMappings                  []schemaFlow
	}
	schemaGroup struct {
		Name    string
		Clauses []schemaClause
	}
	schemaClause struct {
		OperatorName, SourceOperandName string
		TargetOperand                   *struct{ Values []string }
	}
	schemaFlow struct {
		TargetAttributeName, DefaultValue, FlowType string
		MatchingPriority                            int
		Source                                      *expr.Source
	}
)

// FromSchema reads how a synchronizationSchema maps the object: a job's live schema, a template's, or what mapping.NewPlan would write.
func FromSchema(raw []byte, object mapping.Object) (*ObjectMapping, error) {
	var s schema
	if err := json.Unmarshal(raw, &s); err != nil {
		return nil, fmt.Errorf("reading the synchronization schema: %w", err)
	}
	for _, rule := range s.SynchronizationRules {
		for _, m := range rule.ObjectMappings {
			if m.SourceObjectName != string(object) {
				continue
			}
			source := s.definition(rule.SourceDirectoryName, m.SourceObjectName)
			target := s.definition(rule.TargetDirectoryName, m.TargetObjectName)
			return prepare(object, m, source, target)
		}
	}
	return nil, fmt.Errorf("the synchronization schema has no mapping of %s", object)
}

func (s schema) definition(directory, object string) []schemaAttribute {
	for _, d := range s.Directories {
		if d.Name != directory {
			continue
		}
		for _, o := range d.Objects {
			if o.Name == object {
				return o.Attributes
			}
		}
	}
	return nil
}

func prepare(object mapping.Object, m schemaMapping, source, target []schemaAttribute) (*ObjectMapping, error) {
	out := &ObjectMapping{Object: object, enabled: m.Enabled == nil || *m.Enabled, creates: flows(m.FlowTypes, "Add")}
	for _, attribute := range source {
		out.sources = append(out.sources, attribute.Name)
	}
	if m.Scope != nil {
		for _, g := range m.Scope.Groups {
			out.groups = append(out.groups, prepareGroup(g))
		}
	}
	for _, sf := range m.AttributeMappings {
		f, err := prepareFlow(sf, target)
		if err != nil {
			return nil, err
		}
		out.flows = append(out.flows, f)
	}
	out.sources = append(out.sources, out.Reads()...)
	slices.Sort(out.sources)
	out.sources = slices.Compact(out.sources)
	return out, nil
}

// flows looks into Graph's list of flow types, whose commas may have blanks after them. An empty list is one that was left out, and
// means all of them.
func flows(list, wanted string) bool {
	if strings.TrimSpace(list) == "" {
		return true
	}
	return slices.ContainsFunc(strings.Split(list, ","), func(have string) bool { return strings.EqualFold(strings.TrimSpace(have), wanted) })
}

func prepareFlow(sf schemaFlow, target []schemaAttribute) (flow, error) {
	f := flow{target: sf.TargetAttributeName, defaultValue: sf.DefaultValue, onCreate: sf.FlowType == "ObjectAddOnly", match: sf.MatchingPriority, kind: "String"}
	if i := slices.IndexFunc(target, func(a schemaAttribute) bool { return a.Name == f.target }); i >= 0 {
		f.kind, f.multivalued, f.caseExact = target[i].Type, target[i].Multivalued, target[i].CaseExact
	}
	var err error
	if f.path, err = parsePath(f.target); err != nil {
		return flow{}, err
	}
	if sf.Source != nil {
		f.read(*sf.Source)
	}
	return f, nil
}

// read parses the expression. One that the language here does not know is a fault of this target, not of the whole mapping.
func (f *flow) read(source expr.Source) {
	if f.node, f.fault = expr.FromSource(source); f.fault != nil {
		f.text = source.Expression
		return
	}
	f.text = f.node.String()
	// A role function inside another function gives texts as any other does; only by itself it writes whole roles.
	if f.node.Kind() == expr.Function && f.node.RoleFunction() == f.node.Text() {
		f.role = f.node.Text()
	}
}

// Reads are the source attributes that the mapping's expressions and clauses read, sorted, each once.
func (m *ObjectMapping) Reads() []string {
	var names []string
	for _, f := range m.flows {
		if f.node != nil {
			names = append(names, f.node.Attributes()...)
		}
	}
	for _, g := range m.groups {
		for _, c := range g.clauses {
			names = append(names, c.attribute)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
