package conformance

import (
	"encoding/json"
	"net/http"
	"net/url"
)

var galleryScenarios = []scenario{
	{"SCIM_Schema_Discoverability_Test", gallery, func(p *probe) {
		var list struct {
			Resources []struct {
				ID         string   `json:"id"`
				Attributes []object `json:"attributes"`
			} `json:"Resources"`
		}
		answer := p.send(http.MethodGet, "/Schemas", nil, http.StatusOK)
		if err := json.Unmarshal(answer.Body, &list); err != nil {
			p.Fatalf("%v in %s", err, answer)
		}
		attributes := map[string]int{}
		for _, schema := range list.Resources {
			attributes[schema.ID] = len(schema.Attributes)
		}
		for _, urn := range []string{coreUser, coreGroup, enterprise} {
			if attributes[urn] == 0 {
				p.Errorf("/Schemas lacks %s, or its attributes", urn)
			}
		}
	}},
	{"SCIM_Null_Update_Test", gallery, func(p *probe) {
		for _, nothing := range []any{"", nil} {
			user := p.user()
			var list []object
			optional := []string{"displayName", "title", "preferredLanguage", "userType", "nickName", "name.givenName", enterprise + ":department"}
			for _, path := range optional {
				list = append(list, object{"op": "replace", "path": path, "value": nothing})
			}
			after := p.patch(userPath(user), list...)
			for _, name := range optional[:5] {
				p.expectGone(after, name)
			}
			p.expectGone(after, "name", "givenName")
			p.expectGone(after, enterprise, "department")
		}
	}},
	{"SCIM_Update_Manager_Test", gallery, func(p *probe) {
		user, first, second := p.make("/Users", bareUser()), p.user()["id"], p.user()["id"]
		p.expect(p.patch(userPath(user), object{"op": "add", "path": manager, "value": first}), first, enterprise, "manager", "value")
		p.expect(p.patch(userPath(user), object{"op": "replace", "path": manager, "value": second}), second, enterprise, "manager", "value")
		p.expectGone(p.patch(userPath(user), object{"op": "remove", "path": manager}), enterprise, "manager", "value")
	}},
	{"SCIM_User_Pagination_Test", gallery, func(p *probe) { p.walk("/Users", p.user) }},
	{"SCIM_Group_Pagination_Test", gallery, func(p *probe) { p.walk("/Groups", p.group) }},
}

// walk makes 11 resources, so that three pages of five are needed, and finds each on exactly one page.
func (p *probe) walk(endpoint string, one func() object) {
	const count = 5
	seen := map[any]int{}
	for range 11 {
		seen[one()["id"]] = 0
	}
	for start, total := 1, 1; start <= total; start += count {
		query := url.Values{"startIndex": {itoa(start)}, "count": {itoa(count)}}
		answer := p.send(http.MethodGet, endpoint+"?"+query.Encode(), nil, http.StatusOK)
		var page struct {
			TotalResults, StartIndex, ItemsPerPage int
			Resources                              []object
		}
		if err := json.Unmarshal(answer.Body, &page); err != nil {
			p.Fatalf("%v in %s", err, answer)
		}
		if page.StartIndex != start || page.ItemsPerPage != len(page.Resources) || len(page.Resources) > count {
			p.Errorf("the page from %d says startIndex %d, itemsPerPage %d and has %d", start, page.StartIndex, page.ItemsPerPage, len(page.Resources))
		}
		for _, resource := range page.Resources {
			if _, ours := seen[resource["id"]]; ours {
				seen[resource["id"]]++
			}
		}
		total = page.TotalResults
	}
	for id, times := range seen {
		if times != 1 {
			p.Errorf("%v is on %d pages", id, times)
		}
	}
}
