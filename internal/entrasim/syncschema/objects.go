package syncschema

// attributeOption changes one thing about an attribute definition.
type attributeOption func(map[string]any)

func boolean(a map[string]any)     { a["type"] = "Boolean" }
func caseExact(a map[string]any)   { a["caseExact"] = true }
func required(a map[string]any)    { a["required"] = true }
func multivalued(a map[string]any) { a["multivalued"] = true }
func anchor(a map[string]any)      { a["anchor"], a["caseExact"], a["mutability"] = true, true, "Immutable" }

func refersTo(objects ...string) attributeOption {
	return func(a map[string]any) {
		a["type"] = "Reference"
		refs := []any{}
		for _, name := range objects {
			refs = append(refs, map[string]any{"referencedObjectName": name, "referencedProperty": nil})
		}
		a["referencedObjects"] = refs
	}
}

func attribute(name string, options ...attributeOption) any {
	a := map[string]any{
		"name": name, "type": "String", "anchor": false, "caseExact": false, "defaultValue": nil, "flowNullValues": false,
		"multivalued": false, "mutability": "ReadWrite", "required": false, "apiExpressions": []any{}, "metadata": []any{},
		"referencedObjects": []any{},
	}
	for _, option := range options {
		option(a)
	}
	return a
}

func attributes(names ...string) []any {
	out := make([]any, len(names))
	for i, name := range names {
		out[i] = attribute(name)
	}
	return out
}

func object(name string, attributes []any, metadata ...any) map[string]any {
	return map[string]any{
		"name": name, "supportedApis": []any{}, "metadata": append([]any{}, metadata...), "attributes": attributes,
	}
}

// sourceUser lists the attributes of a user in the spelling of Azure AD Graph, which the engine still uses.
func sourceUser() map[string]any {
	list := attributes("accountEnabled", "city", "companyName", "country", "department", "displayName", "employeeId",
		"facsimileTelephoneNumber", "givenName", "jobTitle", "mail", "mailNickname", "mobile", "originalUserPrincipalName",
		"physicalDeliveryOfficeName", "postalCode", "preferredLanguage", "state", "streetAddress", "surname",
		"telephoneNumber", "usageLocation", "userPrincipalName", "userType")
	for _, n := range []string{"1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15"} {
		list = append(list, attribute("extensionAttribute"+n))
	}
	list = append(list,
		attribute("objectId", anchor),
		attribute("IsSoftDeleted", boolean),
		attribute("dirSyncEnabled", boolean),
		attribute("otherMails", multivalued),
		attribute("proxyAddresses", multivalued),
		attribute("appRoleAssignments", multivalued),
		attribute("manager", refersTo("User")),
	)
	return object(UserSource, list,
		entry("PropertyNameAccountEnabled", "accountEnabled"),
		entry("PropertyNameSoftDeleted", "IsSoftDeleted"),
		entry("IsSoftDeletionSupported", "true"),
		entry("IsSynchronizeAllSupported", "true"),
		entry("SyntheticUnknownKey", "keep me"),
	)
}

func sourceGroup() map[string]any {
	list := attributes("description", "displayName", "mail", "mailEnabled", "mailNickname", "securityEnabled")
	list = append(list,
		attribute("objectId", anchor),
		attribute("IsSoftDeleted", boolean),
		attribute("members", refersTo("User", "Group"), multivalued),
	)
	return object(GroupSource, list, entry("IsSynchronizeAllSupported", "true"))
}

// targetUser lists what can be written without adding a definition first. Beyond the mapped targets the set is
// made up: unconfirmed(default-schema).
func targetUser() map[string]any {
	list := []any{
		attribute("id", anchor, required),
		attribute("userName", required),
		attribute("active", boolean),
		attribute("externalId", caseExact),
		attribute("roles", multivalued),
		attribute(UserTarget+":manager", refersTo(UserTarget)),
	}
	list = append(list, attributes("displayName", "title", "preferredLanguage", "nickName", "profileUrl", "userType", "locale",
		"timezone", "name.givenName", "name.familyName", "name.formatted", "name.middleName", "name.honorificPrefix",
		"name.honorificSuffix", `roles[primary eq "True"].display`, `roles[primary eq "True"].type`,
		`roles[primary eq "True"].value`)...)
	for _, kind := range []string{"work", "home", "other"} {
		list = append(list, attribute(`emails[type eq "`+kind+`"].value`))
	}
	for _, kind := range []string{"work", "other"} {
		for _, part := range []string{"formatted", "streetAddress", "locality", "region", "postalCode", "country"} {
			list = append(list, attribute(`addresses[type eq "`+kind+`"].`+part))
		}
	}
	for _, kind := range []string{"work", "mobile", "fax", "home", "other", "pager"} {
		list = append(list, attribute(`phoneNumbers[type eq "`+kind+`"].value`))
	}
	for _, name := range []string{"employeeNumber", "department", "costCenter", "organization", "division"} {
		list = append(list, attribute(UserTarget+":"+name))
	}
	return object(UserTarget, list,
		entry("PropertyNameAccountEnabled", "active"),
		entry("IsSoftDeletionSupported", "true"),
		entry("BaseObjectName", "User"),
	)
}

func targetGroup() map[string]any {
	return object(GroupTarget, []any{
		attribute("id", anchor, required),
		attribute("displayName", required),
		attribute("externalId", caseExact),
		attribute("members", refersTo(UserTarget, GroupTarget), multivalued),
	}, entry("BaseObjectName", "Group"))
}
