package endpoint_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scim-operator/scim-operator/internal/scim/auth"
	"github.com/scim-operator/scim-operator/internal/scim/endpoint"
	"github.com/scim-operator/scim-operator/internal/scim/management"
	"github.com/scim-operator/scim-operator/internal/scim/scimtest"
	"github.com/scim-operator/scim-operator/internal/version"
)

const wikiURN = "urn:ietf:params:scim:schemas:extension:wiki:2.0:User"

func get(t *testing.T, url, token string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	return do(t, request, token)
}

func do(t *testing.T, request *http.Request, token string) (int, string) {
	t.Helper()
	request.Header.Set("Authorization", "Bearer "+token)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

func postUser(t *testing.T, e *scimtest.Endpoint, body string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, e.URL+"/Users", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return do(t, request, e.Token)
}

func statusz(t *testing.T, e *scimtest.Endpoint) management.Status {
	t.Helper()
	code, body := get(t, e.ManagementURL+"/statusz", "")
	var status management.Status
	if err := json.Unmarshal([]byte(body), &status); code != 200 || err != nil {
		t.Fatalf("statusz: %d, %v: %s", code, err, body)
	}
	return status
}

func TestStatuszTellsWhatIsInForce(t *testing.T) {
	e := scimtest.Start(t)
	if _, body := get(t, e.ManagementURL+"/statusz", ""); !strings.Contains(body, `"lastUsedAt":null`) {
		t.Errorf("a token that nobody used has no null lastUsedAt: %s", body)
	}
	if code, body := postUser(t, e, `{"userName":"ann"}`); code != 201 {
		t.Fatalf("POST: %d %s", code, body)
	}
	got := statusz(t, e)
	if len(got.StoreID) != 36 || len(got.Tokens) != 1 || got.Tokens[0].LastUsedAt == nil {
		t.Fatalf("status %+v, want a UUID and one used token", got)
	}
	want := management.Status{
		Tokens:         []auth.TokenStatus{{ID: "test", Scope: auth.Write, LastUsedAt: got.Tokens[0].LastUsedAt}},
		TokenHashes:    []string{auth.HashOf(e.Token).String()},
		ConfigRevision: "first", StoreID: got.StoreID, Sequence: 1, StoreExpected: true, ReplicaVersion: version.String(),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("status (-want +got):\n%s", diff)
	}
}

func TestTheManagementPortServesNoSCIMAndTheSCIMPortNoManagement(t *testing.T) {
	e := scimtest.Start(t)
	for _, path := range []string{"/healthz", "/readyz", "/metrics"} {
		if code, _ := get(t, e.ManagementURL+path, ""); code != 200 {
			t.Errorf("%s on the management port: %d", path, code)
		}
	}
	if code, _ := get(t, e.ManagementURL+"/scim/v2/Users", e.Token); code != 404 {
		t.Errorf("SCIM on the management port: %d", code)
	}
	if code, _ := get(t, strings.TrimSuffix(e.URL, "/scim/v2")+"/statusz", e.Token); code != 404 {
		t.Errorf("statusz on the SCIM port: %d", code)
	}
}

func TestAChangedConfigurationIsServedWithoutRestart(t *testing.T) {
	e := scimtest.Start(t)
	user := fmt.Sprintf(`{"userName":"%%s",%q:{"shelf":"A"}}`, wikiURN)
	if _, body := postUser(t, e, fmt.Sprintf(user, "before")); strings.Contains(body, "shelf") {
		t.Errorf("an attribute of no schema is kept: %s", body)
	}
	scimtest.WriteFile(t, e.ConfigFile, `
revision: second
schemas:
- id: `+wikiURN+`
  name: wiki
  resourceType: User
  attributes: [{name: shelf, type: string, caseExact: true, multiValued: false}]
`)
	scimtest.Eventually(t, "the second revision is in force", func() bool { return statusz(t, e).ConfigRevision == "second" })
	if _, body := get(t, e.URL+"/Schemas", e.Token); !strings.Contains(body, `"name":"shelf"`) {
		t.Errorf("/Schemas lacks the attribute: %s", body)
	}
	if code, body := postUser(t, e, fmt.Sprintf(user, "after")); code != 201 || !strings.Contains(body, `{"shelf":"A"}`) {
		t.Errorf("the attribute is not accepted: %d %s", code, body)
	}
	if _, body := get(t, e.URL+"/Users?filter="+wikiURN+":shelf+eq+%22a%22", e.Token); !strings.Contains(body, `"totalResults":0`) {
		t.Errorf("a caseExact attribute is compared without case: %s", body)
	}
}

func TestAWrongFileLeavesTheLastGoodInForceAndMetricsSaySo(t *testing.T) {
	e := scimtest.Start(t)
	metric := func(line string) func() bool {
		return func() bool {
			_, body := get(t, e.ManagementURL+"/metrics", "")
			return strings.Contains(body, "\n"+line+"\n")
		}
	}
	scimtest.WriteFile(t, e.TokenHashesFile, "not a hash\n")
	scimtest.WriteFile(t, e.ConfigFile, "revision: x\nunknown: key\n")
	scimtest.Eventually(t, "the token metric tells of the failure", metric("scim_endpoint_token_hashes_current 0"))
	scimtest.Eventually(t, "the configuration metric tells of the failure", metric("scim_endpoint_config_current 0"))
	if code, _ := get(t, e.URL+"/Users", e.Token); code != 200 {
		t.Errorf("the last good token is refused: %d", code)
	}
	wrong := statusz(t, e)
	if wrong.ConfigRevision != "first" {
		t.Errorf("revision %q, want the last good one", wrong.ConfigRevision)
	}
	if !strings.Contains(wrong.ConfigError, "unknown (line 2) is no known key") || !strings.Contains(wrong.TokenHashesError, "line 1") ||
		strings.Contains(wrong.TokenHashesError, "not a hash") {
		t.Errorf("/statusz says of the configuration %q and of the token hashes %q", wrong.ConfigError, wrong.TokenHashesError)
	}
	scimtest.WriteFile(t, e.ConfigFile, "revision: second\n")
	scimtest.Eventually(t, "/statusz says nothing of a good configuration", func() bool { return statusz(t, e).ConfigError == "" })
	scimtest.WriteFile(t, e.TokenHashesFile, "# nobody\n")
	scimtest.Eventually(t, "a valid and empty file accepts nobody", func() bool {
		code, _ := get(t, e.URL+"/Users", e.Token)
		return code == 401
	})
	scimtest.Eventually(t, "the token metric recovers", metric("scim_endpoint_token_hashes_current 1"))
}

func TestStartNamesTheWrongFlag(t *testing.T) {
	folder := t.TempDir()
	hashes := filepath.Join(folder, "hashes")
	scimtest.WriteFile(t, hashes, auth.HashOf("x").String()+"\n")
	wrong := filepath.Join(folder, "wrong")
	scimtest.WriteFile(t, wrong, "schemas: 7\n")
	for name, c := range map[string]struct {
		change func(*endpoint.Options)
		want   string
	}{
		"a base path without a slash":        {func(o *endpoint.Options) { o.BasePath = "scim/v2" }, "--base-path"},
		"no token hashes":                    {func(o *endpoint.Options) { o.TokenHashes = "" }, "--token-hashes"},
		"token hashes that are none":         {func(o *endpoint.Options) { o.TokenHashes = wrong }, "--token-hashes"},
		"a configuration that is none":       {func(o *endpoint.Options) { o.Config = wrong }, "--config"},
		"a dialect that is none":             {func(o *endpoint.Options) { o.Dialect = "okta" }, "--dialect"},
		"a store of another kind":            {func(o *endpoint.Options) { o.Store = "mysql://x" }, "--store"},
		"a store in a folder that is absent": {func(o *endpoint.Options) { o.Store = "sqlite://" + folder + "/absent/scim.db" }, "--store"},
		"a certificate without a key":        {func(o *endpoint.Options) { o.TLSCert = "x" }, "--tls-key"},
		"a public URL without a host":        {func(o *endpoint.Options) { o.PublicURL = "wiki.example.com" }, "--public-url"},
		"an address that is none":            {func(o *endpoint.Options) { o.Listen = "nowhere:-1" }, "--listen"},
		"a feature that is unknown":          {func(o *endpoint.Options) { o.FeatureGates = []string{"Magic=true"} }, "--feature-gates"},
		"a feature that is half on":          {func(o *endpoint.Options) { o.FeatureGates = []string{"EntraTokens=yes"} }, "--feature-gates"},
		"a negative delay":                   {func(o *endpoint.Options) { o.DrainDelay = -1 }, "--drain-delay"},
		"a certificate that is none":         {func(o *endpoint.Options) { o.TLSCert, o.TLSKey = wrong, wrong }, "--tls-cert"},
		"a database that does not answer":    {func(o *endpoint.Options) { o.Store = "postgres://scim:Hunter2@127.0.0.1:1/scim" }, "--store"},
	} {
		t.Run(name, func(t *testing.T) {
			o := endpoint.Options{
				Listen: "127.0.0.1:0", ManagementListen: "127.0.0.1:0", BasePath: "/scim/v2", Store: "sqlite://" + folder + "/scim.db",
				TokenHashes: hashes, Dialect: "entra", Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
			}
			c.change(&o)
			running, err := endpoint.Start(t.Context(), o)
			if err == nil {
				_ = running.Shutdown(context.WithoutCancel(t.Context()))
				t.Fatal("it started")
			}
			if !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "Hunter2") {
				t.Errorf("error %v, want %s in it, and no password", err, c.want)
			}
		})
	}
}

func TestThePublicURLMakesLocations(t *testing.T) {
	for given, want := range map[string]string{
		"https://scim.example.com":             "https://scim.example.com/scim/v2/Users/",
		"https://scim.example.com/":            "https://scim.example.com/scim/v2/Users/",
		"https://example.com/wiki/scim/v2":     "https://example.com/wiki/scim/v2/Users/",
		"http://wiki-scim.docs.svc:8080/scim/": "http://wiki-scim.docs.svc:8080/scim/Users/",
	} {
		address := ""
		e := scimtest.Start(t, func(o *endpoint.Options) {
			o.PublicURL = given
			o.Listen = freeAddress(t)
			address = o.Listen
		})
		e.URL = "http://" + address + "/scim/v2"
		if _, body := postUser(t, e, `{"userName":"ann"}`); !strings.Contains(body, `"location":"`+want) {
			t.Errorf("public URL %q: %s", given, body)
		}
	}
}
