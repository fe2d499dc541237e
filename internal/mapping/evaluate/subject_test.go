package evaluate_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scim-operator/scim-operator/internal/mapping"
	"github.com/scim-operator/scim-operator/internal/mapping/evaluate"
)

// texts are the subject's attributes, joined by a bar.
func texts(s evaluate.Subject) map[string]string {
	out := map[string]string{}
	for name, value := range s.Attributes {
		out[name] = strings.Join(value.Values(), "|")
	}
	return out
}

func TestASubjectMayHaveEitherSetOfNames(t *testing.T) {
	m := load(t, mapping.User)
	graph := read(t, m, `{"@odata.context": "x", "id": "1", "userPrincipalName": "a@b.c", "mobilePhone": "2", "businessPhones": ["3", "4"], "faxNumber": "5",
		"officeLocation": "6", "onPremisesSyncEnabled": true, "onPremisesImmutableId": "7", "onPremisesExtensionAttributes": {"extensionAttribute3": "8", "extensionAttribute4": null},
		"manager": {"@odata.type": "#microsoft.graph.user", "id": "9"}, "mail": null, "otherMails": [], "city": "", "proxyAddresses": ["x", "y"], "employeeId": 10,
		"extension_0123_costCenter": "11", "deletedDateTime": null}`)
	service := read(t, m, `{"objectId": "1", "userPrincipalName": "a@b.c", "mobile": "2", "telephoneNumber": "3", "facsimileTelephoneNumber": "5",
		"physicalDeliveryOfficeName": "6", "dirSyncEnabled": "True", "immutableId": "7", "extensionAttribute3": "8", "manager": "9", "proxyAddresses": ["x", "y"],
		"employeeId": "10", "extension_0123_costCenter": "11"}`)
	want := map[string]string{"objectId": "1", "userPrincipalName": "a@b.c", "originalUserPrincipalName": "a@b.c", "mobile": "2", "telephoneNumber": "3",
		"facsimileTelephoneNumber": "5", "physicalDeliveryOfficeName": "6", "dirSyncEnabled": "True", "immutableId": "7", "extensionAttribute3": "8",
		"manager": "9", "proxyAddresses": "x|y", "employeeId": "10", "extension_0123_costCenter": "11"}
	for name, got := range map[string]evaluate.Subject{"Graph's names": graph, "the service's names": service} {
		if diff := cmp.Diff(want, texts(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if got.Deleted || got.Name() != "a@b.c" {
			t.Errorf("%s: deleted %t, named %s", name, got.Deleted, got.Name())
		}
	}
}

func TestAGuestLosesTheMarkAndTheDomain(t *testing.T) {
	m := load(t, mapping.User)
	for name, c := range map[string]struct{ subject, upn, original string }{
		"a guest as Graph names one": {`{"userPrincipalName": "jo_home.com#EXT#@contoso.onmicrosoft.com"}`, "jo_home.com", "jo_home.com#EXT#@contoso.onmicrosoft.com"},
		"both names are given": {`{"userPrincipalName": "jo_home.com", "originalUserPrincipalName": "jo_home.com#EXT#@contoso.onmicrosoft.com"}`,
			"jo_home.com", "jo_home.com#EXT#@contoso.onmicrosoft.com"},
		"a member":     {`{"userPrincipalName": "jo@contoso.com"}`, "jo@contoso.com", "jo@contoso.com"},
		"without name": {`{"mail": "jo@contoso.com"}`, "", ""},
	} {
		got := texts(read(t, m, c.subject))
		if got["userPrincipalName"] != c.upn || got["originalUserPrincipalName"] != c.original {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestWhatIsWrongWithASubjectIsNamedAtOnce(t *testing.T) {
	m := load(t, mapping.User)
	_, err := m.ReadSubject([]byte(`{"displayname": "A", "mobilePhones": "1", "shoeSize": 43, "id": "1", "objectId": "1", "mail": {"a": 1}, "otherMails": [[{}]],
		"appRoleAssignments": "editor", "onPremisesExtensionAttributes": 3}`))
	if err == nil {
		t.Fatal("it is not refused")
	}
	for _, want := range []string{
		"displayname is no attribute that is provisioned; did you mean displayName? Case counts", "did you mean mobilePhone?", "shoeSize is no attribute that is provisioned; leave it out",
		"id and objectId are the same attribute; keep one of them", "mail must be a text", "otherMails must be a text", "appRoleAssignments must be a list of role values",
		"onPremisesExtensionAttributes must be an object",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("it does not say %q: %v", want, err)
		}
	}
	for subject, want := range map[string]string{
		`{"appRoleAssignments": [3]}`:           "a role is its value",
		`{"appRoleAssignments": [{"id": "1"}]}`: "a role without value and displayName",
		`[]`:                                    "reading the user",
	} {
		if _, err := m.ReadSubject([]byte(subject)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", subject, err, want)
		}
	}
}

func TestAGroupIsReadByItsOwnNames(t *testing.T) {
	m := load(t, mapping.Group)
	s := read(t, m, `{"id": "1", "displayName": "A", "mailEnabled": false, "members": [{"id": "2"}, "3"]}`)
	want := map[string]string{"objectId": "1", "displayName": "A", "mailEnabled": "False", "members": "2|3"}
	if diff := cmp.Diff(want, texts(s)); diff != "" {
		t.Errorf("the group (-want +got):\n%s", diff)
	}
	if s.Name() != "A" {
		t.Errorf("it is named %s", s.Name())
	}
	if name := read(t, m, `{}`).Name(); name != "somebody without a name" {
		t.Errorf("nobody is named %s", name)
	}
	if _, err := m.ReadSubject([]byte(`{"surname": "x"}`)); err == nil {
		t.Error("a group has a surname")
	}
}

func TestGraphPropertiesAreTheWayBack(t *testing.T) {
	got := evaluate.GraphProperties(mapping.User, []string{"objectId", "mobile", "telephoneNumber", "extensionAttribute15", "extensionAttribute2", "mail",
		"IsSoftDeleted", "appRoleAssignments", "originalUserPrincipalName", "manager", "extension_01_x"})
	want := []string{"accountEnabled", "businessPhones", "displayName", "extension_01_x", "mail", "mobilePhone", "onPremisesExtensionAttributes", "userPrincipalName"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("of a user (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"displayName"}, evaluate.GraphProperties(mapping.Group, []string{"members", "displayName"})); diff != "" {
		t.Errorf("of a group (-want +got):\n%s", diff)
	}
}

func TestReadsAreWhatExpressionsAndClausesRead(t *testing.T) {
	m := load(t, mapping.User, attributes(mapped("title", `Join("-", [surname], [city])`), mapped("userType", "", edit{"defaultValue", "x"}), mapped("nickName", "Shout([oops])")),
		scope(clauses("a", clause("department", "IS NULL"), clause("city", "IS NULL"))))
	if diff := cmp.Diff([]string{"city", "department", "surname"}, m.Reads()); diff != "" {
		t.Errorf("reads (-want +got):\n%s", diff)
	}
}
