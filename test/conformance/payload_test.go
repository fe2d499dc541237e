package conformance

import "strconv"

func itoa(n int) string { return strconv.Itoa(n) }

// bareUser has what a user needs and no more.
func bareUser() object {
	return object{"schemas": []string{coreUser, enterprise}, "userName": word() + "@example.com", "active": true}
}

// fullUser has every attribute that Microsoft's validator sends when it uses its defaults; the values are random, so that
// locale and the like are no real ones, and the manager is nobody.
func fullUser() object {
	user := bareUser()
	for _, name := range []string{"displayName", "title", "preferredLanguage", "userType", "nickName", "locale", "externalId"} {
		user[name] = word()
	}
	user["profileUrl"], user["timezone"] = "https://example.com/"+word(), "America/Guayaquil"
	user["name"] = object{
		"givenName": word(), "familyName": word(), "formatted": word(), "middleName": word(), "honorificPrefix": word(), "honorificSuffix": word(),
	}
	user["emails"] = []object{{"type": "work", "value": word() + "@example.com", "primary": true}}
	user["addresses"] = []object{{
		"type": "work", "formatted": word(), "streetAddress": word(), "locality": word(), "region": word(), "postalCode": word(), "country": "Belize", "primary": true,
	}}
	user["phoneNumbers"] = []object{
		{"type": "work", "value": "10-040-1308", "primary": true}, {"type": "mobile", "value": "10-040-1309"}, {"type": "fax", "value": "10-040-1310"},
	}
	user["roles"] = []object{{"primary": "True", "display": word(), "value": word(), "type": word()}}
	user[enterprise] = object{
		"employeeNumber": word(), "costCenter": word(), "organization": word(), "division": word(), "department": word(), "manager": object{"value": word()},
	}
	return user
}

func newGroup() object {
	return object{"schemas": []string{coreGroup}, "displayName": "Group " + word(), "externalId": word()}
}

// A change is what one operation sets, and where it is read afterwards.
type change struct {
	path  string
	value any
	read  []string
}

// everyAttribute are new values for the 36 attributes that the validator sets in one verbose request.
func everyAttribute() []change {
	changes := []change{
		{path: "active", value: true, read: []string{"active"}},
		{path: `emails[type eq "work"].value`, value: word() + "@example.com", read: []string{"emails", "type=work", "value"}},
		{path: `emails[type eq "work"].primary`, value: true, read: []string{"emails", "type=work", "primary"}},
		{path: `addresses[type eq "work"].primary`, value: true, read: []string{"addresses", "type=work", "primary"}},
		{path: `phoneNumbers[type eq "work"].primary`, value: true, read: []string{"phoneNumbers", "type=work", "primary"}},
	}
	for _, name := range []string{"displayName", "title", "preferredLanguage", "userType", "nickName", "locale", "timezone", "profileUrl"} {
		changes = append(changes, change{path: name, value: word(), read: []string{name}})
	}
	for _, name := range []string{"givenName", "familyName", "formatted", "middleName", "honorificPrefix", "honorificSuffix"} {
		changes = append(changes, change{path: "name." + name, value: word(), read: []string{"name", name}})
	}
	for _, name := range []string{"formatted", "streetAddress", "locality", "region", "postalCode", "country"} {
		changes = append(changes, change{path: `addresses[type eq "work"].` + name, value: word(), read: []string{"addresses", "type=work", name}})
	}
	for _, kind := range []string{"work", "mobile", "fax"} {
		changes = append(changes, change{path: `phoneNumbers[type eq "` + kind + `"].value`, value: word(), read: []string{"phoneNumbers", "type=" + kind, "value"}})
	}
	for _, name := range []string{"display", "value", "type"} {
		changes = append(changes, change{path: `roles[primary eq "True"].` + name, value: word(), read: []string{"roles", "primary=true", name}})
	}
	for _, name := range []string{"employeeNumber", "department", "costCenter", "organization", "division"} {
		changes = append(changes, change{path: enterprise + ":" + name, value: word(), read: []string{enterprise, name}})
	}
	return changes
}

func operations(op string, changes []change) []object {
	list := make([]object, 0, len(changes))
	for _, c := range changes {
		list = append(list, object{"op": op, "path": c.path, "value": c.value})
	}
	return list
}
