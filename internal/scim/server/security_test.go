package server_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/scim-operator/scim-operator/internal/scim/auth"
	"github.com/scim-operator/scim-operator/internal/scim/server"
	"github.com/scim-operator/scim-operator/internal/scim/store"
)

func TestSecurity(t *testing.T) {
	formulas := `=cmd|' /C calc'!A0 ); DROP TABLE resources;-- *)(uid=*)) <script>alert(1)</script> \u2028 ../../ ${jndi:x} %00 \\`
	runScenarios(t, []scenario{
		{name: "X-2 two tokens are live at once", steps: []step{
			{method: "GET", path: "/Users", status: 200}, {method: "GET", path: "/Users", header: map[string]string{"Authorization": "Bearer {read}"}, status: 200}}},
		{name: "X-10 the management port's routes are not here", steps: []step{
			{method: "GET", path: "/metrics", status: 404}, {method: "GET", path: "/statusz", status: 404}, {method: "GET", path: "/../../metrics", status: 404}}},
		{name: "X-18 pages are capped", steps: []step{{method: "GET", path: "/Users?count=1000000", status: 200}}},
		{name: "X-20 what is code elsewhere is data here", steps: []step{
			post("/Users", "ann", `{"userName":"`+formulas+`","displayName":"`+formulas+`"}`), getAnn(`=cmd|`, `DROP TABLE`, `<script>`),
			{method: "GET", path: "/Users?filter=" + escape(`displayName co "'; DROP TABLE resources;--"`), status: 200, contains: []string{`"totalResults":0`}},
			{method: "GET", path: "/Users?filter=" + escape(`displayName co "DROP TABLE"`), status: 200, contains: []string{`"totalResults":1`}},
			{method: "GET", path: "/Users?sortBy=" + escape(`userName;DROP`), status: 400},
			{method: "GET", path: "/Users/'%20OR%201=1", status: 404}}},
		{name: "I-1 externalId is no id", steps: []step{ann,
			post("/Users", "b", `{"userName":"b","externalId":"{ann}"}`), post("/Users", "c", `{"userName":"c","externalId":"1"}`),
			getAnn(`"userName":"ann@example.com"`), {method: "GET", path: "/Users/1", status: 404}}},
		{name: "I-3 keys of JavaScript's prototype change nobody", steps: []step{ann, bob,
			patchAnn(`{"op":"add","value":{"__proto__.title":"x","constructor":{"title":"x"},"prototype":{"title":"x"}}}`, `"version":"W/\"1\""`),
			refused(patchAnn(`{"op":"add","path":"__proto__.title","value":"x"}`), 400, "invalidPath"),
			{method: "GET", path: "/Users/{bob}", status: 200, excludes: []string{`"title"`}}}},
		{name: "I-12 removing one member leaves the others", steps: []step{ann, bob, group,
			patchGroup(`{"op":"Remove","path":"members","value":[{"$ref":null,"value":"{ann}"}]}`), getGroup(`"{bob}"`).without(`"{ann}"`)}},
		{name: "I-14 Replace in capital letters offboards", steps: []step{ann,
			patchAnn(`{"op":"REPLACE","path":"active","value":"False"}`, `"active":false`)}},
		{name: "I-18 externalId has case", steps: []step{
			post("/Users", "a", `{"userName":"a","externalId":"Ab"}`), post("/Users", "b", `{"userName":"b","externalId":"aB"}`),
			{method: "GET", path: `/Users?filter=externalId+eq+"Ab"`, status: 200, contains: []string{`"totalResults":1`, `"userName":"a"`}}}},
	})
}

func TestI2NoSpellingAvoidsAuthentication(t *testing.T) {
	e := start(t)
	for _, path := range []string{"/%55sers", "/Users%2f..", "/%2e%2e/Users", "//Users", "/Users/.", "/USERS", "/Users/x%00", "/;/Users", "/Users;x=1", "/ServiceProviderConfig/../Users", "/.search", "/Bulk", "/"} {
		for _, method := range []string{"GET", "POST", "PATCH", "DELETE"} {
			if response, body := send(t, e, method, path, "{}", map[string]string{"Authorization": "none"}); response.StatusCode != http.StatusUnauthorized {
				t.Errorf("%s %s: status %d, want 401: %s", method, path, response.StatusCode, body)
			}
		}
	}
}

func TestI8NoHeaderOpensALockedServer(t *testing.T) {
	e := start(t)
	for _, authorization := range []string{"Bearer", "Bearer ", "Bearer null", "Bearer undefined", "bearer  ", "Basic " + e.Token, e.Token, "Bearer " + e.Token + " " + e.Token} {
		if response, _ := send(t, e, "GET", "/Users", "", map[string]string{"Authorization": authorization}); response.StatusCode != http.StatusUnauthorized {
			t.Errorf("Authorization %q: status %d, want 401", strings.ReplaceAll(authorization, e.Token, "<token>"), response.StatusCode)
		}
	}
}

