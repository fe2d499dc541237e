package conformance

import (
	"net/http"
	"strings"
)

var groupScenarios = []scenario{
	{"Get group by id excluding members", required, func(p *probe) {
		group := p.groupWith(p.user())
		got := p.send(http.MethodGet, groupPath(group)+"?excludedAttributes=members", nil, http.StatusOK).Document()
		p.expect(got, group["displayName"], "displayName")
		p.expectGone(got, "members")
	}},
	{"Filter for existing group excluding members", required, func(p *probe) {
		group := p.groupWith(p.user())
		p.expectGone(p.finds(group, "/Groups", byName(group), "excludedAttributes", "members"), "members")
	}},
	{"Filter for an existing group", required, func(p *probe) {
		group := p.group()
		p.finds(group, "/Groups", byName(group))
	}},
	{"Filter for a non-existing group", required, func(p *probe) {
		if found := p.search("/Groups", `displayName eq "`+word()+`"`); len(found) > 0 {
			p.Errorf("it finds %s", text(found))
		}
	}},
	{"Filter for an existing group with a different case", required, func(p *probe) {
		group := p.group()
		p.finds(group, "/Groups", `displayName eq "`+strings.ToLower(group["displayName"].(string))+`"`)
	}},
	{"Create a new Group", required, func(p *probe) {
		sent := newGroup()
		created := p.make("/Groups", sent)
		p.expect(created, sent["displayName"], "displayName")
		p.expect(created, sent["externalId"], "externalId")
		p.expect(created, "Group", "meta", "resourceType")
	}},
	{"Create a duplicate Group", required, func(p *probe) {
		sent := newGroup()
		p.make("/Groups", sent)
		p.refused(http.MethodPost, "/Groups", sent, http.StatusConflict)
	}},
	{"Patch Group - Replace Attributes", required, func(p *probe) {
		id := word()
		p.expect(p.patch(groupPath(p.group()), object{"op": "replace", "value": object{"externalId": id}}), id, "externalId")
	}},
	{"Update Group displayName", required, func(p *probe) {
		name := word()
		p.expect(p.patch(groupPath(p.group()), object{"op": "replace", "value": object{"displayName": name}}), name, "displayName")
	}},
	{"Patch Group - Add Member", required, func(p *probe) {
		user := p.user()
		p.expectMembers(p.groupWith(user), user)
	}},
	{"Patch Group - Remove Member", required, func(p *probe) {
		leaves, stays := p.user(), p.user()
		group := p.groupWith(leaves, stays)
		after := p.patch(groupPath(group), object{"op": "remove", "path": `members[value eq "` + leaves["id"].(string) + `"]`})
		p.expectMembers(after, stays)
	}},
	{"Patch Group - Multiple Operations on same attribute", preview, func(p *probe) {
		user := p.user()
		after := p.patch(groupPath(p.group()),
			object{"op": "add", "path": "members", "value": []object{{"value": user["id"]}}},
			object{"op": "remove", "path": `members[value eq "` + user["id"].(string) + `"]`})
		p.expectMembers(after)
	}},
}

var deleteScenarios = []scenario{
	{"Delete a User", required, func(p *probe) { p.deleted(userPath(p.user())) }},
	{"Delete a Group", required, func(p *probe) { p.deleted(groupPath(p.group())) }},
	{"Delete a non-existent User", preview, func(p *probe) { p.refused(http.MethodDelete, "/Users/"+nobody, nil, http.StatusNotFound) }},
	{"Delete a non-existent Group", preview, func(p *probe) { p.refused(http.MethodDelete, "/Groups/"+nobody, nil, http.StatusNotFound) }},
	{"Delete the same User twice", preview, func(p *probe) {
		path := userPath(p.user())
		p.deleted(path)
		p.refused(http.MethodDelete, path, nil, http.StatusNotFound)
	}},
	{"Delete the same Group twice", preview, func(p *probe) {
		path := groupPath(p.group())
		p.deleted(path)
		p.refused(http.MethodDelete, path, nil, http.StatusNotFound)
	}},
}

func groupPath(group object) string { return "/Groups/" + group["id"].(string) }

func byName(group object) string { return `displayName eq "` + group["displayName"].(string) + `"` }

// groupWith makes a group and gives it members as the validator does, by a replace.
func (p *probe) groupWith(users ...object) object {
	p.Helper()
	members := make([]object, 0, len(users))
	for _, user := range users {
		members = append(members, object{"value": user["id"]})
	}
	return p.patch(groupPath(p.group()), object{"op": "replace", "path": "members", "value": members})
}

func (p *probe) expectMembers(group object, users ...object) {
	p.Helper()
	members, _ := group["members"].([]any)
	for _, user := range users {
		p.expect(group, user["id"], "members", "value="+user["id"].(string), "value")
	}
	if len(members) != len(users) {
		p.Errorf("the group has %d members, want %d: %s", len(members), len(users), text(members))
	}
}

func (p *probe) deleted(path string) {
	p.Helper()
	p.send(http.MethodDelete, path, nil, http.StatusNoContent)
	p.refused(http.MethodGet, path, nil, http.StatusNotFound)
}
