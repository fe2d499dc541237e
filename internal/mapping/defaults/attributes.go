package defaults

// sourceUser are the attributes of a user under the provisioning service's names. The set of a real tenant is larger by its directory
// extensions, and may differ (unconfirmed).
var sourceUser = []string{
	"accountEnabled Boolean", "city", "companyName", "country", "department", "dirSyncEnabled Boolean", "displayName", "employeeHireDate DateTime",
	"employeeId", "employeeLeaveDateTime DateTime", "employeeType", "extensionAttribute1", "extensionAttribute2", "extensionAttribute3",
	"extensionAttribute4", "extensionAttribute5", "extensionAttribute6", "extensionAttribute7", "extensionAttribute8", "extensionAttribute9",
	"extensionAttribute10", "extensionAttribute11", "extensionAttribute12", "extensionAttribute13", "extensionAttribute14", "extensionAttribute15",
	"facsimileTelephoneNumber", "givenName", "immutableId", "IsSoftDeleted Boolean", "jobTitle", "mail", "mailNickname", "manager Reference", "mobile",
	"objectId", "onPremisesDistinguishedName", "onPremisesSecurityIdentifier", "originalUserPrincipalName", "otherMails many",
	"physicalDeliveryOfficeName", "postalCode", "preferredLanguage", "proxyAddresses many", "sipProxyAddress", "state", "streetAddress", "surname",
	"telephoneNumber", "usageLocation", "userPrincipalName", "userType", "appRoleAssignments many",
}

var sourceGroup = []string{
	"description", "dirSyncEnabled Boolean", "displayName", "IsSoftDeleted Boolean", "mail", "mailEnabled Boolean", "mailNickname",
	"members Reference many", "objectId", "onPremisesSecurityIdentifier", "proxyAddresses many", "securityEnabled Boolean",
}

// targetUser are the attributes that the template's app has without any being added (unconfirmed beyond the mapped ones).
var targetUser = []string{
	"id", "userName", "active Boolean", "externalId", "displayName", "title", "preferredLanguage", "nickName", "profileUrl", "userType", "locale", "timezone",
	"name.givenName", "name.familyName", "name.formatted", "name.middleName", "name.honorificPrefix", "name.honorificSuffix",
	"roles many", `roles[primary eq "True"].display`, `roles[primary eq "True"].type`, `roles[primary eq "True"].value`,
	`emails[type eq "work"].value`, `emails[type eq "home"].value`, `emails[type eq "other"].value`,
	`addresses[type eq "work"].formatted`, `addresses[type eq "work"].streetAddress`, `addresses[type eq "work"].locality`,
	`addresses[type eq "work"].region`, `addresses[type eq "work"].postalCode`, `addresses[type eq "work"].country`,
	`addresses[type eq "other"].formatted`, `addresses[type eq "other"].streetAddress`, `addresses[type eq "other"].locality`,
	`addresses[type eq "other"].region`, `addresses[type eq "other"].postalCode`, `addresses[type eq "other"].country`,
	`phoneNumbers[type eq "work"].value`, `phoneNumbers[type eq "mobile"].value`, `phoneNumbers[type eq "fax"].value`,
	`phoneNumbers[type eq "home"].value`, `phoneNumbers[type eq "other"].value`, `phoneNumbers[type eq "pager"].value`,
	userTarget + ":employeeNumber", userTarget + ":department", userTarget + ":costCenter", userTarget + ":organization", userTarget + ":division",
	userTarget + ":manager Reference",
}

var targetGroup = []string{"id", "displayName", "externalId", "members Reference many"}
