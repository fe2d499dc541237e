package tenant

import (
	"time"

	"github.com/scim-operator/scim-operator/internal/entrasim/directory"
)

// RenderUser shows a person as Graph's resource user, with every property that the simulator knows.
func RenderUser(u *directory.User, created, deleted time.Time) Object {
	out := Object{
		"id": u.ID, "userPrincipalName": u.UserPrincipalName, "displayName": u.DisplayName,
		"accountEnabled": u.Enabled(), "userType": orDefault(u.UserType, "Member"),
		"businessPhones": list(u.BusinessPhones), "otherMails": list(u.OtherMails), "proxyAddresses": list(u.ProxyAddresses),
		"createdDateTime": timestamp(created), "deletedDateTime": timestamp(deleted),
	}
	renderAdministered(u, out)
	for name, value := range map[string]string{
		"givenName": u.GivenName, "surname": u.Surname, "mail": u.Mail, "mailNickname": u.MailNickname,
		"jobTitle": u.JobTitle, "department": u.Department, "companyName": u.CompanyName, "employeeId": u.EmployeeID,
		"officeLocation": u.OfficeLocation, "streetAddress": u.StreetAddress, "city": u.City, "state": u.State,
		"postalCode": u.PostalCode, "country": u.Country, "usageLocation": u.UsageLocation,
		"preferredLanguage": u.PreferredLanguage, "mobilePhone": u.MobilePhone, "faxNumber": u.FaxNumber,
	} {
		out[name] = orNull(value)
	}
	extensions := Object{}
	for name, value := range u.OnPremisesExtensionAttributes {
		extensions[name] = value
	}
	out["onPremisesExtensionAttributes"] = extensions
	for name, value := range u.DirectoryExtensions {
		out[name] = value
	}
	return out
}

// renderAdministered adds what no mapping reads.
func renderAdministered(u *directory.User, out Object) {
	out["ageGroup"], out["consentProvidedForMinor"] = orNull(u.AgeGroup), orNull(u.ConsentProvidedForMinor)
	out["employeeType"], out["onPremisesImmutableId"] = orNull(u.EmployeeType), orNull(u.OnPremisesImmutableID)
	out["passwordPolicies"] = orNull(u.PasswordPolicies)
	out["showInAddressList"], out["employeeHireDate"], out["employeeOrgData"] = nil, nil, nil
	if u.ShowInAddressList != nil {
		out["showInAddressList"] = *u.ShowInAddressList
	}
	if u.EmployeeHireDate != nil {
		out["employeeHireDate"] = timestamp(*u.EmployeeHireDate)
	}
	if org := u.EmployeeOrgData; org != nil {
		out["employeeOrgData"] = Object{"costCenter": orNull(org.CostCenter), "division": orNull(org.Division)}
	}
}

// RenderUsers shows people as Graph's resource user.
func (t *Tenant) RenderUsers(users []*directory.User) []Object {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := make([]Object, 0, len(users))
	for _, u := range users {
		var created, deleted time.Time
		if rec := t.users.byID[u.ID]; rec != nil {
			created, deleted = rec.created, rec.deleted
		}
		out = append(out, RenderUser(u, created, deleted))
	}
	return out
}

func orDefault(value, fallback string) string {
	if value == "" {
		return fallback
	}
	return value
}

func orNull(value string) any {
	if value == "" {
		return nil
	}
	return value
}

func list(values []string) []any {
	out := make([]any, len(values))
	for i, v := range values {
		out[i] = v
	}
	return out
}

func timestamp(at time.Time) any {
	if at.IsZero() {
		return nil
	}
	return at.UTC().Format(time.RFC3339Nano)
}
