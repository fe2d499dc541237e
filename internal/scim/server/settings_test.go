package server_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scim-operator/scim-operator/internal/scim/scimerr"
	"github.com/scim-operator/scim-operator/internal/scim/server"
	"github.com/scim-operator/scim-operator/internal/scim/store"
)

func TestN13Rebind(t *testing.T) {
	account := post("/Users", "ann", `{"userName":"ann","externalId":"old","roles":[{"value":"admin"}],"title":"T"}`)
	member := post("/Groups", "group", `{"displayName":"G","members":[{"value":"{ann}"}]}`)
	runScenarios(t, []scenario{
		{name: "N-13 another externalId is refused, by PATCH and PUT", steps: []step{account, member,
			refused(patchAnn(`{"op":"Replace","path":"externalId","value":"new"}`), 409, "uniqueness"),
			{method: "PUT", path: "/Users/{ann}", body: `{"userName":"ann","externalId":"new"}`, status: 409, contains: []string{"externalId"}, excludes: []string{"old"}},
			getAnn(`"externalId":"old"`, `"value":"admin"`, `"display":"G"`)}},
		{name: "N-13 the same externalId, the first one and none are no rebinding", steps: []step{account,
			patchAnn(`{"op":"Replace","path":"externalId","value":"old"}`),
			patchAnn(`{"op":"Replace","path":"externalId","value":""}`).without("xternalId"),
			patchAnn(`{"op":"Replace","path":"externalId","value":"old"}`, `"externalId":"old"`, `"admin"`)}},
		{name: "N-13 another's externalId is refused in two steps too, by PATCH and PUT", steps: []step{account, member,
			patchAnn(`{"op":"Remove","path":"externalId"}`).without("xternalId"),
			patchAnn(`{"op":"Replace","path":"title","value":"U"}`).without("xternalId"),
			refused(patchAnn(`{"op":"Add","path":"externalId","value":"new"}`), 409, "uniqueness"),
			{method: "PUT", path: "/Users/{ann}", body: `{"userName":"ann"}`, status: 200, excludes: []string{"xternalId"}},
			refused(step{method: "PUT", path: "/Users/{ann}", body: `{"userName":"ann","externalId":"new"}`}, 409, "uniqueness"),
			{method: "PUT", path: "/Users/{ann}", body: `{"userName":"ann","externalId":"old"}`, status: 200, contains: []string{`"externalId":"old"`}, excludes: []string{"ormerExternalId"}},
			refused(patchAnn(`{"op":"Replace","path":"externalId","value":"new"}`), 409, "uniqueness")}},
		{name: "N-13 whose account it was cannot be written or asked for", steps: []step{
			post("/Users", "ann", `{"userName":"ann","formerExternalId":"old"}`),
			patchAnn(`{"op":"Add","path":"externalId","value":"new"}`, `"externalId":"new"`).without("ormerExternalId"),
			patchAnn(`{"op":"Remove","path":"externalId"}`),
			{method: "GET", path: "/Users/{ann}?attributes=formerExternalId", status: 200, excludes: []string{"new"}}}},
		{name: "N-13 an account that was nobody's may become somebody's", steps: []step{
			post("/Users", "ann", `{"userName":"ann","roles":[{"value":"admin"}]}`),
			patchAnn(`{"op":"Add","path":"externalId","value":"first"}`, "admin", `"externalId":"first"`)}},
		{name: "N-13 Allow clears in two steps too", settings: server.Settings{Rebind: server.RebindAllow}, steps: []step{account, member,
			patchAnn(`{"op":"Remove","path":"externalId"}`, "admin", `"display":"G"`),
			patchAnn(`{"op":"Add","path":"externalId","value":"new"}`, `"externalId":"new"`).without("admin", "groups"), getGroup().without("members")}},
		{name: "N-13 Allow keeps a role of the request that the other had too", settings: server.Settings{Rebind: server.RebindAllow}, steps: []step{
			post("/Users", "ann", `{"userName":"ann","externalId":"old","roles":[{"value":"admin"},{"value":"owner"}],"entitlements":[{"value":"e"}]}`),
			patchAnn(`{"op":"Replace","value":{"externalId":"new","roles":[{"value":"admin"}]}}`, `"roles":[{"value":"admin"}]`).without("owner", "entitlements")}},
		{name: "N-13 Allow leaves everything as it was when the write is refused", settings: server.Settings{Rebind: server.RebindAllow}, steps: []step{account, member,
			post("/Users", "bob", `{"userName":"bob"}`),
			refused(patchAnn(`{"op":"Replace","value":{"externalId":"new","userName":"bob"}}`), 409, "uniqueness"),
			getAnn(`"externalId":"old"`, `"value":"admin"`, `"display":"G"`), getGroup(`"{ann}"`)}},
		{name: "N-13 Allow clears memberships and roles", settings: server.Settings{Rebind: server.RebindAllow}, steps: []step{account, member,
			patchAnn(`{"op":"Replace","path":"externalId","value":"new"}`, `"externalId":"new"`, `"title":"T"`).without("admin", "groups"),
			getAnn().without("groups", "roles"), getGroup().without("members")}},
		{name: "N-13 Allow keeps the roles that the request gives", settings: server.Settings{Rebind: server.RebindAllow}, steps: []step{account, member,
			patchAnn(`{"op":"Replace","value":{"externalId":"new","roles":[{"value":"reader"}]}}`, `"roles":[{"value":"reader"}]`).without("admin")}},
		{name: "N-13 Allow takes a PUT as the whole account", settings: server.Settings{Rebind: server.RebindAllow}, steps: []step{account, member,
			{method: "PUT", path: "/Users/{ann}", body: `{"userName":"ann","externalId":"new","roles":[{"value":"admin"}]}`, status: 200, contains: []string{"admin"}, excludes: []string{"groups", "title"}}}},
		{name: "E-20 N-13 the externalId of a group may change", steps: []step{
			post("/Groups", "group", `{"displayName":"G","externalId":"old"}`),
			patchGroup(`{"op":"Replace","path":"externalId","value":"new"}`), getGroup(`"externalId":"new"`)}},
	})
}

