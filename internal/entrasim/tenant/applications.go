package tenant

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/scim-operator/scim-operator/internal/entrasim/syncschema"
)

// Kinds of directory objects.
const (
	Application      = "application"
	ServicePrincipal = "servicePrincipal"
	User             = "user"
	Group            = "group"
)

// mirror is a change of an application's roles that has not reached the service principal yet.
type mirror struct {
	principal string
	roles     any
	due       time.Time
}

// settle carries over the role changes that are due. The lock is held by the caller.
func (t *Tenant) settle() {
	now := t.clock.Now()
	t.mirrors = slices.DeleteFunc(t.mirrors, func(m mirror) bool {
		if now.Before(m.due) {
			return false
		}
		if rec := t.principals.byID[m.principal]; rec != nil {
			rec.value["appRoles"] = m.roles
			t.noteHolders(m.principal)
		}
		return true
	})
}

func (t *Tenant) objects(kind string) *registry[Object] {
	if kind == Application {
		return &t.applications
	}
	return &t.principals
}

// find resolves an object ID, or the alternate key written as appId=<guid>.
func (t *Tenant) find(kind, key string) *record[Object] {
	appID, byAppID := strings.CutPrefix(key, "appId=")
	if !byAppID {
		return t.objects(kind).live(key)
	}
	var found *record[Object]
	t.objects(kind).each(false, func(rec *record[Object]) {
		if rec.value["appId"] == appID {
			found = rec
		}
	})
	return found
}

func (t *Tenant) findReadable(kind, key string) (*record[Object], error) {
	t.settle()
	rec := t.find(kind, key)
	if rec == nil || !t.readable(rec.created) {
		return nil, NotFound(strings.TrimPrefix(key, "appId="))
	}
	return rec, nil
}

// Instantiate makes an application and its service principal from the non-gallery template. The caller's service
// principal becomes owner of both unless a switch says otherwise.
func (t *Tenant) Instantiate(template, displayName, managementReference, caller string) (application, principal Object, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if template != TemplatePublic && template != TemplateUSGovernment && template != TemplateChina {
		return nil, nil, NotFound(template)
	}
	if strings.TrimSpace(displayName) == "" {
		return nil, nil, BadRequest("Property 'displayName' is required.")
	}
	now := t.clock.Now()
	appID := uuid.NewString()
	roles := []any{appRole("User"), appRole("msiam_access")}
	application = newApplication(appID, displayName, t.domain, template, roles, now)
	application["serviceManagementReference"] = orNull(managementReference)
	application["web"].(Object)["homePageUrl"] =
		"https://account.activedirectory.windowsazure.com:444/applications/default.aspx?metadata=customappsso|ISV9.1|primary|z"
	principal = newPrincipal(appID, displayName, t.id, template, roles)
	tags := []any{"WindowsAzureActiveDirectoryIntegratedApp", "WindowsAzureActiveDirectoryCustomSingleSignOnApplication"}
	if t.options.OneTag {
		tags = tags[:1]
	}
	principal["tags"] = tags
	t.addApplication(application, principal, now, caller)
	return clone(application), clone(principal), nil
}

func (t *Tenant) addApplication(application, principal Object, now time.Time, caller string) {
	app := t.applications.add(application["id"].(string), application, now, t.touch())
	sp := t.principals.add(principal["id"].(string), principal, now, t.touch())
	app.creator, sp.creator = caller, caller
	if caller != "" && !t.options.InstantiateOmitsOwner {
		app.owners, sp.owners = []string{caller}, []string{caller}
	}
}

func clone(o Object) Object { return syncschema.Clone(o) }

// GetObject returns an application or service principal by object ID or by appId=<guid>.
func (t *Tenant) GetObject(kind, key string) (Object, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	rec, err := t.findReadable(kind, key)
	if err != nil {
		return nil, err
	}
	return clone(rec.value), nil
}

