package expr

// listFunctions make and read lists: the values of an attribute that has several.
var listFunctions = []function{
	{
		name: "Count", summary: "How many values the list has.", nulls: "Null gives 0 (unconfirmed).",
		parameters: []parameter{list("attribute", "")}, evaluate: evaluateCount,
		examples: []Example{gives(`Count([proxyAddresses])`, "2").where("proxyAddresses", "SMTP:a@contoso.com", "smtp:b@contoso.com")},
	},
	{
		name: "Item", summary: "One value of the list; an index beyond the last gives null (unconfirmed), and 0 is an error.",
		nulls: "A null list gives null (unconfirmed).", parameters: []parameter{list("attribute", ""), whole("index", "which value, counted from 1")}, evaluate: evaluateItem,
		examples: []Example{
			gives(`Item([proxyAddresses], 1)`, "SMTP:a@contoso.com").where("proxyAddresses", "SMTP:a@contoso.com", "smtp:b@contoso.com"),
			gives(`Item([proxyAddresses], 3)`).where("proxyAddresses", "SMTP:a@contoso.com", "smtp:b@contoso.com"),
		},
	},
	{
		name: "Join", summary: "All sources with the separator between them; of a list, all its values.",
		nulls:      "Null and empty sources add nothing, not even a separator; without any value the result is null (unconfirmed).",
		parameters: []parameter{text("separator", ""), list("source", "").orMore()}, evaluate: evaluateJoin,
		examples: []Example{
			gives(`Join(" ", [givenName], [surname])`, "John Doe").where("givenName", "John").where("surname", "Doe"),
			gives(`Join(", ", "", [surname], [givenName])`, "Doe, John").where("givenName", "John").where("surname", "Doe"),
			gives(`Join(";", [proxyAddresses])`, "a@contoso.com;b@contoso.com").where("proxyAddresses", "a@contoso.com", "b@contoso.com"),
			gives(`Join(" ", [givenName], [surname])`, "Doe").where("surname", "Doe"),
		},
	},
	{
		name: "RemoveDuplicates", summary: "The list with the first only of equal values; case counts (unconfirmed).",
		nulls: nullStaysNull, parameters: []parameter{list("attribute", "")}, lists: true, evaluate: evaluateRemoveDuplicates,
		examples: []Example{gives(`RemoveDuplicates([proxyAddresses])`, "a@contoso.com", "b@contoso.com").where("proxyAddresses", "a@contoso.com", "b@contoso.com", "a@contoso.com")},
	},
	{
		name: "Split", summary: "The parts of the text between the delimiters as a list, without the blanks around each.",
		nulls: nullStaysNull, parameters: []parameter{text("source", ""), text("delimiter", "")}, lists: true, evaluate: evaluateSplit,
		examples: []Example{gives(`Split([extensionAttribute5], ",")`, "PermissionSetOne", "PermissionSetTwo").where("extensionAttribute5", "PermissionSetOne, PermissionSetTwo")},
	},
}

// roleFunctions turn the app roles of a person into what is sent. None of them works where everybody is provisioned.
var roleFunctions = []function{
	{
		name: "AppRoleAssignments", summary: "All roles of the person.", undocumented: true, nulls: noRoles, parameters: roleParameters, role: true, lists: true, evaluate: evaluateRoles,
		examples: []Example{gives(`AppRoleAssignments([appRoleAssignments])`, "Admin", "Reader").where(roleAssignments, "Admin", "Reader")},
	},
	{
		name: "AppRoleAssignmentsComplex", summary: "All roles of the person, for a complex multi-valued attribute such as roles. Roles are only ever added to an account, never taken " +
			"away. Not with the provisioning scope All.",
		nulls: noRoles, parameters: roleParameters, role: true, lists: true, evaluate: evaluateRoles,
		examples: []Example{gives(`AppRoleAssignmentsComplex([appRoleAssignments])`, "Admin", "Reader").where(roleAssignments, "Admin", "Reader")},
	},
	{
		name: "AssertiveAppRoleAssignmentsComplex", summary: "All roles of the person, as with AppRoleAssignmentsComplex, but roles that the person has lost are taken away from the " +
			"account. Not with the provisioning scope All.",
		nulls: noRoles, parameters: roleParameters, role: true, lists: true, evaluate: evaluateRoles,
		examples: []Example{gives(`AssertiveAppRoleAssignmentsComplex([appRoleAssignments])`, "Admin", "Reader").where(roleAssignments, "Admin", "Reader")},
	},
	{
		name: "SingleAppRoleAssignment", summary: "One role of the person; which one of several is not determined. Not with the provisioning scope All.",
		nulls: noRoles, parameters: roleParameters, role: true, evaluate: evaluateSingleRole,
		examples: []Example{gives(`SingleAppRoleAssignment([appRoleAssignments])`, "Admin").where(roleAssignments, "Admin"), gives(`SingleAppRoleAssignment([appRoleAssignments])`)},
	},
}

const noRoles = "Without any role the result is null."

var roleParameters = []parameter{list("source", "always [appRoleAssignments]")}
