package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/scim-operator/scim-operator/internal/scim/auth"
	"github.com/scim-operator/scim-operator/internal/scim/endpoint"
	"github.com/scim-operator/scim-operator/internal/scim/scimtest"
	"github.com/scim-operator/scim-operator/internal/scim/store/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// directory is an endpoint as Entra sees it.
type directory struct {
	*scimtest.Endpoint
	testing.TB
	readTokenFile, secretFile string
}

func start(t testing.TB, change ...func(*endpoint.Options)) *directory {
	t.Helper()
	read := auth.NewToken()
	d := &directory{TB: t, readTokenFile: filepath.Join(t.TempDir(), "token"), secretFile: filepath.Join(t.TempDir(), "secret")}
	d.Endpoint = scimtest.Start(t, append(change, func(o *endpoint.Options) {
		hashes, err := os.ReadFile(o.TokenHashes)
		if err != nil {
			t.Fatal(err)
		}
		scimtest.WriteFile(t, o.TokenHashes, string(hashes)+auth.HashOf(read).String()+" scope=read id=wiki\n")
	})...)
	scimtest.WriteFile(t, d.readTokenFile, read+"\n")
	scimtest.WriteFile(t, d.secretFile, "whsec_"+base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", 32)))+"\n")
	return d
}

// send makes a SCIM request and returns the id of the resource.
func (d *directory) send(method, path, body string) string {
	d.Helper()
	request, err := http.NewRequestWithContext(d.Context(), method, d.URL+path, strings.NewReader(body))
	if err != nil {
		d.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+d.Token)
	request.Header.Set("Content-Type", "application/scim+json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		d.Fatal(err)
	}
	defer response.Body.Close()
	var resource struct{ ID string }
	if response.StatusCode >= 300 {
		d.Fatalf("%s %s: %s", method, path, response.Status)
	}
	if response.StatusCode != http.StatusNoContent {
		if err := json.NewDecoder(response.Body).Decode(&resource); err != nil {
			d.Fatal(err)
		}
	}
	return resource.ID
}

func (d *directory) create(userName string) string {
	d.Helper()
	return d.send(http.MethodPost, "/Users", fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],
		"userName":%q,"externalId":"object of %s","active":true}`, userName, userName))
}

func (d *directory) group(displayName string, members ...string) string {
	d.Helper()
	var list []string
	for _, id := range members {
		list = append(list, fmt.Sprintf(`{"value":%q}`, id))
	}
	return d.send(http.MethodPost, "/Groups", fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],
		"displayName":%q,"members":[%s]}`, displayName, strings.Join(list, ",")))
}

