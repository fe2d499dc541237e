package cli_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	"sigs.k8s.io/yaml"

	"github.com/scim-operator/scim-operator/internal/cli"
)

const (
	evalUsers = "testdata/eval/users.yaml"
	evalJane  = "testdata/eval/jane.json"
)

// eval runs kubectl scim eval and gives both streams and the exit status.
func eval(t *testing.T, in string, arguments ...string) (out, problems string, code int) {
	t.Helper()
	var o, e bytes.Buffer
	command := cli.NewCommand(cli.Options{IOStreams: genericiooptions.IOStreams{In: strings.NewReader(in), Out: &o, ErrOut: &e}})
	command.SetArgs(append([]string{"eval"}, arguments...))
	code = cli.Run(t.Context(), command, &e)
	return o.String(), e.String(), code
}

func file(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file.yaml")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestEvalTellsAttributeByAttribute(t *testing.T) {
	got, problems, code := eval(t, "", "-f", evalUsers, "--person", evalJane)
	if code != cli.ExitOK {
		t.Fatalf("it ended with %d: %s", code, problems)
	}
	want := `User jane@contoso.com
mapping: AttributeMapping wiki-users
note: the job in Entra was not asked: what the manifests leave to its default mapping is taken from Microsoft's documents, and the job's own may differ
note: whether the person is assigned to the app is not known; it is taken for assigned
scope: in scope, because one group of clauses passes
  group staff passes
    employeeId IS NOT NULL passes: "42" is what IS NOT NULL asks for
    department EQUALS "Sales" passes: "Sales" is what EQUALS "Sales" asks for; case counts
account: it is created, or updated where it is there

attributes:
  userName = "jane@contoso.com" (accounts are found by it, precedence 1)
      [userPrincipalName] is "jane@contoso.com"
  active = true
      Not([IsSoftDeleted])
      [IsSoftDeleted] is "False"
  title: there is no value, and nothing is sent
      IIF([jobTitle] = "Director", "Head", [jobTitle])
      [jobTitle] is null
      the check fails because [jobTitle] is null or empty
  preferredLanguage = "en", the default, as the source has no value; on create only
      [preferredLanguage] is null
  name.formatted = "JANE ROE <&>"
      ToUpper(Join(" ", [givenName], [surname]))
      [givenName] is "Jane"
      [surname] is "Roe <&>"
      Join(" ", [givenName], [surname]) gives "Jane Roe <&>"
  urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager: a reference (it is written after the account is there, when the other end has an account as well)
      [manager] is "4f1c2b7a-0000-4000-8000-000000000002"

what is sent to create the account:
{
  "active": true,
  "meta": {
    "resourceType": "User"
  },
  "name": {
    "formatted": "JANE ROE <&>"
  },
  "preferredLanguage": "en",
  "schemas": [
    "urn:ietf:params:scim:schemas:core:2.0:User",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
  ],
  "userName": "jane@contoso.com"
}
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the text (-want +got):\n%s", diff)
	}
}

func TestEvalTellsWhySomebodyIsOutOfScope(t *testing.T) {
	person := file(t, `{"userPrincipalName": "jo@contoso.com", "department": "sales"}`)
	got, _, code := eval(t, "", "-f", evalUsers, "--person", person)
	if code != cli.ExitOK {
		t.Errorf("it ended with %d", code)
	}
	for _, want := range []string{
		"scope: out of scope, because no group of clauses passes\n  group staff does not pass\n",
		"employeeId IS NOT NULL does not pass: the attribute has no value, and a clause on nothing is false\n",
		`department EQUALS "Sales" does not pass: "sales" is not what EQUALS "Sales" asks for; case counts`,
		"account: none is created: it is out of scope: no group of the scoping filter passes\n",
		"  active = false\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("it does not say %q:\n%s", want, got)
		}
	}
	if strings.Contains(got, "what is sent") {
		t.Errorf("it shows a resource:\n%s", got)
	}
}

func TestEvalInMachineReadableForms(t *testing.T) {
	asJSON, _, _ := eval(t, "", "-f", evalUsers, "--person", evalJane, "-o", "json")
	asYAML, _, _ := eval(t, "", "-f", evalUsers, "--person", evalJane, "-o", "yaml")
	var fromJSON, fromYAML map[string]any
	if err := json.Unmarshal([]byte(asJSON), &fromJSON); err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal([]byte(asYAML), &fromYAML); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(fromJSON, fromYAML); diff != "" {
		t.Errorf("JSON and YAML differ (-JSON +YAML):\n%s", diff)
	}
	if fromJSON["subject"] != "jane@contoso.com" || fromJSON["object"] != "User" || strings.Contains(asJSON, `\u003c`) {
		t.Errorf("the JSON is\n%s", asJSON)
	}
	attributes, _ := fromJSON["attributes"].([]any)
	formatted, _ := attributes[4].(map[string]any)
	if steps, _ := formatted["trace"].([]any); len(steps) != 2 || formatted["value"] != "JANE ROE <&>" {
		t.Errorf("name.formatted is %v", formatted)
	}
}

func TestEvalTakesRolesFromTheScimAppOfTheFiles(t *testing.T) {
	app := file(t, `apiVersion: scim-operator.io/v1alpha1
kind: ScimApp
metadata: {name: wiki, namespace: docs}
spec: {tenantRef: {name: contoso}, roles: Single}
`)
	person := file(t, `{"userPrincipalName": "jane@contoso.com", "employeeId": "1", "department": "Sales", "appRoleAssignments": ["editor", "reader"]}`)
	got, problems, code := eval(t, "", "-f", evalUsers, "-f", app, "--person", person)
	for _, want := range []string{
		"mapping: AttributeMapping wiki-users, roles: Single of the ScimApp\n",
		`roles[primary eq "True"].value = "editor" (one of 2 roles: Entra does not say which it takes)`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("it does not say %q (status %d, %s):\n%s", want, code, problems, got)
		}
	}
}

func TestEvalTakesOfAFolderTheMappingsThatItsScimAppNames(t *testing.T) {
	app := func(mapping string) string {
		return file(t, `apiVersion: scim-operator.io/v1alpha1
kind: ScimApp
metadata: {name: wiki, namespace: docs}
spec: {tenantRef: {name: contoso}, attributeMappings: [{name: `+mapping+`}]}
`)
	}
	others := file(t, `apiVersion: scim-operator.io/v1alpha1
kind: AttributeMapping
metadata: {name: notes-users, namespace: docs}
spec: {object: User, attributes: [{target: displayName, constant: Somebody}]}
`)
	got, problems, code := eval(t, "", "-f", evalUsers, "-f", others, "-f", app("wiki-users"), "--person", evalJane)
	if code != cli.ExitOK || !strings.Contains(got, "mapping: AttributeMapping wiki-users\n") || strings.Contains(got, "Somebody") {
		t.Errorf("status %d, %s:\n%s", code, problems, got)
	}
	_, problems, code = eval(t, "", "-f", evalUsers, "-f", app("wiki-people"), "--person", evalJane)
	if code != cli.ExitFailed || !strings.Contains(problems, "spec.attributeMappings of ScimApp wiki names no mapping of the files") {
		t.Errorf("status %d, %s", code, problems)
	}
}

func TestEvalOfAGroupFromTheInputStream(t *testing.T) {
	groups := `apiVersion: scim-operator.io/v1alpha1
kind: ClusterAttributeMapping
metadata: {name: company-groups}
spec:
  object: Group
  attributes:
  - {target: displayName, expression: 'Append([displayName], "!")', matchPrecedence: 1}
`
	group := file(t, `{"displayName": "Admins"}`)
	for _, arguments := range [][]string{{"-f", "-"}, {"-f", "-", "--object", "Group"}, {"-f", "-", "-f", evalUsers, "--object", "Group"}} {
		got, problems, code := eval(t, groups, append(arguments, "--person", group)...)
		if code != cli.ExitOK || !strings.Contains(got, `displayName = "Admins!"`) || !strings.HasPrefix(got, "Group Admins\n") {
			t.Errorf("%v ended with %d: %s%s", arguments, code, problems, got)
		}
	}
}

func TestEvalRefuses(t *testing.T) {
	app := file(t, "apiVersion: scim-operator.io/v1alpha1\nkind: ScimApp\nmetadata: {name: wiki}\nspec: {tenantRef: {name: contoso}}\n")
	for name, c := range map[string]struct {
		arguments []string
		want      string
	}{
		"no mapping":                {[]string{"--person", evalJane}, "no mapping is named; give -f"},
		"no person":                 {[]string{"-f", evalUsers}, "person user"},
		"two persons":               {[]string{"-f", evalUsers, "--person", evalJane, "--user", "jane"}, "person user"},
		"a file that is not there":  {[]string{"-f", "nowhere.yaml", "--person", evalJane}, "nowhere.yaml"},
		"a person who is not there": {[]string{"-f", evalUsers, "--person", "nowhere.json"}, "reading --person"},
		"a file without mapping":    {[]string{"-f", app, "--person", evalJane}, "the files have no AttributeMapping"},
		"two ScimApps":              {[]string{"-f", evalUsers, "-f", app, "-f", app, "--person", evalJane}, "the ScimApps wiki and wiki"},
		"broken YAML":               {[]string{"-f", file(t, "a: [\n"), "--person", evalJane}, "this is not valid YAML"},
		"a field of another type": {[]string{"-f", file(t, "kind: AttributeMapping\nmetadata: {name: x}\nspec: {object: 3}\n"), "--person", evalJane},
			"AttributeMapping x does not fit its type"},
		"an unknown object":        {[]string{"-f", evalUsers, "--person", evalJane, "--object", "Device"}, "--object Device: it has to be User or Group"},
		"an unknown output":        {[]string{"-f", evalUsers, "--person", evalJane, "-o", "xml"}, "--output xml"},
		"a property with a slip":   {[]string{"-f", evalUsers, "--person", file(t, `{"departmant": "x"}`)}, "did you mean department?"},
		"a group asked of Entra":   {[]string{"-f", evalUsers, "--user", "jane", "--object", "Group"}, "describe the group with --person FILE"},
		"no directory is named":    {[]string{"-f", evalUsers, "--user", "jane"}, "no directory is named"},
		"an expression with error": {[]string{"-f", file(t, "kind: AttributeMapping\nmetadata: {name: x}\nspec: {object: User, attributes: [{target: title, expression: 'Jion(\" \", [a])'}]}\n"), "--person", evalJane}, `did you mean "Join"?`},
	} {
		t.Run(name, func(t *testing.T) {
			out, problems, code := eval(t, "", c.arguments...)
			if code != cli.ExitFailed || !strings.Contains(problems, c.want) || out != "" {
				t.Errorf("it ended with %d, %q, %q; want %q", code, out, problems, c.want)
			}
		})
	}
}
