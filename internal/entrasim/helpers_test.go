package entrasim_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/scim-operator/scim-operator/internal/entrasim"
	"github.com/scim-operator/scim-operator/internal/entrasim/directory"
)

const (
	clientID     = "11111111-2222-4333-8444-555555555555"
	clientSecret = "the secret of the test client"
	tenantID     = "6babcaad-604b-40ac-a9d7-9fd97c0b779f"
	template     = "8adf8e6e-67b2-4cf2-a259-e3dc5476c621"

	anna   = "00000000-0000-4000-8000-000000000001"
	bengt  = "00000000-0000-4000-8000-000000000002"
	carla  = "00000000-0000-4000-8000-000000000003"
	dora   = "00000000-0000-4000-8000-000000000004"
	guest  = "00000000-0000-4000-8000-000000000005"
	staff  = "00000000-0000-4000-8000-0000000000a1"
	nested = "00000000-0000-4000-8000-0000000000a2"
	mail   = "00000000-0000-4000-8000-0000000000a3"
)

// people is a directory with one of everything that a cycle treats differently.
func people() *directory.Directory {
	no := false
	return &directory.Directory{
		TenantID: tenantID, Domain: "contoso.onmicrosoft.com",
		Users: []*directory.User{
			{ID: anna, UserPrincipalName: "anna@contoso.com", DisplayName: "Anna Åkesson", GivenName: "Anna", Surname: "Åkesson",
				Mail: "anna@contoso.com", MailNickname: "anna", Department: "Engineering", JobTitle: "Lead"},
			{ID: bengt, UserPrincipalName: "bengt@contoso.com", DisplayName: "Bengt O'Neill", GivenName: "Bengt", Surname: "O'Neill",
				MailNickname: "bengt", Department: "Engineering", Manager: anna, BusinessPhones: []string{"+46 8 123"}},
			{ID: carla, UserPrincipalName: "carla@contoso.com", DisplayName: "Carla Čapková", GivenName: "Carla", Surname: "Čapková",
				Mail: "carla@contoso.com", MailNickname: "carla", Department: "Sales", Manager: bengt},
			{ID: dora, UserPrincipalName: "dora@contoso.com", DisplayName: "Dora Disabled", MailNickname: "dora", AccountEnabled: &no},
			{ID: guest, UserPrincipalName: "gil_partner.example#EXT#@contoso.onmicrosoft.com", DisplayName: "Gil Guest",
				MailNickname: "gil", UserType: "Guest", Mail: "gil@partner.example"},
		},
		Groups: []*directory.Group{
			{ID: staff, DisplayName: "Staff", Members: []string{anna, bengt, dora, nested}},
			{ID: nested, DisplayName: "Nested", Members: []string{carla}},
			{ID: mail, DisplayName: "Mail only", SecurityEnabled: &no},
		},
	}
}

// lab is a started simulator with a client that is logged in.
type lab struct {
	*entrasim.Server
	t     *testing.T
	http  *http.Client
	token string

	headers map[string]string // go with every request

	app, sp, appID, job string
}

func startLab(t *testing.T, change ...func(*entrasim.Options)) *lab {
	t.Helper()
	options := entrasim.Options{Directory: people(), Clients: []entrasim.Client{{ID: clientID, Secret: clientSecret}}, CheckShape: true}
	for _, c := range change {
		c(&options)
	}
	server, err := entrasim.New(options)
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	t.Cleanup(func() { inShape(t, server) })
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(server.CAPEM) {
		t.Fatal("CAPEM holds no certificate")
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: true}
	t.Cleanup(transport.CloseIdleConnections)
	l := &lab{Server: server, t: t, http: &http.Client{Transport: transport, Timeout: 30 * time.Second}}
	l.token = l.login(clientID, clientSecret)
	return l
}

func (l *lab) login(id, secret string) string {
	l.t.Helper()
	response, err := l.http.PostForm(l.URL+"/"+tenantID+"/oauth2/v2.0/token", url.Values{"grant_type": {"client_credentials"},
		"client_id": {id}, "client_secret": {secret}, "scope": {"https://graph.microsoft.com/.default"}})
	if err != nil {
		l.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	var answer struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil || response.StatusCode != http.StatusOK {
		l.t.Fatalf("token endpoint answered %d (%v)", response.StatusCode, err)
	}
	return answer.AccessToken
}

// answer is what Graph or the admin API said.
type answer struct {
	status int
	header http.Header
	body   map[string]any
	text   string
}

func (a answer) code() string {
	e, _ := a.body["error"].(map[string]any)
	code, _ := e["code"].(string)
	return code
}

func (a answer) message() string {
	e, _ := a.body["error"].(map[string]any)
	message, _ := e["message"].(string)
	return message
}

func (a answer) list() []map[string]any {
	var out []map[string]any
	values, _ := a.body["value"].([]any)
	for _, v := range values {
		out = append(out, v.(map[string]any))
	}
	return out
}

// try makes a request and returns an error only when there was no answer.
func (l *lab) try(method, address string, body any) (answer, error) {
	var reader io.Reader
	if body != nil {
		encoded, err := json.Marshal(body)
		if err != nil {
			l.t.Fatal(err)
		}
		reader = bytes.NewReader(encoded)
	}
	request, err := http.NewRequestWithContext(context.Background(), method, address, reader)
	if err != nil {
		l.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+l.token)
	request.Header.Set("Content-Type", "application/json")
	for name, value := range l.headers {
		request.Header.Set(name, value)
	}
	response, err := l.http.Do(request)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = response.Body.Close() }()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		return answer{}, err
	}
	a := answer{status: response.StatusCode, header: response.Header, text: string(raw)}
	if len(raw) > 0 && !strings.HasPrefix(response.Header.Get("Content-Type"), "text/plain") {
		if err := json.Unmarshal(raw, &a.body); err != nil {
			var list []any
			if json.Unmarshal(raw, &list) != nil {
				l.t.Fatalf("%s %s: not JSON: %s", method, address, raw)
			}
		}
	}
	return a, nil
}