// ListObjects returns the applications or service principals that lists show already. Fresh shows all of them.
func (t *Tenant) ListObjects(kind string, fresh bool) []Object {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.settle()
	var out []Object
	t.objects(kind).each(false, func(rec *record[Object]) {
		if fresh || t.listed(rec.created) {
			out = append(out, clone(rec.value))
		}
	})
	return out
}

// PatchObject changes the named properties of an application or service principal.
func (t *Tenant) PatchObject(kind, key string, patch Object) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	rec, err := t.findReadable(kind, key)
	if err != nil {
		return err
	}
	for name, value := range patch {
		if strings.HasPrefix(name, "@odata.") {
			continue
		}
		current, known := rec.value[name]
		switch {
		case !known:
			return BadRequest("Invalid property '%s'.", name)
		case readOnly(name) && value != current:
			return BadRequest("Property '%s' is read-only and cannot be set.", name)
		case name == "appRoles":
			if err := checkRoles(current, value); err != nil {
				return err
			}
		}
	}
	for name, value := range clone(patch) {
		if !strings.HasPrefix(name, "@odata.") {
			rec.value[name] = laidOver(rec.value[name], value)
		}
	}
	rec.change = t.touch()
	if _, roles := patch["appRoles"]; roles && kind == ServicePrincipal {
		t.noteHolders(rec.id)
	}
	if kind == Application {
		t.followApplication(rec.value, patch)
	}
	return nil
}

// laidOver is a property after a write. Members of one that has members stay as they are when the write leaves them out.
func laidOver(current, value any) any {
	before, has := current.(Object)
	after, given := value.(Object)
	if !has || !given {
		return value
	}
	merged := clone(before)
	for name, member := range after {
		merged[name] = laidOver(before[name], member)
	}
	return merged
}

// readOnly properties are given by the directory.
func readOnly(name string) bool {
	return slices.Contains([]string{"id", "appId", "applicationTemplateId", "createdDateTime", "deletedDateTime"}, name)
}

// followApplication carries changes of an application over to its service principal: roles after the replication lag.
func (t *Tenant) followApplication(application, patch Object) {
	sp := t.find(ServicePrincipal, "appId="+application["appId"].(string))
	if sp == nil {
		return
	}
	if roles, changed := patch["appRoles"]; changed {
		roles = clone(Object{"r": roles})["r"]
		t.mirrors = append(t.mirrors, mirror{sp.id, roles, t.clock.Now().Add(t.options.ReplicationLag)})
	}
	if name, changed := patch["displayName"]; changed {
		sp.value["appDisplayName"] = name
		if t.options.NameFollows {
			sp.value["displayName"] = name
		}
	}
	t.settle()
}

// checkRoles applies the rules of an application's role list: values are unique and have no spaces, and a role has to be
// disabled before it may go.
func checkRoles(before, after any) error {
	roles, ok := after.([]any)
	if !ok {
		return BadRequest("Property 'appRoles' has to be a list.")
	}
	kept, values := map[any]bool{}, map[string]bool{}
	for _, r := range roles {
		role, _ := r.(map[string]any)
		id, _ := role["id"].(string)
		if _, err := uuid.Parse(id); err != nil || kept[id] {
			return BadRequest("Property 'appRoles' has an entry without a valid, unique id.")
		}
		kept[id] = true
		value, _ := role["value"].(string)
		if strings.ContainsAny(value, " \t\n") {
			return BadRequest("The value '%s' of an appRole contains spaces.", value)
		}
		if value != "" && values[value] {
			return BadRequest("Property value '%s' is used by more than one appRole.", value)
		}
		values[value] = true
		for _, member := range []string{"displayName", "description", "isEnabled", "allowedMemberTypes"} {
			if role[member] == nil {
				return BadRequest("An appRole has no '%s'.", member)
			}
		}
	}
	previous, _ := before.([]any)
	for _, r := range previous {
		if role, _ := r.(map[string]any); !kept[role["id"]] && role["isEnabled"] == true {
			return &Error{http.StatusBadRequest, "CannotDeleteOrUpdateEnabledEntitlement",
				"Permission (scope or role) cannot be deleted or updated unless disabled first."}
		}
	}
	return nil
}
