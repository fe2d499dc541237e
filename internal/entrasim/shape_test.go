package entrasim_test

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// graphTypes is the published metadata of Microsoft Graph; nil unless GRAPH_TYPES names its file.
var graphTypes = sync.OnceValue(func() *metadata {
	file := os.Getenv("GRAPH_TYPES")
	if file == "" {
		return nil
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		panic(err)
	}
	m := &metadata{}
	if err := json.Unmarshal(raw, m); err != nil {
		panic(err)
	}
	return m
})

type metadata struct {
	Types map[string]struct {
		Base       string
		Properties map[string]property
		Navigation map[string]property
	}
	Enums map[string]struct {
		Flags   bool
		Members map[string]int
	}
}

type property struct {
	Type       string
	Collection bool
}

// departures are the members and values that are not in the metadata, with the reason. The real service departs too.
var departures = map[string]string{
	"objectMapping.syntheticUnknownMember": "stands for members that the metadata does not have, so that clients which drop them are found out",
	"objectDefinitionMetadataEntry.key":    "the real service has keys that the enum does not",
	"objectMappingMetadataEntry.key":       "the real service has keys that the enum does not",
	"synchronizationMetadataEntry.key":     "the real service sends keys in camel case and ones that the enum does not have",
}

// open types are defined by whoever fills them.
var openTypes = []string{"microsoft.graph.detailsInfo"}

// contexts tell the type of an answer from its @odata.context.
var contexts = []struct {
	fragment *regexp.Regexp
	name     string
}{
	{regexp.MustCompile(`#users(/\$entity)?$`), "user"},
	{regexp.MustCompile(`#groups(/\$entity)?$`), "group"},
	{regexp.MustCompile(`#applications(/\$entity)?$`), "application"},
	{regexp.MustCompile(`#servicePrincipals(/\$entity)?$`), "servicePrincipal"},
	{regexp.MustCompile(`#appRoleAssignments(/\$entity)?$`), "appRoleAssignment"},
	{regexp.MustCompile(`applicationServicePrincipal$`), "applicationServicePrincipal"},
	{regexp.MustCompile(`synchronization/templates(/\$entity)?$`), "synchronizationTemplate"},
	{regexp.MustCompile(`synchronization/jobs(/\$entity)?$`), "synchronizationJob"},
	{regexp.MustCompile(`/schema/\$entity$`), "synchronizationSchema"},
	{regexp.MustCompile(`synchronization/secrets$`), "synchronizationSecretKeyStringValuePair"},
	{regexp.MustCompile(`auditLogs/provisioning$`), "provisioningObjectSummary"},
}

// checkShape holds an answer of Graph against the metadata.
func checkShape(t *testing.T, body map[string]any) {
	t.Helper()
	m := graphTypes()
	context, _ := body["@odata.context"].(string)
	if m == nil || context == "" {
		return
	}
	for _, c := range contexts {
		if !c.fragment.MatchString(context) {
			continue
		}
		values, isList := body["value"].([]any)
		if !isList {
			values = []any{body}
		}
		for _, v := range values {
			for _, problem := range m.check("microsoft.graph."+c.name, v, c.name) {
				t.Errorf("shape of an answer with context %s: %s", context, problem)
			}
		}
		return
	}
	if !strings.Contains(context, "directoryObjects") && !strings.Contains(context, "Schema)") && !strings.Contains(context, "parseExpression") {
		t.Errorf("no type is known for the context %s", context)
	}
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
	short := strings.TrimPrefix(typeName, "microsoft.graph.")
	var problems []string
	for member, value := range o {
		if strings.Contains(member, "@odata.") || departures[short+"."+member] != "" || slices.Contains(openTypes, typeName) {
			continue
		}
		p, declared := m.property(typeName, member)
		if !declared {
			problems = append(problems, path+"."+member+" is not declared")
			continue
		}
		problems = append(problems, m.checkProperty(p, value, path+"."+member)...)
	}
	return problems
}

func (m *metadata) checkProperty(p property, value any, path string) []string {
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
	wrong := []string{fmt.Sprintf("%s is %v, not %s", path, value, typeName)}
	if enum, isEnum := m.Enums[typeName]; isEnum {
		s, _ := value.(string)
		for name := range strings.SplitSeq(s, ",") {
			if _, member := enum.Members[strings.TrimSpace(name)]; !member {
				return wrong
			}
		}
		return nil
	}
	if _, isType := m.Types[typeName]; isType {
		return m.check(typeName, value, path)
	}
	ok := true
	switch typeName {
	case "Edm.String", "Edm.Duration":
		_, ok = value.(string)
	case "Edm.Guid":
		s, _ := value.(string)
		ok = regexp.MustCompile(`^[0-9a-f-]{36}$`).MatchString(s)
	case "Edm.Boolean":
		_, ok = value.(bool)
	case "Edm.Int32", "Edm.Int64":
		n, isNumber := value.(float64)
		ok = isNumber && n == float64(int64(n))
	case "Edm.DateTimeOffset":
		s, _ := value.(string)
		_, err := time.Parse(time.RFC3339Nano, s)
		ok = err == nil
	}
	if ok {
		return nil
	}
	return wrong
}

// TestShapeCheckFinds proves that the check can fail.
func TestShapeCheckFinds(t *testing.T) {
	m := graphTypes()
	if m == nil {
		t.Skip("GRAPH_TYPES does not name the metadata file")
	}
	for name, o := range map[string]object{
		"an unknown member": {"displayName2": "x"},
		"a wrong primitive": {"accountEnabled": "yes"},
		"a wrong list":      {"businessPhones": "1"},
	} {
		t.Run(name, func(t *testing.T) {
			if problems := m.check("microsoft.graph.user", o, "user"); len(problems) != 1 {
				t.Errorf("problems %v, want one", problems)
			}
		})
	}
	if problems := m.check("microsoft.graph.synchronizationSchedule", object{"state": "Sleeping"}, "schedule"); len(problems) != 1 {
		t.Errorf("problems %v, want one about the enum", problems)
	}
}

// TestShapeOfEveryObject asks for one of everything; with GRAPH_TYPES set every other test checks its answers as well.
func TestShapeOfEveryObject(t *testing.T) {
	if graphTypes() == nil {
		t.Skip("GRAPH_TYPES does not name the metadata file")
	}
	w := startWire(t)
	l := running(t, w, "")
	for _, path := range []string{"/users?$select=" + strings.Join([]string{"id", "accountEnabled", "userType", "onPremisesExtensionAttributes",
		"createdDateTime", "proxyAddresses", "faxNumber", "employeeId"}, ","), "/groups", "/applications", "/servicePrincipals",
		"/servicePrincipals/" + l.sp + "/appRoleAssignedTo", l.sync("/templates"), l.sync("/templates/scim/schema"), l.sync("/jobs"),
		l.sync("/secrets"), l.jobPath("/schema"), "/auditLogs/provisioning", "/groups/" + staff + "/members",
		"/applications/" + l.app + "/owners"} {
		l.want(200, "GET", path, nil)
	}
}
