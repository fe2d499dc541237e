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
func userSource(d *decision, in *Input, isSoftDeleted bool) expr.Environment {
	u := d.user
	return expr.Environment{
		Attribute: func(name string) (expr.Value, bool) {
			switch name {
			case "IsSoftDeleted":
				return boolean(isSoftDeleted), true
			case "userPrincipalName":
				if in.Switches.KeepGuestName {
					return optional(u.UserPrincipalName), true
				}
				return optional(strippedUPN(u, in.TenantDomain)), true
			case "appRoleAssignments":
				names := []string{}
				for _, r := range d.roles {
					names = append(names, r.Value)
				}
				return expr.Strings(names), true
			default:
				return userProperty(u, name)
			}
		},
		Now: in.Now, Random: rand.Reader, DefaultDomain: in.TenantDomain,
	}
}

// userTexts are the properties of one text under the names of Azure AD Graph.
var userTexts = map[string]func(*directory.User) string{
	"objectId":                   func(u *directory.User) string { return u.ID },
	"originalUserPrincipalName":  func(u *directory.User) string { return u.UserPrincipalName },
	"displayName":                func(u *directory.User) string { return u.DisplayName },
	"givenName":                  func(u *directory.User) string { return u.GivenName },
	"surname":                    func(u *directory.User) string { return u.Surname },
	"mail":                       func(u *directory.User) string { return u.Mail },
	"mailNickname":               func(u *directory.User) string { return u.MailNickname },
	"userType":                   func(u *directory.User) string { return u.UserType },
	"jobTitle":                   func(u *directory.User) string { return u.JobTitle },
	"department":                 func(u *directory.User) string { return u.Department },
	"companyName":                func(u *directory.User) string { return u.CompanyName },
	"employeeId":                 func(u *directory.User) string { return u.EmployeeID },
	"physicalDeliveryOfficeName": func(u *directory.User) string { return u.OfficeLocation },
	"streetAddress":              func(u *directory.User) string { return u.StreetAddress },
	"city":                       func(u *directory.User) string { return u.City },
	"state":                      func(u *directory.User) string { return u.State },
	"postalCode":                 func(u *directory.User) string { return u.PostalCode },
	"country":                    func(u *directory.User) string { return u.Country },
	"usageLocation":              func(u *directory.User) string { return u.UsageLocation },
	"preferredLanguage":          func(u *directory.User) string { return u.PreferredLanguage },
	"mobile":                     func(u *directory.User) string { return u.MobilePhone },
	"facsimileTelephoneNumber":   func(u *directory.User) string { return u.FaxNumber },
	"manager":                    func(u *directory.User) string { return u.Manager },
	"telephoneNumber": func(u *directory.User) string {
		if len(u.BusinessPhones) == 0 {
			return ""
		}
		return u.BusinessPhones[0]
	},
}

func userProperty(u *directory.User, name string) (expr.Value, bool) {
	if read := userTexts[name]; read != nil {
		return optional(read(u)), true
	}
	switch name {
	case "accountEnabled":
		return boolean(u.Enabled()), true
	case "otherMails":
		return expr.Strings(u.OtherMails), true
	case "proxyAddresses":
		return expr.Strings(u.ProxyAddresses), true
	case "dirSyncEnabled":
		return expr.Null(), true
	}
	if value, ok := u.OnPremisesExtensionAttributes[name]; ok {
		return optional(value), true
	}
	value, ok := u.DirectoryExtensions[name]
	return optional(value), ok
}

// strippedUPN is the userPrincipalName of a guest as the engine sends it: jane_home.com#EXT#@contoso.onmicrosoft.com
// loses the marker and the tenant's domain.
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
