package shape

import (
	"strings"
	"testing"
)

const user = `{"@odata.context":"https://localhost/v1.0/$metadata#users/$entity","id":"a"`

func TestCheck(t *testing.T) {
	for name, c := range map[string]struct{ body, want string }{
		"an object in shape":                 {user + `,"displayName":"A","accountEnabled":true,"businessPhones":["1"]}`, ""},
		"a member that is not declared":      {user + `,"nickname":"A"}`, "user.nickname is not declared"},
		"a text in place of a truth value":   {user + `,"accountEnabled":"True"}`, "user.accountEnabled is True, not Edm.Boolean"},
		"one value in place of a list":       {user + `,"businessPhones":"1"}`, "user.businessPhones is 1, not a list"},
		"a time that is none":                {user + `,"createdDateTime":"yesterday"}`, "not Edm.DateTimeOffset"},
		"a null where there may be none":     {`{"@odata.context":"https://h/v1.0/$metadata#auditLogs/directoryAudits/$entity","category":null}`, "may not be"},
		"a directory extension":              {user + `,"extension_0123_costCenter":"7"}`, ""},
		"an object in a list":                {`{"@odata.context":"https://h/v1.0/$metadata#users","value":[{"id":"a"},{"age":7}]}`, "user.age is not declared"},
		"an enum's value":                    {job(`"schedule":{"state":"Active"}`), ""},
		"a value that an enum does not have": {job(`"schedule":{"state":"Sleeping"}`), "schedule.state is Sleeping"},
		"a duration that is none":            {job(`"schedule":{"interval":"40m"}`), "schedule.interval is 40m"},
		"a fraction in place of a number":    {job(`"status":{"countSuccessiveCompleteFailures":1.5}`), "is 1.5, not Edm.Int64"},
		"an id that is no GUID": {`{"@odata.context":"https://h/v1.0/$metadata#appRoleAssignments/$entity","appRoleId":"User"}`,
			"appRoleAssignment.appRoleId is User"},
		"the type of an element counts": {`{"@odata.context":"https://h/v1.0/$metadata#directoryObjects","value":[{"@odata.type":"#microsoft.graph.group","surname":"x"}]}`,
			"surname is not declared"},
		"no context":             {`{"id":"a"}`, "no type is known"},
		"a context of elsewhere": {`{"@odata.context":"https://h/v1.0/$metadata#planets"}`, "no type is known"},
		"no JSON":                {`<html>`, "no JSON object"},
		"an error":               {`{"error":{"code":"a","message":"b","innerError":{"date":"c","request-id":"d","client-request-id":"e"}}}`, ""},
		"an error with a number": {`{"error":{"code":7}}`, "error.code is 7"},
	} {
		t.Run(name, func(t *testing.T) {
			got := strings.Join(Check([]byte(c.body)), "\n")
			if c.want == "" && got != "" || !strings.Contains(got, c.want) {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

func job(member string) string {
	return `{"@odata.context":"https://h/v1.0/$metadata#servicePrincipals('a')/synchronization/jobs/$entity",` + member + `}`
}

// TestEveryDepartureIsADeparture holds the list to the metadata: a member that is in shape needs no entry.
func TestEveryDepartureIsADeparture(t *testing.T) {
	for entry, reason := range Departures {
		name, member, _ := strings.Cut(entry, ".")
		if _, known := graph().Types["microsoft.graph."+name]; !known || reason == "" {
			t.Errorf("%s: not a type, or without a reason", entry)
		}
		if p, declared := graph().property("microsoft.graph."+name, member); declared && graph().Enums[p.Type].Members == nil {
			t.Errorf("%s is declared, and no enum", entry)
		}
	}
}
