package integration

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/scim-operator/scim-operator/internal/cli"
	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/entrasim/directory"
)

// verdict is what the test reads of the answer of eval.
type verdict struct {
	NotCreated string         `json:"notCreated"`
	Resource   map[string]any `json:"resource"`
}

// evaluation runs kubectl scim eval.
func evaluation(t *testing.T, connector entra.Connector, arguments ...string) verdict {
	t.Helper()
	var out, problems bytes.Buffer
	command := cli.NewCommand(cli.Options{IOStreams: genericiooptions.IOStreams{Out: &out, ErrOut: &problems}, Connector: connector})
	command.SetArgs(append([]string{"eval", "-o", "json"}, arguments...))
	if code := cli.Run(t.Context(), command, &problems); code != cli.ExitOK {
		t.Fatalf("eval %q ended with %d: %s", arguments, code, problems.String())
	}
	var v verdict
	if err := json.Unmarshal(out.Bytes(), &v); err != nil {
		t.Fatalf("eval %q: %v in %s", arguments, err, out.String())
	}
	return v
}

func compareEvaluation(t *testing.T, e expectation, got verdict) {
	t.Helper()
	if e.Absent != "" {
		if got.Resource != nil || !strings.Contains(got.NotCreated, e.Absent) {
			t.Errorf("eval says %q and would send %v; want nothing, because: %s", got.NotCreated, got.Resource, e.Absent)
		}
		return
	}
	compareResource(t, "eval", e.Resource, got.Resource)
}

// personFile writes what Graph says of a person, and the roles that their groups have in the samples. An assignment without a role gives
// the template's own one.
func personFile(t *testing.T, u *directory.User, all *directory.Directory) string {
	t.Helper()
	raw, err := json.Marshal(u)
	if err != nil {
		t.Fatal(err)
	}
	var person map[string]any
	if err := json.Unmarshal(raw, &person); err != nil {
		t.Fatal(err)
	}
	roles := []any{}
	for group, role := range map[string]map[string]any{
		"Wiki Editors": {"value": "editor", "displayName": "Editor"}, "Wiki Readers": {"value": "reader", "displayName": "Reader"},
	} {
		i := slices.IndexFunc(all.Groups, func(g *directory.Group) bool { return g.DisplayName == group })
		if slices.Contains(all.Groups[i].Members, u.ID) {
			roles = append(roles, role)
		}
	}
	if u.UserPrincipalName == "rolf@contoso.com" {
		roles = append(roles, map[string]any{"value": nil, "displayName": "User"})
	}
	person["appRoleAssignments"] = roles
	if raw, err = json.Marshal(person); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "person.json")
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
