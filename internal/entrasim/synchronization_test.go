package entrasim_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scim-operator/scim-operator/internal/entrasim"
)

func (l *lab) secretKeys() []string {
	var keys []string
	for _, s := range l.want(200, "GET", l.sync("/secrets"), nil).list() {
		keys = append(keys, s["key"].(string)+"="+s["value"].(string))
	}
	slices.Sort(keys)
	return keys
}

func secret(key, value string) object { return object{"key": key, "value": value} }

func TestSecrets(t *testing.T) {
	base := []object{secret("BaseAddress", "https://a.example/scim"), secret("SecretToken", "token"), secret("SyncAll", "false"),
		secret("SyncNotificationSettings", `{"Enabled":false}`)}
	stored := []string{"BaseAddress=https://a.example/scim", "SecretToken=*", "SyncAll=false", `SyncNotificationSettings={"Enabled":false}`}
	required := base[2:]
	for name, c := range map[string]struct {
		change func(*entrasim.Options)
		put    []object
		status int
		code   string
		want   []string
	}{
		"all keys, masked on read":                    {nil, base, 204, "", stored},
		"keys that are left out stay, when merging":   {nil, required, 204, "", stored},
		"keys that are left out go, when replacing":   {func(o *entrasim.Options) { o.Tenant.SecretsReplace = true }, required, 204, "", stored[2:]},
		"an empty value removes a key":                {nil, append([]object{secret("SecretToken", "")}, required...), 204, "", slices.Concat(stored[:1], stored[2:])},
		"without the settings keys nothing is stored": {nil, []object{secret("BaseAddress", "https://b.example")}, 204, "", stored},
		"without the settings keys, when they are not required": {func(o *entrasim.Options) { o.Tenant.SecretsWithoutSettings = true },
			[]object{secret("BaseAddress", "https://b.example")}, 204, "", slices.Concat([]string{"BaseAddress=https://b.example"}, stored[1:])},
		"more than a kilobyte":               {nil, append([]object{secret("SecretToken", strings.Repeat("x", 1024))}, required...), 400, "BadRequest", stored},
		"an unknown key":                     {nil, append([]object{secret("TenantId", "x")}, base...), 500, "InternalError", stored},
		"notification settings without JSON": {nil, []object{secret("SyncAll", "false"), secret("SyncNotificationSettings", "")}, 400, "InvalidNotificationSettings", stored},
	} {
		t.Run(name, func(t *testing.T) {
			l := startLab(t, func(o *entrasim.Options) {
				if c.change != nil {
					c.change(o)
				}
			})
			l.instantiate("Wiki")
			l.want(204, "PUT", l.sync("/secrets"), object{"value": base})
			if a := l.want(c.status, "PUT", l.sync("/secrets"), object{"value": c.put}); a.code() != c.code {
				t.Errorf("code %q, want %q", a.code(), c.code)
			}
			if diff := cmp.Diff(c.want, l.secretKeys()); diff != "" {
				t.Errorf("stored (-want +got):\n%s", diff)
			}
		})
	}
}

func TestValidateCredentials(t *testing.T) {
	w := startWire(t)
	l := startLab(t)
	l.provision(w.URL, w.Token)
	status := func(path string, code int) func(http.ResponseWriter, *http.Request) bool {
		return func(rw http.ResponseWriter, r *http.Request) bool {
			if !strings.HasSuffix(r.URL.Path, path) {
				return false
			}
			http.Error(rw, "<html>no SCIM here</html>", code)
			return true
		}
	}
	for name, c := range map[string]struct {
		base, token string
		answer      func(http.ResponseWriter, *http.Request) bool
		status      int
		code, text  string
	}{
		"a good endpoint":                {w.URL, w.Token, nil, 204, "", ""},
		"a good endpoint with the flag":  {w.URL + "/?aadOptscim062020", w.Token, nil, 204, "", ""},
		"a wrong token":                  {w.URL, "wrong", nil, 400, "InvalidCredentials", "401 Unauthorized"},
		"nobody listens":                 {"http://127.0.0.1:1/scim", "t", nil, 400, "CredentialValidationUnavailable", "Unable to connect"},
		"no address at all":              {"", "t", nil, 400, "RequestMissingRequiredParameter", "BaseAddress"},
		"an address that is none":        {"scim.example.com", "t", nil, 400, "CredentialValidationUnavailable", "valid tenant URL"},
		"no groups at the endpoint":      {w.URL, w.Token, status("/Groups", 404), 400, "InvalidCredentials", "ServiceIncompatible"},
		"a page instead of SCIM":         {w.URL, w.Token, status("/Users", 200), 400, "InvalidCredentials", "ServiceIncompatible"},
		"an endpoint that has a bad day": {w.URL, w.Token, status("/Users", 500), 400, "CredentialValidationUnavailable", "500"},
	} {
		t.Run(name, func(t *testing.T) {
			w.instead(c.answer)
			defer w.instead(nil)
			var pairs []object
			if c.base != "" {
				pairs = append(pairs, secret("BaseAddress", c.base))
			}
			body := object{"templateId": "scim", "credentials": append(pairs, secret("SecretToken", c.token))}
			for _, path := range []string{l.sync("/jobs/validateCredentials"), l.jobPath("/validateCredentials")} {
				a := l.want(c.status, "POST", path, body)
				if a.code() != c.code || !strings.Contains(a.message(), c.text) {
					t.Errorf("%s: %s %q, want %s with %q", path, a.code(), a.message(), c.code, c.text)
				}
				if strings.Contains(a.text, w.Token) {
					t.Error("the answer holds the token")
				}
			}
		})
	}
	if asked := w.take("GET"); !slices.ContainsFunc(asked, func(s sent) bool { return s.path == "/Groups" }) {
		t.Error("the endpoint was never asked for a group")
	}
}

