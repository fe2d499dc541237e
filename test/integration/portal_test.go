package integration

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/tidwall/gjson"
	"github.com/tidwall/sjson"

	"github.com/scim-operator/scim-operator/internal/entra"
)

// portalApp is an application that was made in the portal.
type portalApp struct {
	entra.Enterprise
	job entra.JobRef
}

// madeInThePortal makes an application with a job, an address and two assigned groups. change edits the schema as the portal
// would; nil leaves Entra's default.
func (e entrance) madeInThePortal(t *testing.T, d entra.Directory, address string, change func(t *testing.T, schema []byte) []byte) portalApp {
	t.Helper()
	ctx := t.Context()
	pair, err := d.InstantiateApplication(ctx, entra.NewApplication{DisplayName: "Käse & Wiki"})
	if err != nil {
		t.Fatal(err)
	}
	job, err := d.CreateJob(ctx, pair.ServicePrincipal.ID, "scim")
	if err != nil {
		t.Fatal(err)
	}
	app := portalApp{pair, entra.JobRef{ServicePrincipalID: pair.ServicePrincipal.ID, JobID: job.ID}}
	if err := d.UpdateApplication(ctx, pair.Application.ID, entra.ApplicationPatch{AppRoles: append(pair.Application.AppRoles, entra.AppRole{
		ID: "7b6a1b0e-6f0e-4a53-8d55-9f5d8a1c0001", Value: "editor", DisplayName: "Editor", Description: "May change pages.", IsEnabled: true, AllowedMemberTypes: []string{"User"},
	})}); err != nil {
		t.Fatal(err)
	}
	if err := d.PutSecrets(ctx, pair.ServicePrincipal.ID, entra.Secrets{
		entra.SecretBaseAddress: address, entra.SecretToken: "portal-token", entra.SecretSyncAll: "false",
		entra.SecretSyncNotificationSettings: `{"Enabled":true,"Recipients":"iam@contoso.com","DeleteThresholdEnabled":true,"DeleteThresholdValue":50}`,
	}); err != nil {
		t.Fatal(err)
	}
	for name, role := range map[string]string{"Wiki Editors": "editor", "Wiki Readers": ""} {
		e.assign(t, d, app, name, role)
	}
	if change == nil {
		return app
	}
	live, err := d.Schema(ctx, app.job)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.PutSchema(ctx, app.job, change(t, live)); err != nil {
		t.Fatal(err)
	}
	return app
}