func (d *directory) patch(path, operation string) {
	d.Helper()
	d.send(http.MethodPatch, path, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[`+operation+`]}`)
}

// deactivate is what Entra sends when a person is unassigned.
func (d *directory) deactivate(id string) {
	d.Helper()
	d.patch("/Users/"+id, `{"op":"Replace","path":"active","value":"False"}`)
}

// site is a running wiki, and its people's browsers.
type site struct {
	testing.TB
	url string
}

func (d *directory) wiki(source, database string) *site {
	d.Helper()
	w := newWiki()
	follow, err := w.source(source, d.URL, d.readTokenFile, d.secretFile, database)
	if err != nil {
		d.Fatal(err)
	}
	server := httptest.NewServer(w)
	ctx, cancel := context.WithCancel(d.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = untilItWorks(ctx, follow)
	}()
	d.Cleanup(func() {
		cancel()
		<-done
		server.Close()
	})
	if source == "webhook" {
		scimtest.WriteFile(d, d.ConfigFile, fmt.Sprintf("revision: hooked\ndelivery: {webhook: {url: %q, signingSecretFile: %q}}\n", server.URL+"/hooks/scim", d.secretFile))
	}
	return &site{TB: d, url: server.URL}
}

type browser struct {
	*site
	http *http.Client
}

// login waits until the wiki knows the person.
func (s *site) login(userName string) *browser {
	s.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.Fatal(err)
	}
	b := &browser{site: s, http: &http.Client{Jar: jar}}
	scimtest.Eventually(s, userName+" can log in", func() bool { return b.tryLogin(userName) == http.StatusOK })
	return b
}

func (b *browser) tryLogin(userName string) int {
	b.Helper()
	response, err := b.http.PostForm(b.url+"/login", url.Values{"userName": {userName}})
	if err != nil {
		b.Fatal(err)
	}
	defer response.Body.Close()
	return response.StatusCode
}

func (b *browser) status(method, page string) int {
	b.Helper()
	request, err := http.NewRequestWithContext(b.Context(), method, b.url+"/pages/"+page, strings.NewReader("new text"))
	if err != nil {
		b.Fatal(err)
	}
	response, err := b.http.Do(request)
	if err != nil {
		b.Fatal(err)
	}
	defer response.Body.Close()
	return response.StatusCode
}

func TestASessionEndsWithItsPersonsDeactivation(t *testing.T) {
	for source, postgres := range map[string]bool{"feed": false, "webhook": false, "views": true} {
		t.Run(source, func(t *testing.T) {
			var database string
			var d *directory
			if postgres {
				database = pgtest.Database(t)
				d = start(t, func(o *endpoint.Options) { o.Store = database })
			} else {
				d = start(t)
			}
			s := d.wiki(source, database)
			ann, bob := d.create("ann@contoso.com"), d.create("bob@contoso.com")
			editors := d.group("Editors", ann)
			annsBrowser, bobsBrowser := s.login("ann@contoso.com"), s.login("bob@contoso.com")
			scimtest.Eventually(t, "Ann may change pages", func() bool { return annsBrowser.status(http.MethodPut, "home") == http.StatusNoContent })
			if status := bobsBrowser.status(http.MethodPut, "home"); status != http.StatusForbidden {
				t.Errorf("Bob, who is no editor, is answered %d to a change", status)
			}
			d.patch("/Groups/"+editors, fmt.Sprintf(`{"op":"Add","path":"members","value":[{"value":%q}]}`, bob))
			scimtest.Eventually(t, "Bob may change pages", func() bool { return bobsBrowser.status(http.MethodPut, "home") == http.StatusNoContent })
			d.deactivate(ann)
			since := time.Now()
			scimtest.Eventually(t, "Ann's session ends", func() bool { return annsBrowser.status(http.MethodGet, "home") == http.StatusUnauthorized })
			t.Logf("Ann's session ended %v after her deactivation was acknowledged", time.Since(since).Round(time.Millisecond))
			if status := annsBrowser.tryLogin("ann@contoso.com"); status != http.StatusForbidden {
				t.Errorf("Ann logs in again, with status %d", status)
			}
			if status := bobsBrowser.status(http.MethodGet, "home"); status != http.StatusOK {
				t.Errorf("Bob's session has status %d", status)
			}
			d.send(http.MethodDelete, "/Users/"+bob, "")
			scimtest.Eventually(t, "Bob's session ends", func() bool { return bobsBrowser.status(http.MethodGet, "home") == http.StatusUnauthorized })
		})
	}
}

func TestAWikiThatStartsLateCatchesUp(t *testing.T) {
	for _, source := range []string{"feed", "webhook"} {
		t.Run(source, func(t *testing.T) {
			d := start(t)
			ann, bob := d.create("ann@contoso.com"), d.create("bob@contoso.com")
			d.group("Editors", ann)
			d.deactivate(bob)
			s := d.wiki(source, "")
			annsBrowser := s.login("ann@contoso.com")
			if status := annsBrowser.status(http.MethodPut, "home"); status != http.StatusNoContent {
				t.Errorf("Ann, who is an editor since before, is answered %d to a change", status)
			}
			if status := annsBrowser.tryLogin("bob@contoso.com"); status != http.StatusForbidden {
				t.Errorf("Bob, who was deactivated before, logs in with status %d", status)
			}
			d.patch("/Users/"+ann, `{"op":"Replace","path":"userName","value":"ann.roe@contoso.com"}`)
			s.login("ann.roe@contoso.com")
			d.deactivate(ann)
			scimtest.Eventually(t, "Ann's session ends", func() bool { return annsBrowser.status(http.MethodGet, "home") == http.StatusUnauthorized })
		})
	}
}

func TestAnIncompleteSnapshotLocksNobodyOut(t *testing.T) {
	line := `{"resourceType":"User","id":"1","userName":"ann","active":true,"roles":[]}` + "\n"
	complete := true
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if complete {
			fmt.Fprint(w, line, `{"end":true,"sequence":7,"storeID":"s"}`, "\n")
		}
	}))
	defer server.Close()
	w := newWiki()
	c := &client{base: server.URL, http: http.DefaultClient}
	if at, err := c.bootstrap(t.Context(), w.people); err != nil || at != (place{sequence: 7, storeID: "s"}) {
		t.Errorf("place %+v, error %v", at, err)
	}
	complete = false
	if _, err := c.bootstrap(t.Context(), w.people); err == nil {
		t.Error("a snapshot without its end is taken for complete")
	}
	if _, ok := w.people.byName("ann"); !ok {
		t.Error("Ann is locked out")
	}
}

func TestAWebhookDuringTheSnapshotIsNewer(t *testing.T) {
	w := newWiki()
	mark := w.people.mark()
	w.people.take(event{ResourceType: "User", ID: "1", UserName: "ann", Active: false})
	w.people.take(event{ResourceType: "User", ID: "2", UserName: "bob", Active: true})
	w.people.replace([]event{{ResourceType: "User", ID: "1", UserName: "ann", Active: true}}, mark)
	if _, ok := w.people.byName("ann"); ok {
		t.Error("Ann, who was deactivated meanwhile, may log in")
	}
	if _, ok := w.people.byName("bob"); !ok {
		t.Error("Bob, who came meanwhile, may not log in")
	}
}

func TestAnAccountThatBecameAnotherPersonsLosesItsSessions(t *testing.T) {
	w := newWiki()
	ended := 0
	w.people.lost = func(string) { ended++ }
	ann := event{ResourceType: "User", ID: "1", ExternalID: "object of Ann", UserName: "ann", Active: true}
	w.people.take(ann)
	before := ended
	w.people.take(ann)
	if ended != before {
		t.Error("an event that comes twice ends sessions")
	}
	ann.ExternalID = "object of another Ann"
	w.people.take(ann)
	if ended != before+1 {
		t.Error("the sessions did not end")
	}
}

func TestAWebhookMustBeSigned(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "secret")
	scimtest.WriteFile(t, secret, "whsec_"+base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", 32))))
	w := newWiki()
	if _, err := w.source("webhook", "http://127.0.0.1", secret, secret, ""); err != nil {
		t.Fatal(err)
	}
	body := `{"data":{"resourceType":"User","id":"1","userName":"mallory","active":true}}`
	for name, change := range map[string]func(http.Header){
		"no signature": func(h http.Header) { h.Del("webhook-signature") },
		"a signature of others": func(h http.Header) {
			h.Set("webhook-signature", "v1,"+base64.StdEncoding.EncodeToString(make([]byte, 32)))
		},
		"an old one": func(h http.Header) { h.Set("webhook-timestamp", "1700000000") },
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodPost, "/hooks/scim", strings.NewReader(body))
			r.Header.Set("webhook-id", "1")
			r.Header.Set("webhook-timestamp", fmt.Sprint(time.Now().Unix()))
			r.Header.Set("webhook-signature", "v1,")
			change(r.Header)
			out := httptest.NewRecorder()
			w.ServeHTTP(out, r)
			if _, ok := w.people.byName("mallory"); out.Code != http.StatusUnauthorized || ok {
				t.Errorf("status %d, and Mallory may log in: %v", out.Code, ok)
			}
		})
	}
}
