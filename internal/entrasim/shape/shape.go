package shape

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

//go:embed graph-v1.0-types.json
var published []byte

// metadata is what Microsoft publishes about the types of Graph.
type metadata struct {
	Types map[string]typeInfo
	Enums map[string]struct{ Members map[string]int }
}

type typeInfo struct {
	Base       string
	Properties map[string]property
	Navigation map[string]property
}

type property struct {
	Type       string
	Collection bool
	Nullable   *bool // absent: it may be null
}

// graph reads the embedded metadata, once.
var graph = sync.OnceValue(func() *metadata {
	m := &metadata{}
	if err := json.Unmarshal(published, m); err != nil {
		panic(fmt.Sprintf("reading the embedded metadata: %v", err))
	}
	for name, members := range described {
		m.Types[name] = typeInfo{Properties: members}
	}
	return m
})

// filledByOthers are types whose members are defined by whoever fills them.
var filledByOthers = []string{"microsoft.graph.detailsInfo"}

// Check says where the body of an answer departs from the metadata, other than in what Departures lists. An answer that
// does not say of which type it is, or of one that is not known, departs as well.
func Check(body []byte) []string {
	var answer map[string]any
	if err := json.Unmarshal(body, &answer); err != nil {
		return []string{"the answer is no JSON object: " + err.Error()}
	}
	m := graph()
	if refusal, isError := answer["error"]; isError && answer["@odata.context"] == nil {
		return m.check(errorType, refusal, "error")
	}
	context, _ := answer["@odata.context"].(string)
	name := typeOf(context)
	if name == "" {
		return []string{fmt.Sprintf("no type is known for the @odata.context %q", context)}
	}
	values, isList := answer["value"].([]any)
	if !isList {
		values = []any{answer}
	}
	var problems []string
	for _, v := range values {
		problems = append(problems, m.check(name, v, strings.TrimPrefix(name, "microsoft.graph."))...)
	}
	return problems
}

// property finds a member of a type or of one of its bases.
func (m *metadata) property(typeName, member string) (property, bool) {
	for name := typeName; name != ""; name = m.Types[name].Base {
		if p, ok := m.Types[name].Properties[member]; ok {
			return p, true
		}
		if p, ok := m.Types[name].Navigation[member]; ok {
			return p, true
		}
	}
	return property{}, false
}

func (m *metadata) check(typeName string, v any, path string) []string {
	o, ok := v.(map[string]any)
	if !ok {
		return []string{fmt.Sprintf("%s is %T, not an object", path, v)}
	}
	if derived, ok := o["@odata.type"].(string); ok {
		typeName = strings.TrimPrefix(derived, "#")
	}
	if _, known := m.Types[typeName]; !known {
		return []string{fmt.Sprintf("%s is of the type %s, which is not known", path, typeName)}
	}
	if slices.Contains(filledByOthers, typeName) {
		return nil
	}
	var problems []string
	for _, member := range slices.Sorted(maps.Keys(o)) {
		if strings.Contains(member, "@odata.") || departs(typeName, member) {
			continue
		}
		p, declared := m.property(typeName, member)
		if !declared {
			problems = append(problems, path+"."+member+" is not declared")
			continue
		}
		problems = append(problems, m.checkProperty(p, o[member], path+"."+member)...)
	}
	return problems
}

// departs says whether the member of a type is in the list of what may depart.
func departs(typeName, member string) bool {
	name := strings.TrimPrefix(typeName, "microsoft.graph.") + "."
	if _, listed := Departures[name+member]; listed {
		return true
	}
	prefix, _, _ := strings.Cut(member, "_")
	_, listed := Departures[name+prefix+"_*"]
	return listed
}

func (m *metadata) checkProperty(p property, value any, path string) []string {
	if value == nil && p.Nullable != nil && !*p.Nullable {
		return []string{path + " is null, which it may not be"}
	}
	if !p.Collection {
		return m.checkValue(p.Type, value, path)
	}
	list, ok := value.([]any)
	if !ok {
		return []string{fmt.Sprintf("%s is %v, not a list", path, value)}
	}
	var problems []string
	for _, e := range list {
		problems = append(problems, m.checkValue(p.Type, e, path+"[]")...)
	}
	return problems
}

func (m *metadata) checkValue(typeName string, value any, path string) []string {
	if value == nil {
		return nil
	}
	if _, isType := m.Types[typeName]; isType {
		return m.check(typeName, value, path)
	}
	ok := primitive(typeName, value)
	if enum, isEnum := m.Enums[typeName]; isEnum {
		// Several flags are written with commas between them.
		s, isText := value.(string)
		ok = isText
		for name := range strings.SplitSeq(s, ",") {
			_, member := enum.Members[strings.TrimSpace(name)]
			ok = ok && member
		}
	}
	if ok {
		return nil
	}
	return []string{fmt.Sprintf("%s is %v, not %s", path, value, typeName)}
}

var (
	guid     = regexp.MustCompile(`^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$`)
	duration = regexp.MustCompile(`^-?P([0-9]+D)?(T([0-9]+H)?([0-9]+M)?([0-9.]+S)?)?$`)
)

// primitive says whether a value has one of OData's own types. Types that are not in the metadata let everything pass.
func primitive(typeName string, value any) bool {
	s, isText := value.(string)
	switch typeName {
	case "Edm.String":
		return isText
	case "Edm.Duration":
		return duration.MatchString(s)
	case "Edm.Guid":
		return guid.MatchString(s)
	case "Edm.Boolean":
		_, isBool := value.(bool)
		return isBool
	case "Edm.Int32", "Edm.Int64":
		n, isNumber := value.(float64)
		return isNumber && n == float64(int64(n))
	case "Edm.DateTimeOffset":
		_, err := time.Parse(time.RFC3339Nano, s)
		return err == nil
	default:
		return true
	}
}
