package entrasim_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/scim-operator/scim-operator/internal/entrasim"
	"github.com/scim-operator/scim-operator/internal/entrasim/directory"
	"github.com/scim-operator/scim-operator/internal/scim/scimtest"
)

// document is a page as a browser reads it.
type document struct {
	status int
	header http.Header
	root   *html.Node
}

func (l *lab) page(method, path string, headers map[string]string) document {
	l.t.Helper()
	request, err := http.NewRequestWithContext(l.t.Context(), method, l.AdminURL+path, nil)
	if err != nil {
		l.t.Fatal(err)
	}
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	response, err := l.http.Do(request)
	if err != nil {
		l.t.Fatal(err)
	}
	defer response.Body.Close()
	root, err := html.Parse(response.Body)
	if err != nil {
		l.t.Fatal(err)
	}
	return document{response.StatusCode, response.Header, root}
}

// all are the elements of a name.
func (d document) all(name string) []*html.Node {
	var out []*html.Node
	for n := range d.root.Descendants() {
		if n.Type == html.ElementNode && n.Data == name {
			out = append(out, n)
		}
	}
	return out
}

func words(n *html.Node) string {
	var out strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			out.WriteString(d.Data + " ")
		}
	}
	return strings.Join(strings.Fields(out.String()), " ")
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func (d document) says(t *testing.T, want ...string) {
	t.Helper()
	text := words(d.root)
	for _, w := range want {
		if !strings.Contains(text, w) {
			t.Errorf("the page does not say %q:\n%s", w, text)
		}
	}
}

// withJob is a simulator with an application whose job is started.
func withJob(t *testing.T) *lab {
	endpoint := scimtest.Start(t)
	l := startLab(t)
	l.provision(endpoint.URL, endpoint.Token)
	l.assign(staff, l.role())
	l.want(204, "POST", l.jobPath("/start"), nil)
	return l
}

// TestTheButtonRunsACycle takes the way of a browser: the form of the page, and where its answer leads.
func TestTheButtonRunsACycle(t *testing.T) {
	l := withJob(t)
	app := l.page("GET", "/apps/"+l.sp, nil)
	app.says(t, "Wiki", "No cycle has run.", "BaseAddress SecretToken SyncAll", "userPrincipalName", "precedence 1", `Switch([IsSoftDeleted]`, "Staff")
	var action string
	for _, form := range app.all("form") {
		if attribute(form, "method") == "post" {
			action = attribute(form, "action")
		}
	}
	sameOrigin := map[string]string{"Origin": l.AdminURL, "Sec-Fetch-Site": "same-origin"}
	after := l.page("POST", action, sameOrigin) // the redirect is followed
	if after.status != 200 {
		t.Fatalf("the button is answered %d: %s", after.status, words(after.root))
	}
	after.says(t, "initial 3 0 0 0 1 0")
	log := l.page("GET", "/log?job="+l.job, nil)
	log.says(t, "Anna Åkesson", "EntryImport", "EntrySynchronizationScoping", "IsEffectivelyEntitledForProvisioning", "EntryExportAdd", "displayName")
	if n := len(log.all("details")); n < 8 {
		t.Errorf("%d parts of the log unfold", n)
	}
	l.page("GET", "/log?status=skipped", nil).says(t, "Dora Disabled", "NotEffectivelyEntitled", "1–1 of 1")
}

// TestNoOtherSiteMayPressTheButton, nor change anything else over the admin API.
func TestNoOtherSiteMayPressTheButton(t *testing.T) {
	l := withJob(t)
	for _, headers := range []map[string]string{{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}} {
		for _, path := range []string{"/apps/" + l.sp + "/jobs/" + l.job + "/cycle", "/sim/jobs/" + l.job + "/cycle", "/apps/" + l.sp + "/jobs/" + l.job + "/pause", "/sim/faults"} {
			if d := l.page("POST", path, headers); d.status != 403 {
				t.Errorf("POST %s with %v is answered %d, want 403", path, headers, d.status)
			}
		}
	}
	if cycles := l.State().Jobs[0].Cycles; cycles != 0 {
		t.Errorf("%d cycles ran", cycles)
	}
}

func TestTheButtonOfAPausedJob(t *testing.T) {
	l := withJob(t)
	l.want(204, "POST", l.jobPath("/pause"), nil)
	app := l.page("GET", "/apps/"+l.sp, nil)
	app.says(t, "The schedule is Paused")
	d := l.page("POST", "/apps/"+l.sp+"/jobs/"+l.job+"/cycle", nil)
	if d.status != 409 {
		t.Errorf("it is answered %d, want 409", d.status)
	}
	d.says(t, "No cycle can begin: job is Paused.")
}

