package evaluate

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/scim-operator/scim-operator/internal/mapping"
	"github.com/scim-operator/scim-operator/internal/mapping/expr"
	"github.com/scim-operator/scim-operator/internal/nearest"
)

// Subject is a user or a group as the provisioning service sees it.
type Subject struct {
	// Attributes are the source attributes that have a value, under the service's own names.
	Attributes map[string]expr.Value
	// Roles are the app roles that the assignments of the object give, its groups' included.
	Roles []Role
	// Unassigned says that it is known not to be assigned to the app.
	Unassigned bool
	// Deleted says that it is in Entra's recycle bin.
	Deleted bool
}

// Role is an app role of the application.
type Role struct {
	ID      string `json:"id,omitempty"`
	Value   string `json:"value"`
	Display string `json:"displayName,omitempty"`
}

// NewRole makes a role of which the value or the name may be missing. That a role without a value, as the template's own role User, sends
// its name instead is unconfirmed.
func NewRole(id, value, display string) Role {
	return Role{ID: id, Value: cmp.Or(value, display), Display: cmp.Or(display, value)}
}

// Name tells a reader who or what it is.
func (s Subject) Name() string {
	for _, name := range []string{"userPrincipalName", "displayName", "objectId"} {
		if value := s.Attributes[name].Single(); value != "" {
			return value
		}
	}
	return "somebody without a name"
}

// serviceNames are what the provisioning service calls properties of Microsoft Graph that it does not name as Graph does.
var serviceNames = map[string]string{
	"id": "objectId", "mobilePhone": "mobile", "businessPhones": "telephoneNumber", "faxNumber": "facsimileTelephoneNumber",
	"officeLocation": "physicalDeliveryOfficeName", "onPremisesSyncEnabled": "dirSyncEnabled", "onPremisesImmutableId": "immutableId",
}

// The members of a subject's JSON that are no attributes of their own.
const (
	extensionAttributes = "onPremisesExtensionAttributes"
	deletedDateTime     = "deletedDateTime"
	appRoleAssignments  = "appRoleAssignments"
)

// isSoftDeleted is the attribute that the engine computes: its verdict.
const isSoftDeleted = "IsSoftDeleted"

// always are the properties that a verdict or a name needs, whatever the mapping reads, beside the id, which Graph always gives.
var always = map[mapping.Object][]string{
	mapping.User:  {"displayName", "userPrincipalName", "accountEnabled"},
	mapping.Group: {"displayName"},
}