// graph makes a Graph v1.0 request.
func (l *lab) graph(method, path string, body any) answer {
	l.t.Helper()
	a, err := l.try(method, l.URL+"/v1.0"+path, body)
	if err != nil {
		l.t.Fatalf("%s %s: %v", method, path, err)
	}
	return a
}

// want makes a Graph request and fails the test unless it is answered with the status.
func (l *lab) want(status int, method, path string, body any) answer {
	l.t.Helper()
	a := l.graph(method, path, body)
	if a.status != status {
		l.t.Fatalf("%s %s: status %d, want %d: %s", method, path, a.status, status, a.text)
	}
	return a
}

func (l *lab) admin(status int, method, path string, body any) answer {
	l.t.Helper()
	a, err := l.try(method, l.AdminURL+path, body)
	if err != nil {
		l.t.Fatalf("%s %s: %v", method, path, err)
	}
	if a.status != status {
		l.t.Fatalf("%s %s: status %d, want %d: %s", method, path, a.status, status, a.text)
	}
	return a
}

// instantiate makes the application.
func (l *lab) instantiate(name string) {
	l.t.Helper()
	made := l.want(http.StatusCreated, "POST", "/applicationTemplates/"+template+"/instantiate", object{"displayName": name})
	app, sp := made.body["application"].(map[string]any), made.body["servicePrincipal"].(map[string]any)
	l.app, l.sp, l.appID = app["id"].(string), sp["id"].(string), app["appId"].(string)
}

// provision makes application, job and secrets for a SCIM endpoint.
func (l *lab) provision(base, token string, secrets ...object) {
	l.t.Helper()
	l.instantiate("Wiki")
	job := l.want(http.StatusCreated, "POST", l.sync("/jobs"), object{"templateId": "scim"})
	l.job = job.body["id"].(string)
	pairs := append([]object{
		{"key": "BaseAddress", "value": base}, {"key": "SecretToken", "value": token}, {"key": "SyncAll", "value": "false"},
		{"key": "SyncNotificationSettings", "value": `{"Enabled":false,"DeleteThresholdEnabled":false}`}}, secrets...)
	byKey := map[any]object{}
	for _, p := range pairs {
		byKey[p["key"]] = p
	}
	pairs = pairs[:0]
	for _, p := range byKey {
		pairs = append(pairs, p)
	}
	l.want(http.StatusNoContent, "PUT", l.sync("/secrets"), object{"value": pairs})
}

type object = map[string]any

func (l *lab) sync(path string) string {
	return "/servicePrincipals/" + l.sp + "/synchronization" + path
}

func (l *lab) jobPath(path string) string { return l.sync("/jobs/" + l.job + path) }

// role is the ID of the template's role User.
func (l *lab) role() string {
	l.t.Helper()
	for _, r := range l.want(http.StatusOK, "GET", "/servicePrincipals/"+l.sp, nil).body["appRoles"].([]any) {
		if r := r.(map[string]any); r["displayName"] == "User" {
			return r["id"].(string)
		}
	}
	l.t.Fatal("the service principal has no role User")
	return ""
}

// assign assigns a user or group and returns the assignment's ID.
func (l *lab) assign(principal, role string) string {
	l.t.Helper()
	a := l.want(http.StatusCreated, "POST", "/servicePrincipals/"+l.sp+"/appRoleAssignedTo",
		object{"principalId": principal, "resourceId": l.sp, "appRoleId": role})
	return a.body["id"].(string)
}

// cycle runs a cycle and fails the test when it failed as a whole.
func (l *lab) cycle() *entrasim.CycleReport {
	l.t.Helper()
	r, err := l.RunCycle(context.Background(), l.job)
	if err != nil {
		l.t.Fatal(err)
	}
	if r.Error != nil {
		l.t.Fatalf("the cycle failed: %+v", *r.Error)
	}
	return r
}

// counts is the outcome of a cycle in one line.
func counts(r *entrasim.CycleReport) string {
	return fmt.Sprintf("created %d updated %d disabled %d deleted %d skipped %d failed %d",
		r.Created, r.Updated, r.Disabled, r.Deleted, r.Skipped, r.Failed)
}

func expectCounts(t *testing.T, r *entrasim.CycleReport, want string) {
	t.Helper()
	if got := counts(r); got != want {
		t.Fatalf("the cycle: %s, want %s; failures: %+v", got, want, r.Failures)
	}
}

// scimList reads all resources of an endpoint by the name of an attribute.
func scimList(t *testing.T, base, token, resource, key string) map[string]map[string]any {
	t.Helper()
	request, err := http.NewRequestWithContext(context.Background(), http.MethodGet, base+"/"+resource+"?count=200", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	var list struct{ Resources []map[string]any }
	if err := json.NewDecoder(response.Body).Decode(&list); err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("GET /%s: status %d (%v)", resource, response.StatusCode, err)
	}
	out := map[string]map[string]any{}
	for _, r := range list.Resources {
		name, _ := r[key].(string)
		out[strings.ToLower(name)] = r
	}
	return out
}
