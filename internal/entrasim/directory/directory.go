package directory

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// User is one person, in the property names of the Microsoft Graph resource user. An empty string means that the
// property is null; Graph does not tell the two apart on write.
type User struct {
	ID                string   `json:"id"`
	UserPrincipalName string   `json:"userPrincipalName"`
	DisplayName       string   `json:"displayName"`
	GivenName         string   `json:"givenName,omitempty"`
	Surname           string   `json:"surname,omitempty"`
	Mail              string   `json:"mail,omitempty"`
	MailNickname      string   `json:"mailNickname,omitempty"`
	AccountEnabled    *bool    `json:"accountEnabled,omitempty"`
	UserType          string   `json:"userType,omitempty"`
	JobTitle          string   `json:"jobTitle,omitempty"`
	Department        string   `json:"department,omitempty"`
	CompanyName       string   `json:"companyName,omitempty"`
	EmployeeID        string   `json:"employeeId,omitempty"`
	OfficeLocation    string   `json:"officeLocation,omitempty"`
	StreetAddress     string   `json:"streetAddress,omitempty"`
	City              string   `json:"city,omitempty"`
	State             string   `json:"state,omitempty"`
	PostalCode        string   `json:"postalCode,omitempty"`
	Country           string   `json:"country,omitempty"`
	UsageLocation     string   `json:"usageLocation,omitempty"`
	PreferredLanguage string   `json:"preferredLanguage,omitempty"`
	MobilePhone       string   `json:"mobilePhone,omitempty"`
	FaxNumber         string   `json:"faxNumber,omitempty"`
	BusinessPhones    []string `json:"businessPhones,omitempty"`
	OtherMails        []string `json:"otherMails,omitempty"`
	ProxyAddresses    []string `json:"proxyAddresses,omitempty"`

	OnPremisesExtensionAttributes map[string]string `json:"onPremisesExtensionAttributes,omitempty"`

	// DirectoryExtensions are extension_<appid32>_<name> properties; Graph shows them beside the built-in ones.
	DirectoryExtensions map[string]string `json:"directoryExtensions,omitempty"`

	// Manager is the object ID of another user; empty means none. Graph shows it as a navigation, not a property.
	Manager string `json:"manager,omitempty"`

	// What follows is for those who administer people; no mapping reads it.
	AgeGroup                string           `json:"ageGroup,omitempty"`
	ConsentProvidedForMinor string           `json:"consentProvidedForMinor,omitempty"`
	EmployeeHireDate        *time.Time       `json:"employeeHireDate,omitempty"`
	EmployeeOrgData         *EmployeeOrgData `json:"employeeOrgData,omitempty"`
	EmployeeType            string           `json:"employeeType,omitempty"`
	OnPremisesImmutableID   string           `json:"onPremisesImmutableId,omitempty"`
	PasswordPolicies        string           `json:"passwordPolicies,omitempty"`
	ShowInAddressList       *bool            `json:"showInAddressList,omitempty"`
}

// EmployeeOrgData says where in the organisation a person belongs.
type EmployeeOrgData struct {
	CostCenter string `json:"costCenter,omitempty"`
	Division   string `json:"division,omitempty"`
}

// Enabled says whether the account may sign in; an absent accountEnabled counts as true.
func (u *User) Enabled() bool { return u.AccountEnabled == nil || *u.AccountEnabled }

// IsGuest says whether the person is a guest of another directory.
func (u *User) IsGuest() bool { return u.UserType == "Guest" }

// Clone returns a deep copy.
func (u *User) Clone() *User {
	c := *u
	c.AccountEnabled = copied(u.AccountEnabled)
	c.EmployeeHireDate = copied(u.EmployeeHireDate)
	c.EmployeeOrgData = copied(u.EmployeeOrgData)
	c.ShowInAddressList = copied(u.ShowInAddressList)
	c.BusinessPhones = slices.Clone(u.BusinessPhones)
	c.OtherMails = slices.Clone(u.OtherMails)
	c.ProxyAddresses = slices.Clone(u.ProxyAddresses)
	c.OnPremisesExtensionAttributes = maps.Clone(u.OnPremisesExtensionAttributes)
	c.DirectoryExtensions = maps.Clone(u.DirectoryExtensions)
	return &c
}

// Group is one group, in the property names of the Microsoft Graph resource group.
type Group struct {
	ID              string   `json:"id"`
	DisplayName     string   `json:"displayName"`
	Description     string   `json:"description,omitempty"`
	MailNickname    string   `json:"mailNickname,omitempty"`
	Mail            string   `json:"mail,omitempty"`
	MailEnabled     bool     `json:"mailEnabled,omitempty"`
	SecurityEnabled *bool    `json:"securityEnabled,omitempty"`
	GroupTypes      []string `json:"groupTypes,omitempty"`

	// Members are object IDs of users and of nested groups, in the order in which they joined.
	Members []string `json:"members,omitempty"`
}

// Security says whether the group is security-enabled; an absent securityEnabled counts as true.
func (g *Group) Security() bool { return g.SecurityEnabled == nil || *g.SecurityEnabled }

// Clone returns a deep copy.
func (g *Group) Clone() *Group {
	c := *g
	c.SecurityEnabled = copied(g.SecurityEnabled)
	c.GroupTypes = slices.Clone(g.GroupTypes)
	c.Members = slices.Clone(g.Members)
	return &c
}

func copied[T any](value *T) *T {
	if value == nil {
		return nil
	}
	c := *value
	return &c
}

// Directory is the content of a directory file.
type Directory struct {
	TenantID string   `json:"tenantID,omitempty"`
	Domain   string   `json:"domain,omitempty"`
	Users    []*User  `json:"users,omitempty"`
	Groups   []*Group `json:"groups,omitempty"`
}

// FoldUPN is the form in which user principal names are compared: they are unique without regard to case.
func FoldUPN(upn string) string { return strings.ToLower(upn) }
