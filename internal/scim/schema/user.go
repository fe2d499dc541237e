package schema

// coreUser is RFC 7643 section 4.1.
var coreUser = Schema{
	ID: UserURN, Name: "User", Description: "User Account",
	Attributes: []Attribute{
		attribute("userName", String, "Name by which the person signs in.", required, uniqueOnServer),
		attribute("name", Complex, "Parts of the person's name.", subAttributes(
			attribute("formatted", String, "The whole name, ready to show."),
			attribute("familyName", String, "Family name."),
			attribute("givenName", String, "Given name."),
			attribute("middleName", String, "Middle names."),
			attribute("honorificPrefix", String, "Title before the name."),
			attribute("honorificSuffix", String, "Suffix after the name."),
		)),
		attribute("displayName", String, "Name to show for the person."),
		attribute("nickName", String, "Informal name."),
		attribute("profileUrl", Reference, "Address of the person's profile page.", references("external")),
		attribute("title", String, "Position, such as Vice President."),
		attribute("userType", String, "Relation to the organization, such as Employee."),
		attribute("preferredLanguage", String, "Preferred language, as in Accept-Language."),
		attribute("locale", String, "Locale for dates, numbers and currency."),
		attribute("timezone", String, "Time zone in the form of the IANA database."),
		attribute("active", Boolean, "Whether the person may use the application."),
		attribute("password", String, "Taken and dropped: this endpoint keeps no passwords.", secret, caseExact),
		typedValues("emails", String, "Mail addresses.", canonical("work", "home", "other")),
		typedValues("phoneNumbers", String, "Telephone numbers.", canonical("work", "home", "mobile", "fax", "pager", "other")),
		typedValues("ims", String, "Instant messaging addresses.", canonical("aim", "gtalk", "icq", "xmpp", "msn", "skype", "qq", "yahoo")),
		typedValues("photos", Reference, "Addresses of pictures.", canonical("photo", "thumbnail")),
		addresses,
		attribute("groups", Complex, "Groups that the person is a member of; derived from the groups.", multiValued, readOnly, subAttributes(
			attribute("value", String, "id of the group.", caseExact, readOnly),
			attribute("$ref", Reference, "Address of the group.", caseExact, readOnly, references("Group")),
			attribute("display", String, "displayName of the group.", readOnly),
			attribute("type", String, "How the membership came about.", readOnly, canonical("direct", "indirect")),
		)),
		typedValues("entitlements", String, "Things that the person is entitled to.", canonical()),
		typedValues("roles", String, "Roles of the person in the application.", canonical()),
		typedValues("x509Certificates", Binary, "Certificates, DER in base64.", canonical()),
	},
}

var addresses = attribute("addresses", Complex, "Postal addresses.", multiValued, subAttributes(
	attribute("formatted", String, "The whole address, ready to show."),
	attribute("streetAddress", String, "Street and number."),
	attribute("locality", String, "City."),
	attribute("region", String, "State or region."),
	attribute("postalCode", String, "Postal code."),
	attribute("country", String, "Country."),
	attribute("type", String, "What the address is for.", canonical("work", "home", "other")),
	attribute("primary", Boolean, "Whether this is the preferred one; at most one is."),
))

// typedValues is a multi-valued complex attribute with the default sub-attributes of RFC 7643 section 2.4.
func typedValues(name string, valueType Type, description string, types func(*Attribute)) Attribute {
	value := attribute("value", valueType, "The value itself.")
	if valueType != String {
		value.CaseExact = true
	}
	if valueType == Reference {
		value.ReferenceTypes = []string{"external"}
	}
	return attribute(name, Complex, description, multiValued, subAttributes(
		value,
		attribute("display", String, "The value as shown to people."),
		attribute("type", String, "What the value is for.", types),
		attribute("primary", Boolean, "Whether this is the preferred one; at most one is."),
	))
}

// enterpriseUser is RFC 7643 section 4.3. Its manager.value is not required, against the RFC's schema, because
// a manager without a value is unassigned here (S-22).
var enterpriseUser = Schema{
	ID: EnterpriseUserURN, Name: "EnterpriseUser", Description: "What an organization knows about its people.",
	Attributes: []Attribute{
		attribute("employeeNumber", String, "Number that the organization gave the person."),
		attribute("costCenter", String, "Cost centre."),
		attribute("organization", String, "Organization."),
		attribute("division", String, "Division."),
		attribute("department", String, "Department."),
		attribute("manager", Complex, "The person's manager.", subAttributes(
			attribute("value", String, "id of the manager's User resource.", caseExact),
			attribute("$ref", Reference, "Address of the manager's User resource.", caseExact, derived, references("User")),
			attribute("displayName", String, "The manager's displayName.", readOnly),
		)),
	},
}