// GraphProperties are the properties of Microsoft Graph to select, so that ReadSubject finds the source attributes. What the service
// computes by itself and references to other objects are none.
func GraphProperties(object mapping.Object, sources []string) []string {
	names := slices.Clone(always[object])
	for _, source := range sources {
		if name := graphProperty(source); name != "" && name != "id" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func graphProperty(source string) string {
	switch source {
	case isSoftDeleted, appRoleAssignments, "originalUserPrincipalName", "manager", "members":
		return ""
	}
	if strings.HasPrefix(source, "extensionAttribute") {
		return extensionAttributes
	}
	for graph, service := range serviceNames {
		if service == source {
			return graph
		}
	}
	return source
}

// ReadSubject reads the JSON of a user or group whose members have Microsoft Graph's names or the service's own; each may have either.
// appRoleAssignments is a list of role values, or of objects with value, displayName and id. All that is wrong is reported at once.
func (m *ObjectMapping) ReadSubject(raw []byte) (Subject, error) {
	var members map[string]any
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	if err := decoder.Decode(&members); err != nil {
		return Subject{}, fmt.Errorf("reading the %s: %w", strings.ToLower(string(m.Object)), err)
	}
	r := reader{known: m.sources, read: map[string]string{}, subject: Subject{Attributes: map[string]expr.Value{}}}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		if !strings.Contains(name, "@odata.") {
			r.member(name, members[name])
		}
	}
	if m.Object == mapping.User {
		r.guest()
	}
	return r.subject, errors.Join(r.errs...)
}

// reader takes the members of a subject's JSON one by one.
type reader struct {
	known   []string
	read    map[string]string // by the service's name, the name in the JSON
	subject Subject
	errs    []error
}

func (r *reader) bad(format string, args ...any) {
	r.errs = append(r.errs, fmt.Errorf(format, args...))
}

func (r *reader) member(name string, value any) {
	switch name {
	case deletedDateTime:
		r.subject.Deleted = value != nil
		return
	case appRoleAssignments:
		r.roles(value)
		return
	case extensionAttributes:
		inner, ok := value.(map[string]any)
		if !ok && value != nil {
			r.bad("%s must be an object", name)
		}
		for _, key := range slices.Sorted(maps.Keys(inner)) {
			r.member(key, inner[key])
		}
		return
	}
	attribute := name
	if service, renamed := serviceNames[name]; renamed {
		attribute = service
	}
	if !slices.Contains(r.known, attribute) && !strings.HasPrefix(attribute, "extension_") {
		r.unknown(name)
		return
	}
	if other, twice := r.read[attribute]; twice {
		r.bad("%s and %s are the same attribute; keep one of them", other, name)
		return
	}
	r.read[attribute] = name
	parsed, err := parseValue(value, name == "businessPhones")
	if err != nil {
		r.bad("%s %w", name, err)
		return
	}
	if !parsed.IsNull() {
		r.subject.Attributes[attribute] = parsed
	}
}

func (r *reader) unknown(name string) {
	known := slices.Concat(r.known, slices.Sorted(maps.Keys(serviceNames)), []string{extensionAttributes, deletedDateTime})
	if near, ok := nearest.Name(name, known); ok {
		r.bad("%s is no attribute that is provisioned; did you mean %s? Case counts", name, near)
		return
	}
	r.bad("%s is no attribute that is provisioned; leave it out", name)
}

// parseValue reads a JSON value. Graph has no empty texts: what is empty is null there. Of businessPhones only the first counts. A reference, as Graph expands manager, is the object's ID.
func parseValue(value any, first bool) (expr.Value, error) {
	switch v := value.(type) {
	case nil:
		return expr.Null(), nil
	case string:
		if v == "" {
			return expr.Null(), nil
		}
		return expr.String(v), nil
	case bool:
		if v {
			return expr.String("True"), nil
		}
		return expr.String("False"), nil
	case json.Number:
		return expr.String(v.String()), nil
	case map[string]any:
		if id, ok := v["id"].(string); ok {
			return expr.String(id), nil
		}
	case []any:
		return parseList(v, first)
	}
	return expr.Null(), errors.New("must be a text, a number, true, false, null, a list of texts, or an object with an id")
}

func parseList(list []any, first bool) (expr.Value, error) {
	var texts []string
	for _, element := range list {
		value, err := parseValue(element, false)
		if err != nil {
			return expr.Null(), err
		}
		texts = append(texts, value.Values()...)
	}
	if first && len(texts) > 1 {
		texts = texts[:1]
	}
	return expr.Strings(texts), nil
}

func (r *reader) roles(value any) {
	list, ok := value.([]any)
	if !ok && value != nil {
		r.bad("%s must be a list of role values", appRoleAssignments)
	}
	for _, element := range list {
		switch role := element.(type) {
		case string:
			r.subject.Roles = append(r.subject.Roles, Role{Value: role, Display: role})
		case map[string]any:
			r.role(role)
		default:
			r.bad("%s: a role is its value, or an object with value and displayName", appRoleAssignments)
		}
	}
}

func (r *reader) role(members map[string]any) {
	id, _ := members["id"].(string)
	value, _ := members["value"].(string)
	display, _ := members["displayName"].(string)
	if value == "" && display == "" {
		r.bad("%s: a role without value and displayName", appRoleAssignments)
		return
	}
	r.subject.Roles = append(r.subject.Roles, NewRole(id, value, display))
}

// guest takes the mark and the tenant's domain off a guest's name, as the service does. What exactly is left is unconfirmed.
func (r *reader) guest() {
	upn := r.subject.Attributes["userPrincipalName"]
	stripped, _, isGuest := strings.Cut(upn.Single(), "#EXT#")
	if _, given := r.subject.Attributes["originalUserPrincipalName"]; !given && !upn.IsNull() {
		r.subject.Attributes["originalUserPrincipalName"] = upn
	}
	if isGuest {
		r.subject.Attributes["userPrincipalName"] = expr.String(stripped)
	}
}