// TestTheButtonsThatPauseAndStart are those of the portal's, and so is the admin API's way.
func TestTheButtonsThatPauseAndStart(t *testing.T) {
	l := withJob(t)
	schedule := func(when, want string) {
		t.Helper()
		if got := l.status()["schedule"]; got != want {
			t.Errorf("%s the schedule is %v, want %s", when, got, want)
		}
	}
	for _, c := range []struct{ path, when, want string }{
		{"/apps/" + l.sp + "/jobs/" + l.job + "/pause", "after the button Pause", "Paused"},
		{"/apps/" + l.sp + "/jobs/" + l.job + "/start", "after the button Start", "Active"},
	} {
		if d := l.page("POST", c.path, nil); d.status != 200 { // the redirect is followed
			t.Errorf("%s is answered %d: %s", c.path, d.status, words(d.root))
		}
		schedule(c.when, c.want)
	}
	l.admin(204, "POST", "/sim/jobs/"+l.job+"/pause", nil)
	schedule("after the call pause", "Paused")
	l.admin(204, "POST", "/sim/jobs/"+l.job+"/start", nil)
	schedule("after the call start", "Active")
	if a := l.admin(400, "POST", "/sim/jobs/nobody/pause", nil); !strings.Contains(a.text, "GET /sim/state lists those that there are") {
		t.Errorf("a job that is not there: %s", a.text)
	}
}

// TestHostileNames: what stands in the directory is text, wherever it is shown.
func TestHostileNames(t *testing.T) {
	const hostile = `<script>alert(1)</script>"'><img src=x onerror=alert(1)>{{.}}`
	l := withJob(t)
	l.admin(200, "PATCH", "/sim/users/anna@contoso.com", object{"displayName": hostile, "jobTitle": "javascript:alert(1)"})
	l.admin(200, "PATCH", "/sim/groups/"+staff, object{"displayName": hostile})
	l.want(204, "PATCH", "/servicePrincipals/"+l.sp, object{"displayName": hostile})
	l.cycle()
	for _, path := range []string{"/", "/people", "/people/" + anna, "/groups", "/groups/" + staff, "/apps/" + l.sp, "/log",
		"/people?q=" + url.QueryEscape(hostile), "/log?job=" + url.QueryEscape(hostile), "/people/" + url.PathEscape(hostile)} {
		d := l.page("GET", path, nil)
		if len(d.all("script"))+len(d.all("img")) > 0 {
			t.Errorf("%s: the name became an element", path)
		}
		if !strings.Contains(d.header.Get("Content-Security-Policy"), "default-src 'none'") {
			t.Errorf("%s: no policy: %v", path, d.header)
		}
		d.says(t, hostile)
		for _, a := range d.all("a") {
			if strings.HasPrefix(attribute(a, "href"), "javascript:") {
				t.Errorf("%s: a link runs a script", path)
			}
		}
	}
}

func TestSecretsAreNotShown(t *testing.T) {
	endpoint := scimtest.Start(t)
	l := startLab(t)
	l.provision(endpoint.URL, endpoint.Token)
	if text := words(l.page("GET", "/apps/"+l.sp, nil).root); strings.Contains(text, endpoint.Token) {
		t.Error("the token is on the page")
	}
}

func TestALongLogIsPaged(t *testing.T) {
	many, err := directory.Generate(120, 7)
	if err != nil {
		t.Fatal(err)
	}
	many.TenantID = tenantID
	endpoint := scimtest.Start(t)
	l := startLab(t, func(o *entrasim.Options) { o.Directory = many })
	l.provision(endpoint.URL, endpoint.Token)
	for _, u := range many.Users {
		l.assign(u.ID, l.role())
	}
	l.want(204, "POST", l.jobPath("/start"), nil)
	l.cycle()
	first := l.page("GET", "/log?status=success", nil)
	first.says(t, "1–50 of")
	if times := len(first.all("time")); times != 51 {
		t.Errorf("%d times, want those of 50 entries and the clock", times)
	}
	l.page("GET", "/log?q="+many.Users[77].ID, nil).says(t, many.Users[77].DisplayName, "EntryExportAdd", "1–2 of 2") // the manager follows
}

func TestLargeDirectoriesArePaged(t *testing.T) {
	many, err := directory.Generate(1234, 7)
	if err != nil {
		t.Fatal(err)
	}
	many.TenantID = tenantID
	l := startLab(t, func(o *entrasim.Options) { o.Directory = many })
	first := l.page("GET", "/people", nil)
	first.says(t, "1–50 of 1 234", "Next →", many.Users[0].UserPrincipalName)
	if rows := len(first.all("tr")); rows != 51 {
		t.Errorf("%d rows, want 50 and the head", rows)
	}
	l.page("GET", "/people?page=2", nil).says(t, "51–100 of 1 234", "← Previous", many.Users[50].UserPrincipalName)
	l.page("GET", "/people?page=25", nil).says(t, "1 201–1 234 of 1 234")
	l.page("GET", "/people?page=999", nil).says(t, "1 201–1 234 of 1 234")
	l.page("GET", "/people?q=person77%40", nil).says(t, "1–1 of 1", "person77@generated.example")
	l.page("GET", "/groups/"+many.Groups[0].ID, nil).says(t, "1–50 of")
	if d := l.page("GET", "/people/nobody", nil); d.status != 404 {
		t.Errorf("somebody who is not there is answered %d", d.status)
	}
}
