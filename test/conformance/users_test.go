package conformance

import (
	"net/http"
	"strings"
)

var userScenarios = []scenario{
	{"Create a new User", required, func(p *probe) {
		sent := fullUser()
		created := p.make("/Users", sent)
		for _, name := range []string{"userName", "displayName", "title", "externalId", "name", "emails", "addresses", "phoneNumbers"} {
			p.expect(created, sent[name], name)
		}
		p.expect(created, true, "active")
		p.expect(created, true, "roles", "primary=true", "primary")
		p.expect(created, "User", "meta", "resourceType")
		p.finds(created, "/Users", `userName eq "`+sent["userName"].(string)+`"`)
	}},
	{"Create a duplicate User", required, func(p *probe) {
		p.refused(http.MethodPost, "/Users", object{"schemas": []string{coreUser}, "userName": p.user()["userName"]}, http.StatusConflict)
	}},
	{"Filter for an existing user", required, func(p *probe) {
		user := p.user()
		p.finds(user, "/Users", `userName eq "`+user["userName"].(string)+`"`)
	}},
	{"Filter for a non-existing user", required, func(p *probe) {
		if found := p.search("/Users", `userName eq "`+word()+`"`); len(found) > 0 {
			p.Errorf("it finds %s", text(found))
		}
	}},
	{"Filter for an existing user with a different case", required, func(p *probe) {
		user := p.user()
		p.finds(user, "/Users", `userName eq "`+strings.ToLower(user["userName"].(string))+`"`)
	}},
	{"Patch User - Replace Attributes Verbose Request", required, func(p *probe) {
		p.changeEveryAttribute(p.user(), "replace")
	}},
	{"Update User userName", required, func(p *probe) {
		name := word() + "@example.com"
		after := p.patch(userPath(p.user()), object{"op": "replace", "value": object{"userName": name}})
		p.expect(after, name, "userName")
		p.finds(after, "/Users", `userName eq "`+name+`"`)
	}},
	{"Patch User - Disable User", required, func(p *probe) {
		after := p.patch(userPath(p.user()), object{"op": "replace", "path": "active", "value": false})
		p.expect(after, false, "active")
		p.expect(p.finds(after, "/Users", `userName eq "`+after["userName"].(string)+`"`), false, "active")
	}},
	{"Patch User - Add Attributes Verbose Request", required, func(p *probe) {
		p.changeEveryAttribute(p.make("/Users", bareUser()), "add")
	}},
	{"Patch User - Add Manager", required, func(p *probe) {
		boss := p.user()["id"]
		after := p.patch(userPath(p.make("/Users", bareUser())), object{"op": "add", "path": manager, "value": object{"value": boss}})
		p.expect(after, boss, enterprise, "manager", "value")
	}},
	{"Patch User - Replace Manager", required, func(p *probe) {
		boss := p.user()["id"]
		after := p.patch(userPath(p.user()), object{"op": "replace", "path": manager, "value": object{"value": boss}})
		p.expect(after, boss, enterprise, "manager", "value")
	}},
	{"Patch User - Remove Manager", required, func(p *probe) {
		after := p.patch(userPath(p.user()), object{"op": "replace", "path": manager, "value": object{"value": ""}})
		p.expectGone(after, enterprise, "manager", "value")
	}},
	{"Patch User - Multiple Operations on different attributes", preview, func(p *probe) {
		after := p.patch(userPath(p.user()),
			object{"op": "add", "path": "displayName", "value": "added"},
			object{"op": "replace", "path": "title", "value": "replaced"},
			object{"op": "remove", "path": "preferredLanguage"})
		p.expect(after, "added", "displayName")
		p.expect(after, "replaced", "title")
		p.expectGone(after, "preferredLanguage")
	}},
	{"Patch User - Multiple Operations on same attribute", preview, func(p *probe) {
		after := p.patch(userPath(p.user()),
			object{"op": "remove", "path": "displayName"},
			object{"op": "add", "path": "displayName", "value": "added"},
			object{"op": "replace", "path": "displayName", "value": "replaced"})
		p.expect(after, "replaced", "displayName")
	}},
}

func userPath(user object) string { return "/Users/" + user["id"].(string) }

// changeEveryAttribute sets the 36 attributes with one operation each, in one request.
func (p *probe) changeEveryAttribute(user object, op string) {
	changes := everyAttribute()
	if len(changes) != 36 {
		p.Fatalf("%d attributes, the validator sets 36", len(changes))
	}
	after := p.patch(userPath(user), operations(op, changes)...)
	for _, c := range changes {
		p.expect(after, c.value, c.read...)
	}
}
