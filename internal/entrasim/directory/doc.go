// Package directory owns the people and groups of a simulated tenant as plain data, and the YAML file they are read from.
// It never knows of applications, jobs or HTTP, and holds no lock.
// It is called by internal/entrasim/tenant, by the engine (which reads users and groups) and by cmd/entra-sim.
// It calls internal/entrasim/strictyaml.
//
// # The directory file
//
//	tenantID: 6babcaad-604b-40ac-a9d7-9fd97c0b779f   # GUID of the tenant
//	domain: contoso.onmicrosoft.com                  # initial domain; part of guests' userPrincipalName
//	users:
//	- id: 4f1c...                                    # GUID, stable; required
//	  userPrincipalName: jane@contoso.com            # required, unique without regard to case
//	  displayName: Jane Roe                          # required
//	  givenName: Jane
//	  surname: Roe
//	  mail: jane@contoso.com                         # leave out for people without a mailbox
//	  mailNickname: jane
//	  accountEnabled: true                           # default true
//	  userType: Member                               # Member (default) or Guest
//	  manager: 9d2e...                               # object ID of another user
//	  jobTitle, department, companyName, employeeId, officeLocation, streetAddress, city, state, postalCode, country,
//	  usageLocation, preferredLanguage, mobilePhone, faxNumber: text
//	  businessPhones, otherMails, proxyAddresses: list of text
//	  onPremisesExtensionAttributes: {extensionAttribute1: text}
//	  directoryExtensions: {extension_<appid32>_costCenter: text}
//	groups:
//	- id: 0c5e...                                    # GUID, stable; required
//	  displayName: Wiki Editors                      # required, need not be unique
//	  description: text
//	  mailNickname: wiki-editors
//	  securityEnabled: true                          # default true; only security groups can be assigned to an application
//	  mailEnabled: false
//	  groupTypes: [Unified]                          # Microsoft 365 groups only
//	  members: [4f1c..., 7a90...]                    # object IDs of users and of nested groups
//
// Property names are Microsoft Graph's (resources user and group). An unknown name is an error, so that a typing mistake
// does not silently become a missing value.
package directory
