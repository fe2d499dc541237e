package tenant

import (
	"net/http"
	"strings"

	"github.com/google/uuid"
)

// ApplicationTemplates are the entries of the gallery: the non-gallery application of each cloud.
func ApplicationTemplates() []Object {
	var out []Object
	for _, id := range []string{TemplatePublic, TemplateUSGovernment, TemplateChina} {
		out = append(out, Object{
			"id": id, "displayName": "Custom", "description": "An application of your own", "publisher": "entra-sim", "homePageUrl": nil,
			"logoUrl": nil, "categories": []any{}, "supportedProvisioningTypes": []any{"sync"},
			"supportedSingleSignOnModes": []any{"saml", "external"},
		})
	}
	return out
}

// CreateApplication makes an application without a template and without a service principal. The caller owns it, besides
// the owners that are named.
func (t *Tenant) CreateApplication(properties Object, caller string, owners []string) (Object, error) {
	name, _ := properties["displayName"].(string)
	if strings.TrimSpace(name) == "" {
		return nil, BadRequest("Property 'displayName' is required.")
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	made := newApplication(uuid.NewString(), name, t.domain, "", []any{}, t.clock.Now())
	return t.keep(Application, made, properties, caller, owners)
}

// CreatePrincipal makes the service principal of an application that has none. It is owned as CreateApplication says.
func (t *Tenant) CreatePrincipal(properties Object, caller string, owners []string) (Object, error) {
	appID, _ := properties["appId"].(string)
	t.mu.Lock()
	defer t.mu.Unlock()
	application := t.find(Application, "appId="+appID)
	if application == nil || !t.readable(application.created) {
		return nil, BadRequest("The appId '%s' of the service principal does not reference a valid application object.", appID)
	}
	if t.find(ServicePrincipal, "appId="+appID) != nil {
		return nil, &Error{http.StatusConflict, "Request_MultipleObjectsWithSameKeyValue",
			"The service principal cannot be created, because the service principal name " + appID + " is already in use."}
	}
	name, _ := application.value["displayName"].(string)
	roles, _ := application.value["appRoles"].([]any)
	made := newPrincipal(appID, name, t.id, "", roles)
	return t.keep(ServicePrincipal, made, properties, caller, owners)
}

// keep stores a new object with the properties and owners that the caller gave, and the caller as owner.
func (t *Tenant) keep(kind string, made, properties Object, caller string, owners []string) (Object, error) {
	if err := t.checkOwners(owners); err != nil {
		return nil, err
	}
	for name, value := range properties {
		current, known := made[name]
		if strings.HasPrefix(name, "@odata.") {
			continue
		}
		if !known || readOnly(name) && name != "appId" && value != current {
			return nil, BadRequest("Invalid property '%s'.", name)
		}
		if name == "appRoles" {
			if err := checkRoles(nil, value); err != nil {
				return nil, err
			}
		}
		if name != "appId" {
			made[name] = laidOver(current, clone(Object{"v": value})["v"])
		}
	}
	rec := t.objects(kind).add(made["id"].(string), made, t.clock.Now(), t.touch())
	rec.creator = caller
	if caller != "" {
		rec.owners = []string{caller}
	}
	rec.owners = append(rec.owners, without(owners, caller)...)
	return clone(made), nil
}

// PrincipalOf is the object ID of the service principal of an application, which is named by object ID or appId=<guid>.
func (t *Tenant) PrincipalOf(application string) (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	rec, err := t.findReadable(Application, application)
	if err != nil {
		return "", err
	}
	sp := t.find(ServicePrincipal, "appId="+rec.value["appId"].(string))
	if sp == nil {
		return "", NotFound(application)
	}
	return sp.id, nil
}

// DirectoryObject returns an object of any kind with its type.
func (t *Tenant) DirectoryObject(id string) (Object, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.settle()
	if o := t.typed(id); o != nil {
		return o, nil
	}
	if app := t.applications.live(id); app != nil && t.readable(app.created) {
		o := clone(app.value)
		o["@odata.type"] = "#microsoft.graph.application"
		return o, nil
	}
	return nil, NotFound(id)
}

// PrincipalID is the object ID of a user, group or service principal that can hold an assignment; empty when there is none.
func (t *Tenant) PrincipalID(key string) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if user := t.findUser(key); user != nil {
		return user.id
	}
	if group := t.groups.live(key); group != nil {
		return group.id
	}
	if sp := t.find(ServicePrincipal, key); sp != nil {
		return sp.id
	}
	return ""
}

// Size is the number of people, by which the limits of the directory go.
func (t *Tenant) Size() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.users.order)
}
