package engine

import (
	"crypto/rand"
	"strings"
	"time"

	"github.com/scim-operator/scim-operator/internal/entrasim/directory"
	"github.com/scim-operator/scim-operator/internal/mapping/expr"
)

// environment shows a directory object to expressions, under the names of Azure AD Graph that mappings use.
func environment(values map[string]expr.Value, domain string, now func() time.Time) expr.Environment {
	return expr.Environment{
		Attribute:     func(name string) (expr.Value, bool) { v, ok := values[name]; return v, ok },
		Now:           now,
		Random:        rand.Reader,
		DefaultDomain: domain,
	}
}

func optional(s string) expr.Value {
	if s == "" {
		return expr.Null()
	}
	return expr.String(s)
}

func boolean(b bool) expr.Value {
	if b {
		return expr.String("True")
	}
	return expr.String("False")
}

// userSource renames Graph's properties as the engine does. IsSoftDeleted is not a property but the engine's verdict.
func userSource(u *directory.User, domain string, isSoftDeleted bool, roles []Role, now func() time.Time) expr.Environment {
	values := map[string]expr.Value{
		"objectId":                   optional(u.ID),
		"userPrincipalName":          optional(strippedUPN(u, domain)),
		"originalUserPrincipalName":  optional(u.UserPrincipalName),
		"displayName":                optional(u.DisplayName),
		"givenName":                  optional(u.GivenName),
		"surname":                    optional(u.Surname),
		"mail":                       optional(u.Mail),
		"mailNickname":               optional(u.MailNickname),
		"accountEnabled":             boolean(u.Enabled()),
		"userType":                   optional(u.UserType),
		"jobTitle":                   optional(u.JobTitle),
		"department":                 optional(u.Department),
		"companyName":                optional(u.CompanyName),
		"employeeId":                 optional(u.EmployeeID),
		"physicalDeliveryOfficeName": optional(u.OfficeLocation),
		"streetAddress":              optional(u.StreetAddress),
		"city":                       optional(u.City),
		"state":                      optional(u.State),
		"postalCode":                 optional(u.PostalCode),
		"country":                    optional(u.Country),
		"usageLocation":              optional(u.UsageLocation),
		"preferredLanguage":          optional(u.PreferredLanguage),
		"mobile":                     optional(u.MobilePhone),
		"facsimileTelephoneNumber":   optional(u.FaxNumber),
		"otherMails":                 expr.Strings(u.OtherMails),
		"proxyAddresses":             expr.Strings(u.ProxyAddresses),
		"dirSyncEnabled":             expr.Null(),
		"manager":                    optional(u.Manager),
		"IsSoftDeleted":              boolean(isSoftDeleted),
	}
	values["telephoneNumber"] = expr.Null()
	if len(u.BusinessPhones) > 0 {
		values["telephoneNumber"] = optional(u.BusinessPhones[0])
	}
	for name, value := range u.OnPremisesExtensionAttributes {
		values[name] = optional(value)
	}
	for name, value := range u.DirectoryExtensions {
		values[name] = optional(value)
	}
	names := []string{}
	for _, r := range roles {
		names = append(names, r.Value)
	}
	values["appRoleAssignments"] = expr.Strings(names)
	return environment(values, domain, now)
}

// strippedUPN is the userPrincipalName of a guest as the engine sends it: jane_home.com#EXT#@contoso.onmicrosoft.com
// loses the marker and the tenant's domain. What exactly is left is not published, here it is the name before the marker:
// unconfirmed(guest-name).
func strippedUPN(u *directory.User, domain string) string {
	name, tail, guest := strings.Cut(u.UserPrincipalName, "#EXT#")
	if !guest || !strings.EqualFold(strings.TrimPrefix(tail, "@"), domain) {
		return u.UserPrincipalName
	}
	return name
}

func groupSource(g *directory.Group, domain string, now func() time.Time) expr.Environment {
	values := map[string]expr.Value{
		"objectId":        optional(g.ID),
		"displayName":     optional(g.DisplayName),
		"description":     optional(g.Description),
		"mail":            optional(g.Mail),
		"mailNickname":    optional(g.MailNickname),
		"mailEnabled":     boolean(g.MailEnabled),
		"securityEnabled": boolean(g.Security()),
		"IsSoftDeleted":   boolean(false),
	}
	return environment(values, domain, now)
}