func TestN13ARebindingIsRecorded(t *testing.T) {
	e := start(t, func(o *server.Options) {
		o.Settings = func() server.Settings { return server.Settings{Rebind: server.RebindAllow} }
	})
	saved := map[string]string{}
	post("/Users", "ann", `{"userName":"ann","externalId":"old"}`).run(t, e, saved)
	patchAnn(`{"op":"Replace","path":"externalId","value":"new"}`).run(t, e, saved)
	changes := changesOf(t, e, saved["ann"])
	last := changes[len(changes)-1]
	if last.Event != store.EventRebound || last.ExternalID != "new" || last.Actor != "test" {
		t.Errorf("the last change is %+v, want the event rebound by test", last)
	}
}

func changesOf(t *testing.T, e *running, id string) []store.Change {
	t.Helper()
	all, err := e.Store.Changes(t.Context(), 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	var own []store.Change
	for _, c := range all {
		if c.ID == id {
			own = append(own, c)
		}
	}
	return own
}

// TestX17EveryChangeIsRecorded follows one user and one group through the requests that change them.
func TestX17EveryChangeIsRecorded(t *testing.T) {
	e := start(t)
	saved := map[string]string{}
	for _, st := range []step{
		ann, bob,
		patchAnn(`{"op":"replace","path":"title","value":"T"}`),
		patchAnn(`{"op":"replace","path":"title","value":"T"}`), // nothing changes, nothing is recorded (T-7)
		patchAnn(`{"op":"replace","value":{"active":"False","userName":"ann2"}}`),
		patchAnn(`{"op":"replace","path":"active","value":true}`),
		{method: "PUT", path: "/Users/{ann}", body: `{"userName":"ann2","title":"T"}`, status: 200},
		{method: "PUT", path: "/Users/{ann}", body: `{"userName":"ann2"}`, status: 200},
		post("/Groups", "group", `{"displayName":"G","externalId":"e"}`),
		patchGroup(`{"op":"add","path":"members","value":[{"value":"{ann}"},{"value":"{bob}"}]}`),
		patchGroup(`{"op":"remove","path":"members[value eq \"{bob}\"]"}`),
		patchGroup(`{"op":"replace","path":"displayName","value":"H"}`),
		{method: "DELETE", path: "/Groups/{group}", status: 204},
		{method: "DELETE", path: "/Users/{ann}", status: 204},
	} {
		st.run(t, e, saved)
	}
	summaries := func(id string) []string {
		var lines []string
		for _, c := range changesOf(t, e, id) {
			if c.Actor != "test" || c.RequestID == "" {
				t.Errorf("change %+v lacks its actor or request", c)
			}
			lines = append(lines, strings.TrimSpace(string(c.Event)+" "+c.UserName+" "+c.PreviousUserName+" "+strings.Join(c.Attributes, ",")))
		}
		return lines
	}
	want := []string{
		"create ann@example.com  active,userName", "patch ann@example.com  title", "deactivate ann2 ann@example.com active,userName", "activate ann2  active", "put ann2  title",
		"patch ann2  groups", "patch ann2  groups", "patch ann2  groups", "delete ann2",
	}
	if diff := cmp.Diff(want, summaries(saved["ann"])); diff != "" {
		t.Errorf("changes of the user (-want +got):\n%s", diff)
	}
	wantOfGroup := []string{"create   displayName,externalId", "patch   members", "patch   members", "patch   displayName", "delete"}
	if diff := cmp.Diff(wantOfGroup, summaries(saved["group"])); diff != "" {
		t.Errorf("changes of the group (-want +got):\n%s", diff)
	}
	for _, c := range changesOf(t, e, saved["group"]) {
		if c.ExternalID != "e" {
			t.Errorf("change %+v of the group lacks its externalId", c)
		}
	}
}

// TestX22AnAccountWithoutActiveCountsAsActive: what readers take for active must be told as an activation, and its end
// as what ends access.
func TestX22AnAccountWithoutActiveCountsAsActive(t *testing.T) {
	e := start(t)
	saved := map[string]string{}
	for _, st := range []step{
		ann,
		patchAnn(`{"op":"replace","path":"active","value":false}`),
		patchAnn(`{"op":"remove","path":"active"}`),
		patchAnn(`{"op":"replace","path":"active","value":false}`),
	} {
		st.run(t, e, saved)
	}
	var events []store.Event
	for _, c := range changesOf(t, e, saved["ann"]) {
		events = append(events, c.Event)
	}
	want := []store.Event{store.EventCreate, store.EventDeactivate, store.EventActivate, store.EventDeactivate}
	if diff := cmp.Diff(want, events); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

func TestG5UnknownMembers(t *testing.T) {
	ignore := server.Settings{UnknownMembers: server.UnknownIgnore}
	runScenarios(t, []scenario{
		{name: "G-5 Ignore adds the others and never stores the id", settings: ignore, steps: []step{ann, bob,
			post("/Groups", "group", `{"displayName":"G","members":[{"value":"{ann}"},{"value":"fake-member-id"}]}`),
			patchGroup(`{"op":"add","path":"members","value":[{"value":"{bob}"},{"value":"fake-member-id"}]}`),
			getGroup(`"{ann}"`, `"{bob}"`, `"version":"W/\"2\""`).without("fake-member-id")}},
		{name: "G-5 an unknown member is never found by userName", settings: ignore, steps: []step{ann,
			post("/Groups", "group", `{"displayName":"G","members":[{"value":"ann@example.com"}]}`),
			getGroup().without("members")}},
		{name: "G-5 Reject refuses at creation too", steps: []step{
			refused(step{method: "POST", path: "/Groups", body: `{"displayName":"G","members":[{"value":"nobody"}]}`}, 400, "invalidValue"),
			{method: "GET", path: "/Groups", status: 200, contains: []string{`"totalResults":0`}}}},
	})
}

func TestN4X14ATokenThatAsksTooOftenIsHeldBackThenRefused(t *testing.T) {
	var slow atomic.Bool
	e := start(t, func(o *server.Options) {
		o.Settings = func() server.Settings {
			if slow.Load() {
				return server.Settings{RequestsPerSecond: 0.05, Burst: 1} // the next turn is 20 seconds away
			}
			return server.Settings{RequestsPerSecond: 50, Burst: 1}
		}
	})
	statuses := together(10, func(int) int { // held back by a fifth of a second at most, none refused (N-4)
		response, _ := send(t, e, "GET", "/Users", "", nil)
		return response.StatusCode
	})
	if statuses[200] != 10 {
		t.Errorf("statuses %v, want ten 200", statuses)
	}
	slow.Store(true)
	response, body := send(t, e, "GET", "/Users", "", nil)
	if response.StatusCode != http.StatusTooManyRequests {
		response, body = send(t, e, "GET", "/Users", "", nil)
	}
	if response.StatusCode != http.StatusTooManyRequests || response.Header.Get("Retry-After") == "" || !strings.Contains(body, `"status":"429"`) {
		t.Errorf("H-16: status %d, Retry-After %q, want 429 with one: %s", response.StatusCode, response.Header.Get("Retry-After"), body)
	}
	header := map[string]string{"Authorization": "Bearer " + e.ReadToken}
	if response, _ := send(t, e, "GET", "/Users", "", header); response.StatusCode != http.StatusOK {
		t.Errorf("another token: status %d, want 200", response.StatusCode)
	}
}

func TestAnswersThatAreSet(t *testing.T) {
	title := `{"Operations":[{"op":"add","path":"title","value":"T"}]}`
	rename := `{"Operations":[{"op":"replace","path":"displayName","value":"Editors"}]}`
	runScenarios(t, []scenario{
		{name: "P-3 a PATCH answers as is set for the type", settings: server.Settings{PatchUsers: server.PatchNoContent, PatchGroups: server.PatchResource}, steps: []step{ann, bob, group,
			{method: "PATCH", path: "/Users/{ann}", body: title, status: 204, wantHeader: map[string]string{"ETag": `W/"2"`}},
			{method: "PATCH", path: "/Users/{ann}?attributes=title", body: title, status: 200, contains: []string{`"title":"T"`}},
			{method: "PATCH", path: "/Groups/{group}", body: rename, status: 200, contains: []string{`"{ann}"`, `"{bob}"`}}}},
		{name: "section 2.5 names of groups are free unless they are to be unique", steps: []step{
			post("/Groups", "a", `{"displayName":"G"}`), post("/Groups", "b", `{"displayName":"g"}`)}},
		{name: "section 2.5 a second group of a name is refused, a rename is not", settings: server.Settings{GroupNames: server.GroupNamesUnique}, steps: []step{
			post("/Groups", "a", `{"displayName":"Editors"}`),
			refused(step{method: "POST", path: "/Groups", body: `{"displayName":"EDITORS"}`}, 409, "uniqueness"),
			post("/Groups", "group", `{"displayName":"Other"}`),
			{method: "PATCH", path: "/Groups/{group}", body: rename, status: 204}}},
	})
}

func TestX4X14FailedAuthenticationIsLimitedBySource(t *testing.T) {
	e := start(t)
	statuses := together(200, func(int) int {
		response, _ := send(t, e, "GET", "/Users", "", map[string]string{"Authorization": "Bearer wrong"})
		return response.StatusCode
	})
	if statuses[401] < 100 || statuses[429] == 0 || statuses[401]+statuses[429] != 200 {
		t.Errorf("statuses %v, want at least 100 401 and then 429", statuses)
	}
	if response, _ := send(t, e, "GET", "/Users", "", nil); response.StatusCode != http.StatusOK {
		t.Errorf("an accepted token from the same source: status %d, want 200", response.StatusCode)
	}
}

func TestH16AStoreThatIsNotExpectedAnswers503(t *testing.T) {
	e := start(t, func(o *server.Options) {
		o.StoreExpected = func() bool { return false }
		o.Routes = map[string]server.Route{"/changes": func(w http.ResponseWriter, _ *http.Request) error { return nil }}
	})
	for _, path := range []string{"/Users", "/Users/x", "/Groups", "/?filter=id+pr", "/changes"} {
		response, body := send(t, e, "GET", path, "", nil)
		if response.StatusCode != http.StatusServiceUnavailable || response.Header.Get("Retry-After") == "" || !strings.Contains(body, `"status":"503"`) {
			t.Errorf("GET %s: status %d, Retry-After %q: %s", path, response.StatusCode, response.Header.Get("Retry-After"), body)
		}
	}
	for _, path := range []string{"/Schemas", "/ResourceTypes", "/ServiceProviderConfig"} {
		if response, _ := send(t, e, "GET", path, "", nil); response.StatusCode != http.StatusOK {
			t.Errorf("GET %s: status %d, want 200", path, response.StatusCode)
		}
	}
}

func TestFurtherRoutes(t *testing.T) {
	e := start(t, func(o *server.Options) {
		o.Routes = map[string]server.Route{
			"/changes": func(w http.ResponseWriter, r *http.Request) error {
				if _, limited := r.Context().Deadline(); limited {
					return errors.New("a further route has a deadline")
				}
				_, err := io.WriteString(w, "after "+r.URL.Query().Get("after"))
				return err
			},
			"/refuse": func(http.ResponseWriter, *http.Request) error { return scimerr.New(http.StatusGone, "too old") },
			"/half": func(w http.ResponseWriter, _ *http.Request) error {
				_, _ = io.WriteString(w, "half an answer")
				if err := http.NewResponseController(w).Flush(); err != nil {
					return err
				}
				return errors.New("broken off")
			},
		}
	})
	saved := map[string]string{}
	step{method: "GET", path: "/changes?after=7", status: 200, contains: []string{"after 7"}, wantHeader: map[string]string{"X-Request-Id": "-", "Cache-Control": "no-store"}}.run(t, e, saved)
	step{method: "GET", path: "/changes", status: 401, header: map[string]string{"Authorization": "none"}}.run(t, e, saved)
	step{method: "POST", path: "/changes", status: 405, contains: []string{`"status":"405"`}, wantHeader: map[string]string{"Allow": "GET"}}.run(t, e, saved)
	step{method: "GET", path: "/changes/x", status: 404}.run(t, e, saved)
	step{method: "GET", path: "/refuse", status: 410, contains: []string{`"status":"410"`, "too old"}}.run(t, e, saved)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, e.URL+"/half", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+e.Token)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	if body, err := io.ReadAll(response.Body); err == nil {
		t.Errorf("a broken answer looks whole: %s", body)
	}
	if !strings.Contains(e.Log.String(), `"route":"/changes","status":200`) {
		t.Errorf("the log does not tell of the further route: %s", e.Log)
	}
}