func TestSchema(t *testing.T) {
	l := startLab(t)
	l.instantiate("Wiki")
	l.job = l.want(201, "POST", l.sync("/jobs"), object{"templateId": "scim"}).body["id"].(string)
	user := func(schema object) object {
		return schema["synchronizationRules"].([]any)[0].(object)["objectMappings"].([]any)[0].(object)
	}
	mappings := func(schema object) []any { return user(schema)["attributeMappings"].([]any) }
	for name, c := range map[string]struct {
		edit func(schema object)
		want string // part of the refusal; empty: it is stored
	}{
		"as it was read": {func(object) {}, ""},
		"an unknown target attribute": {func(s object) { mappings(s)[3].(object)["targetAttributeName"] = "shoeSize" },
			"target attribute 'shoeSize' is not defined"},
		"an unknown source attribute": {func(s object) {
			mappings(s)[3].(object)["source"] = object{"expression": "[shoeSize]", "name": "shoeSize", "type": "Attribute", "parameters": []any{}}
		}, "source attribute 'shoeSize' is not defined"},
		"a broken expression": {func(s object) {
			mappings(s)[3].(object)["source"] = object{"expression": "Join(", "name": "Join", "type": "Function", "parameters": []any{}}
		}, "cannot be read"},
		"a function without its tree": {func(s object) {
			mappings(s)[3].(object)["source"] = object{"expression": "Append([mail], \"x\")", "name": "Append", "type": "Function", "parameters": []any{}}
		}, "has no parameters"},
		"one target twice":      {func(s object) { mappings(s)[3].(object)["targetAttributeName"] = "displayName" }, "mapped more than once"},
		"no matching attribute": {func(s object) { mappings(s)[0].(object)["matchingPriority"] = 0 }, "no matching attribute"},
		"the anchor as target":  {func(s object) { mappings(s)[3].(object)["targetAttributeName"] = "id" }, "anchor"},
		"a scope with an unknown operator": {func(s object) {
			user(s)["scope"] = object{"groups": []any{object{"name": "g", "clauses": []any{object{"operatorName": "LIKE",
				"sourceOperandName": "department", "targetOperand": object{"values": []string{"x"}}}}}}}
		}, "operator 'LIKE' is not known"},
		"no rules at all": {func(s object) { delete(s, "synchronizationRules") }, "no synchronizationRules"},
	} {
		t.Run(name, func(t *testing.T) {
			schema := l.want(200, "GET", l.jobPath("/schema"), nil).body
			c.edit(schema)
			if c.want == "" {
				l.want(204, "PUT", l.jobPath("/schema"), schema)
				return
			}
			if a := l.want(400, "PUT", l.jobPath("/schema"), schema); !strings.Contains(a.message(), c.want) {
				t.Errorf("message %q, want one that says %q", a.message(), c.want)
			}
		})
	}
}

