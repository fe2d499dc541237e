package expr

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

var sourceObject = []AttributeDefinition{
	{Name: "mail", Type: AttributeString}, {Name: "userPrincipalName", Type: AttributeString}, {Name: "employeeNumber", Type: AttributeInteger},
	{Name: "accountEnabled", Type: AttributeBoolean}, {Name: "photo", Type: AttributeBinary}, {Name: "hired", Type: AttributeDateTime},
	{Name: "manager", Type: AttributeReference}, {Name: "proxyAddresses", Type: AttributeString, Multivalued: true}, {Name: "odd"}, {Name: "InStr", Type: AttributeBoolean},
}

func TestCheck(t *testing.T) {
	tests := map[string]struct {
		text string
		want []string
	}{
		"known attributes":                           {`Coalesce([mail], [userPrincipalName])`, nil},
		"a direct mapping":                           {`[mail]`, nil},
		"a direct mapping of several values":         {`[proxyAddresses]`, nil},
		"a constant":                                 {`"Employee"`, nil},
		"what the service computes":                  {`Not([IsSoftDeleted])`, nil},
		"a role function":                            {`AssertiveAppRoleAssignmentsComplex([appRoleAssignments])`, nil},
		"one role inside another function":           {`ToLower(SingleAppRoleAssignment([appRoleAssignments]))`, nil},
		"a list where lists are taken":               {`Join(";", [proxyAddresses], Split([mail], "@"))`, nil},
		"a number where one is needed":               {`Mid([mail], 1, [employeeNumber])`, nil},
		"a text may hold a number":                   {`Mid([mail], 1, [userPrincipalName])`, nil},
		"a type that is not given may be a number":   {`Mid([mail], 1, [odd])`, nil},
		"a call may give a number":                   {`Mid([mail], 1, InStr([mail], "@"))`, nil},
		"a left-out argument":                        {`InStr([mail], "@", , vbTextCompare)`, nil},
		"an unknown attribute as a direct mapping":   {`[nail]`, []string{`line 1, column 1: the source object has no attribute "nail"; case counts; did you mean "mail"?`}},
		"the case of an attribute":                   {`ToLower([Mail])`, []string{`line 1, column 9: the source object has no attribute "Mail"; case counts; did you mean "mail"?`}},
		"an unknown attribute in a comparison":       {`IIF("x" = [zzz], "a", "b")`, []string{`line 1, column 11: the source object has no attribute "zzz"; case counts`}},
		"a list in a comparison":                     {`CBool([proxyAddresses] = "x")`, []string{`line 1, column 7: [proxyAddresses] may have several values where = takes one; choose one with Item or join them with Join`}},
		"a list where one value is taken":            {`ToLower([proxyAddresses])`, []string{`line 1, column 9: [proxyAddresses] may have several values where ToLower takes one; choose one with Item or join them with Join`}},
		"a call that gives a list":                   {`ToLower(Split([mail], "@"))`, []string{`line 1, column 9: Split([mail], "@") may have several values where ToLower takes one; choose one with Item or join them with Join`}},
		"roles without a role function":              {`[appRoleAssignments]`, []string{`line 1, column 1: [appRoleAssignments] needs a role function around it, such as AssertiveAppRoleAssignmentsComplex([appRoleAssignments])`}},
		"roles in another function":                  {`Count([appRoleAssignments])`, []string{`line 1, column 7: [appRoleAssignments] needs a role function around it, such as AssertiveAppRoleAssignmentsComplex([appRoleAssignments])`}},
		"roles in a comparison":                      {`CBool([appRoleAssignments] = "x")`, []string{`line 1, column 7: [appRoleAssignments] needs a role function around it, such as AssertiveAppRoleAssignmentsComplex([appRoleAssignments])`}},
		"a role function of something else":          {`SingleAppRoleAssignment([mail])`, []string{`line 1, column 25: SingleAppRoleAssignment takes [appRoleAssignments] and nothing else`}},
		"a role function of a text of that name":     {`SingleAppRoleAssignment("appRoleAssignments")`, []string{`line 1, column 25: SingleAppRoleAssignment takes [appRoleAssignments] and nothing else`}},
		"a function of other connectors":             {`SelectUniqueValue([mail], [userPrincipalName])`, []string{`line 1, column 1: SelectUniqueValue works only in provisioning from HR to Active Directory; Entra does not run it for a SCIM app`}},
		"a truth for a number":                       {`Left([mail], [accountEnabled])`, []string{`line 1, column 14: NumChars of Left must be a whole number, and [accountEnabled] is of type Boolean`}},
		"bytes for a number":                         {`Left([mail], [photo])`, []string{`line 1, column 14: NumChars of Left must be a whole number, and [photo] is of type Binary`}},
		"a date for a number":                        {`Left([mail], [hired])`, []string{`line 1, column 14: NumChars of Left must be a whole number, and [hired] is of type DateTime`}},
		"a reference for a number":                   {`Left([mail], [manager])`, []string{`line 1, column 14: NumChars of Left must be a whole number, and [manager] is of type Reference`}},
		"a text for a whole number is no such fault": {`Left([accountEnabled], 1)`, nil},
		"a call with the name of an attribute":       {`Mid([mail], 1, InStr([mail], "a"))`, nil},
		"a number from an unknown attribute":         {`Left([mail], [zzz])`, []string{`line 1, column 14: the source object has no attribute "zzz"; case counts`}},
		"all that is wrong, in the order of the text": {`Join([aaa], ToLower([proxyAddresses]), [bbb])`, []string{
			`line 1, column 6: the source object has no attribute "aaa"; case counts`,
			`line 1, column 21: [proxyAddresses] may have several values where ToLower takes one; choose one with Item or join them with Join`,
			`line 1, column 40: the source object has no attribute "bbb"; case counts`,
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, err := range Check(mustParse(t, test.text), sourceObject) {
				got = append(got, err.Error())
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestCheckNamesTheUnknownAttribute(t *testing.T) {
	found := Check(mustParse(t, `Append([nail], SelectUniqueValue("a", "b"))`), sourceObject)
	if len(found) != 2 || found[0].Attribute != "nail" || found[0].Suggestion != "mail" || found[1].Attribute != "" {
		t.Errorf("%+v", found)
	}
}

func TestCheckLeavesTheGivenDefinitionsAlone(t *testing.T) {
	definitions := make([]AttributeDefinition, 1, 8)
	definitions[0] = AttributeDefinition{Name: "mail"}
	Check(mustParse(t, `[mail]`), definitions)
	if spare := definitions[:2][1].Name; spare != "" {
		t.Errorf("the caller's array was written to: %s", spare)
	}
}