func TestX3TwoAuthorizationHeadersAreNone(t *testing.T) {
	e := start(t)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, e.URL+"/Users", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Add("Authorization", "Bearer "+e.Token)
	request.Header.Add("Authorization", "Bearer "+e.Token)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusUnauthorized {
		t.Errorf("status %d, want 401", response.StatusCode)
	}
}

func TestI13APatchOfALargeGroupLosesNobody(t *testing.T) {
	e := start(t)
	ids := createUsers(t, e, "u", 1002)
	members := make([]string, 1001)
	for i := range members {
		members[i] = fmt.Sprintf(`{"value":%q}`, ids[i])
	}
	_, body := send(t, e, "POST", "/Groups", `{"displayName":"G","members":[`+strings.Join(members, ",")+`]}`, nil)
	id := idOf(t, body)
	send(t, e, "PATCH", "/Groups/"+id, fmt.Sprintf(`{"Operations":[{"op":"Add","path":"members","value":[{"value":%q}]}]}`, ids[1001]), nil)
	_, body = send(t, e, "GET", "/Groups/"+id, "", nil)
	if n := strings.Count(body, `"type":"User"`); n != 1002 {
		t.Errorf("%d members, want 1002", n)
	}
}

func TestI15NoFilterIsAnInternalError(t *testing.T) {
	e := start(t)
	values := []string{`"a"`, `""`, `1`, `-1.5e300`, `true`, `"True"`, `null`, `bare`, `"\u0000"`, `"\ud800"`, `"2020-01-01T00:00:00Z"`, `"%_\\*"`, `99999999999999999999`}
	for _, attribute := range []string{"id", "externalId", "userName", "active", "emails", "emails.value", "emails.primary", "name.givenName", "meta.created", "meta.version", "manager", "groups", "groups.display", "schemas", "x509Certificates", "photos"} {
		for _, operator := range []string{"eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"} {
			for _, value := range values {
				filter := attribute + " " + operator + " " + value
				if response, body := send(t, e, "GET", "/Users?filter="+escape(filter), "", nil); response.StatusCode != http.StatusOK && response.StatusCode != http.StatusBadRequest {
					t.Errorf("filter %s: %d %s", filter, response.StatusCode, body)
				}
			}
		}
	}
}

func TestX16M4TheLogHasNoValues(t *testing.T) {
	e := start(t)
	saved := map[string]string{}
	for _, st := range []step{
		post("/Users", "ann", `{"userName":"secretname","password":"secretpassword"}`),
		{method: "GET", path: `/Users?filter=userName+eq+"secretname"`, status: 200},
		{method: "POST", path: "/Users", body: `{"userName":"secretname"}`, status: 409},
		{method: "POST", path: "/Users", body: `{"userName":"secretname","active":"secretvalue"}`, status: 400},
		patchAnn(`{"op":"replace","path":"title","value":"secrettitle"}`),
	} {
		st.run(t, e, saved)
	}
	log := e.Log.String()
	if strings.Contains(log, "secret") || strings.Contains(log, e.Token) {
		t.Errorf("the log holds what it must not: %s", log)
	}
	for _, fragment := range []string{`"route":"/Users/{id}"`, `"token":"test"`, `"attributes":["title"]`, saved["ann"], `"requestID":"`, `"status":409`} {
		if !strings.Contains(log, fragment) {
			t.Errorf("the log lacks %s", fragment)
		}
	}
}

func TestB10EachBulkOperationIsAudited(t *testing.T) {
	e := start(t)
	saved := map[string]string{}
	bulk(bulkUser("a", "a")+","+bulkUser("b", "b")+","+bulkUser("c", "A")).run(t, e, saved)
	if n := strings.Count(e.Log.String(), `"msg":"audit"`); n != 2 {
		t.Errorf("%d audit lines, want one for each of two creations", n)
	}
}

func TestX18IdsAreRandom(t *testing.T) {
	e := start(t)
	for _, id := range createUsers(t, e, "u", 3) {
		if !regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(id) {
			t.Errorf("id %s is no random UUID", id)
		}
	}
}

func TestX21NoCookiesNoCORSAndOnlyHTTPS(t *testing.T) {
	e := start(t, func(o *server.Options) { o.PublicURL = "https://scim.example.com/scim/v2" })
	response, _ := send(t, e, "GET", "/Users", "", map[string]string{"Origin": "https://evil.example"})
	for _, name := range []string{"Set-Cookie", "Access-Control-Allow-Origin"} {
		if value := response.Header.Get(name); value != "" {
			t.Errorf("header %s is %q, want none", name, value)
		}
	}
	if response.Header.Get("Strict-Transport-Security") == "" {
		t.Error("behind https there is no Strict-Transport-Security")
	}
}