func (e entrance) assign(t *testing.T, d entra.Directory, app portalApp, group, role string) {
	t.Helper()
	groups, err := d.GroupsByDisplayName(t.Context(), group)
	if err != nil || len(groups) != 1 {
		t.Fatalf("%d groups are named %s, error %v", len(groups), group, err)
	}
	sp, err := d.ServicePrincipal(t.Context(), app.ServicePrincipal.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range sp.AppRoles {
		if r.Value == role && (role != "" || r.DisplayName == "User") {
			if _, err := d.CreateAssignment(t.Context(), sp.ID, groups[0].ID, r.ID); err != nil {
				t.Fatal(err)
			}
			return
		}
	}
	t.Fatalf("the application has no role %q", role)
}

// editedInThePortal is a schema with one change of every kind that the portal offers.
func editedInThePortal(t *testing.T, schema []byte) []byte {
	t.Helper()
	s := &editor{t: t, schema: schema}
	user := s.object("User")
	s.set(s.attribute(user, "displayName")+".source", functionOf(`Join(", ", [surname], [givenName])`, "Join", map[string]any{"key": "separator", "value": constantOf(", ")},
		map[string]any{"key": "source", "value": sourceOf("surname")}, map[string]any{"key": "source", "value": sourceOf("givenName")}))
	s.remove(s.attribute(user, "title"))
	const shelf = "urn:ietf:params:scim:schemas:extension:wiki:2.0:User:shelf"
	s.define(shelf)
	s.add(user, map[string]any{"targetAttributeName": shelf, "source": sourceOf("extensionAttribute1"), "flowType": "Always", "matchingPriority": 0})
	s.set(user+".scope", map[string]any{"categoryFilterGroups": []any{}, "inputFilterGroups": []any{}, "groups": []any{map[string]any{
		"name": "staff", "clauses": []any{map[string]any{"operatorName": "EQUALS", "sourceOperandName": "department", "targetOperand": map[string]any{"values": []string{"Engineering"}}}},
	}}})
	s.set(user+".flowTypes", "Add,Update")
	s.add(user, map[string]any{"targetAttributeName": "roles", "flowType": "Always", "matchingPriority": 0,
		"source": functionOf("AssertiveAppRoleAssignmentsComplex([appRoleAssignments])", "AssertiveAppRoleAssignmentsComplex", map[string]any{"key": "source", "value": sourceOf("appRoleAssignments")})})
	s.set(s.attribute(user, "preferredLanguage")+".source", nil)
	s.set(s.attribute(user, "preferredLanguage")+".defaultValue", "en-US")
	s.set(s.attribute(user, "externalId")+".flowType", "ObjectAddOnly")
	return s.schema
}

func sourceOf(name string) map[string]any {
	return map[string]any{"expression": "[" + name + "]", "name": name, "type": "Attribute", "parameters": []any{}}
}

func constantOf(text string) map[string]any {
	return map[string]any{"expression": fmt.Sprintf("%q", text), "name": text, "type": "Constant", "parameters": []any{}}
}

func functionOf(text, name string, parameters ...map[string]any) map[string]any {
	return map[string]any{"expression": text, "name": name, "type": "Function", "parameters": parameters}
}

// editor changes a schema in place.
type editor struct {
	t      *testing.T
	schema []byte
}

func (e *editor) object(source string) string {
	e.t.Helper()
	for i, rule := range gjson.GetBytes(e.schema, "synchronizationRules").Array() {
		for j, object := range rule.Get("objectMappings").Array() {
			if object.Get("sourceObjectName").String() == source {
				return fmt.Sprintf("synchronizationRules.%d.objectMappings.%d", i, j)
			}
		}
	}
	e.t.Fatalf("the schema maps no %s", source)
	return ""
}

func (e *editor) attribute(object, target string) string {
	e.t.Helper()
	for i, a := range gjson.GetBytes(e.schema, object+".attributeMappings").Array() {
		if a.Get("targetAttributeName").String() == target {
			return fmt.Sprintf("%s.attributeMappings.%d", object, i)
		}
	}
	e.t.Fatalf("the schema does not map %s", target)
	return ""
}

func (e *editor) set(path string, value any) {
	e.t.Helper()
	raw, err := json.Marshal(value)
	if err == nil {
		e.schema, err = sjson.SetRawBytes(e.schema, path, raw)
	}
	if err != nil {
		e.t.Fatal(err)
	}
}

func (e *editor) add(object string, mapping map[string]any) {
	e.t.Helper()
	e.set(object+".attributeMappings.-1", mapping)
}

func (e *editor) remove(path string) {
	e.t.Helper()
	var err error
	if e.schema, err = sjson.DeleteBytes(e.schema, path); err != nil {
		e.t.Fatal(err)
	}
}

// define adds an attribute to what the app is known to have.
func (e *editor) define(name string) {
	e.t.Helper()
	target := gjson.GetBytes(e.schema, e.object("User")+".targetObjectName").String()
	for i, directory := range gjson.GetBytes(e.schema, "directories").Array() {
		for j, object := range directory.Get("objects").Array() {
			if object.Get("name").String() == target {
				e.set(fmt.Sprintf("directories.%d.objects.%d.attributes.-1", i, j), map[string]any{
					"name": name, "type": "String", "anchor": false, "caseExact": false, "multivalued": false, "required": false,
					"flowNullValues": false, "mutability": "ReadWrite", "metadata": []any{}, "referencedObjects": []any{}, "apiExpressions": []any{},
				})
				return
			}
		}
	}
	e.t.Fatalf("the schema has no object %s", target)
}