func TestSchemaWritesAreNoticed(t *testing.T) {
	w := startWire(t)
	l := running(t, w, "")
	schema := l.want(200, "GET", l.jobPath("/schema"), nil).body
	version := schema["version"]
	l.want(204, "PUT", l.jobPath("/schema"), schema)
	if l.cycle().Initial {
		t.Error("a PUT that changes nothing made a full cycle")
	}
	again := l.want(200, "GET", l.jobPath("/schema"), nil).body
	if again["version"] == version {
		t.Error("a PUT did not change the version")
	}
	if lost := l.State().Jobs[0].LostSchemaMembers; len(lost) != 0 {
		t.Errorf("members count as lost though nothing was dropped: %v", lost)
	}

	rule := again["synchronizationRules"].([]any)[0].(object)
	mapping := rule["objectMappings"].([]any)[0].(object)
	mapping["attributeMappings"] = mapping["attributeMappings"].([]any)[:5]
	delete(mapping, "syntheticUnknownMember")
	rule["metadata"] = rule["metadata"].([]any)[:1]
	l.want(204, "PUT", l.jobPath("/schema"), again)
	if !l.cycle().Initial {
		t.Error("a PUT with other mappings did not make a full cycle")
	}
	want := []string{"/synchronizationRules/USERGROUP_OUTBOUND_USERGROUP/metadata/supportsProvisionOnDemand",
		"/synchronizationRules/USERGROUP_OUTBOUND_USERGROUP/metadata/syntheticOrigin",
		"/synchronizationRules/USERGROUP_OUTBOUND_USERGROUP/objectMappings/Provision Azure Active Directory Users/syntheticUnknownMember"}
	got := l.State().Jobs[0].LostSchemaMembers
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("lost members (-want +got):\n%s", diff)
	}
	l.want(204, "DELETE", l.jobPath("/schema"), nil)
	if n := len(l.want(200, "GET", l.jobPath("/schema"), nil).body["synchronizationRules"].([]any)[0].(object)["objectMappings"].([]any)[0].(object)["attributeMappings"].([]any)); n != 22 {
		t.Errorf("after DELETE there are %d user mappings, want the default's 22", n)
	}
}

func TestWhatTheServiceDoesNotServe(t *testing.T) {
	l := startLab(t)
	l.instantiate("Wiki")
	l.job = l.want(201, "POST", l.sync("/jobs"), object{"templateId": "scim"}).body["id"].(string)
	for _, path := range []string{"", "/schema"} {
		a := l.want(404, "PATCH", l.jobPath(path), object{})
		if a.code() != "UnknownError" || !strings.Contains(a.message(), "No HTTP resource was found that matches the request URI") {
			t.Errorf("PATCH job%s: %s %q", path, a.code(), a.message())
		}
	}
	l.want(404, "POST", l.jobPath("/stop"), nil)
	l.want(404, "GET", "/servicePrincipals/"+l.sp+"/synchronization/jobs/scim.nothing", nil)
	if a := l.want(400, "GET", "/planets", nil); a.code() != "BadRequest" {
		t.Errorf("an unknown segment answers %s", a.code())
	}
}

func TestParseExpression(t *testing.T) {
	l := startLab(t)
	l.instantiate("Wiki")
	l.job = l.want(201, "POST", l.sync("/jobs"), object{"templateId": "scim"}).body["id"].(string)
	a := l.want(200, "POST", l.jobPath("/schema/parseExpression"), object{
		"expression":      `Replace([preferredLanguage], "-", , , "_", ,  )`,
		"testInputObject": object{"properties": []object{{"key": "preferredLanguage", "value": "EN-US"}}}})
	if a.body["parsingSucceeded"] != true || !cmp.Equal(a.body["evaluationResult"], any([]any{"EN_US"})) {
		t.Errorf("answer %s", a.text)
	}
	tree := a.body["parsedExpression"].(object)
	if tree["type"] != "Function" || len(tree["parameters"].([]any)) != 3 {
		t.Errorf("tree %v", tree)
	}
	a = l.want(200, "POST", l.jobPath("/schema/parseExpression"), object{"expression": `Replace([x]`})
	if a.body["parsingSucceeded"] != false || a.body["error"] == nil {
		t.Errorf("a broken expression: %s", a.text)
	}
	if n := len(l.want(200, "GET", l.jobPath("/schema/filterOperators"), nil).list()); n != 8 {
		t.Errorf("%d operators, want 8", n)
	}
	if n := len(l.want(200, "GET", l.jobPath("/schema/functions"), nil).list()); n != 14 {
		t.Errorf("%d functions, want the 14 of the published list", n)
	}
}