// spy counts and watches the reads of a store.
type spy struct {
	store.Store

	reads    atomic.Int64
	deadline atomic.Int64
}

func (s *spy) Get(ctx context.Context, resourceType, id string, want store.Want) (store.Resource, error) {
	s.reads.Add(1)
	return s.Store.Get(ctx, resourceType, id, want)
}

func (s *spy) List(ctx context.Context, q store.Query) (store.Page, error) {
	if deadline, ok := ctx.Deadline(); ok {
		s.deadline.Store(int64(time.Until(deadline)))
	}
	return s.Store.List(ctx, q)
}

func (s *spy) View(ctx context.Context, f func(store.Reader) error) error {
	s.reads.Add(1)
	return s.Store.View(ctx, f)
}

func (s *spy) Members(ctx context.Context, groupID string, f func(store.Ref) error) error {
	s.reads.Add(1)
	return s.Store.Members(ctx, groupID, f)
}

func TestG1AMemberIsAddedWithoutReadingTheGroup(t *testing.T) {
	watched := &spy{}
	e := start(t, func(o *server.Options) {
		watched.Store = o.Store
		o.Store = watched
	})
	saved := map[string]string{}
	for _, st := range []step{ann, bob, post("/Groups", "group", `{"displayName":"G","externalId":"e"}`)} {
		st.run(t, e, saved)
	}
	for name, operations := range map[string]string{
		"added":                   `{"op":"Add","path":"members","value":[{"$ref":null,"value":"{ann}"},{"value":"{bob}"}]}`,
		"removed by value":        `{"op":"Remove","path":"members","value":[{"value":"{ann}"}]}`,
		"removed by filter":       `{"op":"remove","path":"members[value eq \"{bob}\"]"}`,
		"replaced without a path": `{"op":"replace","value":{"id":"{group}","members":[{"value":"{ann}"}]}}`,
		"all removed":             `{"op":"remove","path":"members"}`,
	} {
		before := watched.reads.Load()
		patchGroup(operations).run(t, e, saved)
		if n := watched.reads.Load() - before; n != 0 {
			t.Errorf("%s: %d reads, want none", name, n)
		}
	}
	refused(step{method: "PATCH", path: "/Groups/nope", body: `{"Operations":[{"op":"add","path":"members","value":[{"value":"{ann}"}]}]}`}, 404, "").run(t, e, saved)
}

func TestX12X13AQueryEndsBeforeEntraGivesUp(t *testing.T) {
	watched := &spy{}
	e := start(t, func(o *server.Options) {
		watched.Store = o.Store
		o.Store = watched
	})
	send(t, e, "GET", "/Users", "", nil)
	if left := time.Duration(watched.deadline.Load()); left <= 0 || left >= time.Minute {
		t.Errorf("a query has %v left, want less than a minute", left)
	}
}

// TestX1I11TokensAreMadeAndComparedWell reads what auth imports and calls, because no answer shows it.
func TestX1I11TokensAreMadeAndComparedWell(t *testing.T) {
	if random := strings.TrimPrefix(auth.NewToken(), auth.TokenPrefix); len(random) < 43 { // 256 bits in base64
		t.Errorf("a token has only %d random characters", len(random))
	}
	var all strings.Builder
	files, err := filepath.Glob(filepath.Join("..", "auth", "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no source of auth: %v", err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(file, "_test.go") {
			all.Write(content)
		}
	}
	if source := all.String(); strings.Contains(source, `"math/rand`) || !strings.Contains(source, "subtle.ConstantTimeCompare") || !strings.Contains(source, `"crypto/rand"`) {
		t.Error("auth must make tokens by crypto/rand and compare hashes in constant time")
	}
}

func TestX4WhyATokenIsRefusedIsInTheLogAlone(t *testing.T) {
	e := start(t)
	bodies := map[string]bool{}
	for name, test := range map[string]struct{ header, why string }{
		"an unknown token":         {"Bearer wrong", `"refused":"unknown token"`},
		"a token that has ended":   {"Bearer " + e.EndedToken, `"refused":"the token has ended: old, at 2025-12-31T23:59:59Z"`},
		"a scheme without a token": {"Bearer", `"refused":"no token"`},
		"another scheme":           {"Basic " + e.Token, `"refused":"no token"`},
	} {
		before := len(e.Log.String())
		response, body := send(t, e, "GET", "/Users", "", map[string]string{"Authorization": test.header})
		if response.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s: status %d, want 401", name, response.StatusCode)
		}
		bodies[body+response.Header.Get("WWW-Authenticate")] = true
		if logged := e.Log.String()[before:]; !strings.Contains(logged, test.why) {
			t.Errorf("%s: the log is %s, want %s in it", name, logged, test.why)
		}
	}
	if len(bodies) != 1 {
		t.Errorf("the answers differ: %v", bodies)
	}
}
