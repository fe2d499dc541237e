package entrasim_test

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/scim-operator/scim-operator/internal/entrasim"
)

// stoppedClock makes lag a matter of the test's own steps.
func stoppedClock(lag time.Duration) func(*entrasim.Options) {
	start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	return func(o *entrasim.Options) {
		o.Now = func() time.Time { return start }
		o.Tenant.ReplicationLag = lag
	}
}

func (l *lab) advance(d time.Duration) {
	l.t.Helper()
	if _, err := l.Advance(context.Background(), d); err != nil {
		l.t.Fatal(err)
	}
}

func TestReplicationLag(t *testing.T) {
	l := startLab(t, stoppedClock(10*time.Second))
	l.instantiate("Wiki")
	filter := "/applications?$filter=displayName%20eq%20'Wiki'"

	l.want(404, "GET", "/applications/"+l.app, nil)
	l.want(404, "GET", "/servicePrincipals/"+l.sp, nil)
	if a := l.want(401, "GET", l.sync("/templates"), nil); a.code() != "UnknownError" || a.message() != "" {
		t.Errorf("a young principal's synchronization answers %s %q", a.code(), a.message())
	}
	l.advance(10 * time.Second)
	l.want(200, "GET", "/applications/"+l.app, nil)
	l.want(404, "GET", l.sync("/templates"), nil)
	if found := l.want(200, "GET", filter, nil).list(); len(found) != 0 {
		t.Errorf("the list shows the application already: %v", found)
	}
	l.advance(10 * time.Second)
	l.want(200, "GET", l.sync("/templates"), nil)
	if found := l.want(200, "GET", filter, nil).list(); len(found) != 1 {
		t.Errorf("the list shows %d applications, want 1", len(found))
	}
}

func TestRolesReachThePrincipalLate(t *testing.T) {
	l := startLab(t, stoppedClock(10*time.Second))
	l.instantiate("Wiki")
	l.advance(time.Minute)
	roles := l.want(200, "GET", "/applications/"+l.app, nil).body["appRoles"].([]any)
	const editor = "00000000-0000-4000-8000-0000000000e1"
	roles = append(roles, object{"id": editor, "displayName": "Editor", "description": "Editor", "value": "editor",
		"isEnabled": true, "allowedMemberTypes": []string{"User"}})
	l.want(204, "PATCH", "/applications(appId='"+l.appID+"')", object{"appRoles": roles})
	assignment := object{"principalId": anna, "resourceId": l.sp, "appRoleId": editor}
	l.want(400, "POST", "/servicePrincipals/"+l.sp+"/appRoleAssignedTo", assignment)
	l.advance(10 * time.Second)
	l.want(201, "POST", "/servicePrincipals/"+l.sp+"/appRoleAssignedTo", assignment)
}

func TestFaults(t *testing.T) {
	instantiate := "/applicationTemplates/" + template + "/instantiate"
	for name, c := range map[string]struct {
		fault  entrasim.Fault
		status int // 0: the connection is cut
		made   int // applications there are afterwards
	}{
		"created but answered 404":          {entrasim.Fault{Operation: "instantiate", Status: 404, AfterEffect: true}, 404, 1},
		"created but answered 504":          {entrasim.Fault{Operation: "instantiate", Status: 504, AfterEffect: true}, 504, 1},
		"refused before anything happened":  {entrasim.Fault{Operation: "instantiate", Status: 503}, 503, 0},
		"cut before anything happened":      {entrasim.Fault{Method: "POST", Path: "/instantiate$", DropBefore: true}, 0, 0},
		"cut after it took effect":          {entrasim.Fault{Path: "instantiate", DropAfter: true}, 0, 1},
		"a rule for another operation":      {entrasim.Fault{Operation: "createJob", Status: 500}, 201, 1},
		"a rule for another method":         {entrasim.Fault{Method: "DELETE", Path: "instantiate", Status: 500}, 201, 1},
		"the second request, not the first": {entrasim.Fault{Operation: "instantiate", Nth: 2, Status: 500}, 201, 1},
	} {
		t.Run(name, func(t *testing.T) {
			l := startLab(t)
			if _, err := l.AddFault(c.fault); err != nil {
				t.Fatal(err)
			}
			a, err := l.try("POST", l.URL+"/v1.0"+instantiate, object{"displayName": "Wiki"})
			if a.status != c.status || (err != nil) != (c.status == 0) {
				t.Errorf("status %d, error %v; want status %d", a.status, err, c.status)
			}
			if made := len(l.State().Applications); made != c.made {
				t.Errorf("%d applications were made, want %d", made, c.made)
			}
			entry := l.Journal()[len(l.Journal())-1]
			if entry.Operation != "instantiate" || entry.Status != c.status || !entry.Write || entry.ClientID != clientID {
				t.Errorf("the journal says %+v", entry)
			}
		})
	}
}

func TestFaultCountsAndHeaders(t *testing.T) {
	l := startLab(t)
	l.admin(200, "POST", "/sim/faults", object{"operation": "listUsers", "count": 2, "status": 429,
		"headers": object{"Retry-After": "7"}, "body": `{"error":{"code":"TooManyRequests","message":"slow down"}}`})
	for _, want := range []int{429, 429, 200} {
		if a := l.graph("GET", "/users", nil); a.status != want {
			t.Fatalf("status %d, want %d", a.status, want)
		}
	}
	l.admin(400, "POST", "/sim/faults", object{"path": "(", "status": 500})
	l.admin(400, "POST", "/sim/faults", object{"operation": "listUsers"})
	l.admin(204, "DELETE", "/sim/faults", nil)
}

func TestDelayHoldsTheAnswerBack(t *testing.T) {
	l := startLab(t)
	if _, err := l.AddFault(entrasim.Fault{Operation: "listUsers", Delay: entrasim.FaultDuration(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, l.URL+"/v1.0/users", nil)
	if err != nil {
		t.Fatal(err)
	}
	answered := make(chan bool)
	go func() {
		response, err := l.http.Do(request)
		if err == nil {
			_ = response.Body.Close()
		}
		answered <- err == nil
	}()
	l.want(200, "GET", "/groups", nil) // others are not held up
	cancel()
	if <-answered {
		t.Error("a delayed request was answered at once")
	}
}

func TestHookRunsAfterEffectAndBeforeTheAnswer(t *testing.T) {
	l := startLab(t)
	var seen atomic.Int32
	release := make(chan struct{})
	var once sync.Once
	l.OnRequest(func(e entrasim.JournalEntry) {
		if e.Operation == "instantiate" {
			seen.Store(int32(len(l.State().Applications)))
			once.Do(func() { close(release) })
		}
	})
	l.instantiate("Wiki")
	<-release
	if seen.Load() != 1 {
		t.Errorf("the hook saw %d applications, want the one that was made", seen.Load())
	}
}

func TestJournalCountsWritesApart(t *testing.T) {
	l := startLab(t)
	before := l.JournalCounts(0).Last
	l.instantiate("Wiki")
	l.want(200, "GET", "/servicePrincipals(appId='"+l.appID+"')", nil)
	l.want(200, "GET", "/users", nil)
	counts := l.admin(200, "GET", "/sim/journal/counts", nil)
	if counts.body["writes"] != 1.0 || counts.body["reads"] != 2.0 {
		t.Errorf("writes %v and reads %v, want 1 and 2", counts.body["writes"], counts.body["reads"])
	}
	if c := l.JournalCounts(before); c.Total != 3 || c.ByOperation["token"] != 0 {
		t.Errorf("since the login: %+v, want 3 requests without a token request", c)
	}
	if !slices.ContainsFunc(l.Journal(), func(e entrasim.JournalEntry) bool { return e.Operation == "token" && !e.Write }) {
		t.Error("the login is not in the journal")
	}
}

func TestSecondJobIsRefused(t *testing.T) {
	l := startLab(t)
	l.instantiate("Wiki")
	l.want(201, "POST", l.sync("/jobs"), object{"templateId": "scim"})
	l.want(409, "POST", l.sync("/jobs"), object{"templateId": "scim"})
	other := startLab(t, func(o *entrasim.Options) { o.Tenant.SecondJob = true })
	other.instantiate("Wiki")
	other.want(201, "POST", other.sync("/jobs"), object{"templateId": "scim"})
	other.want(201, "POST", other.sync("/jobs"), object{"templateId": "scim"})
}

func TestOwnershipOfWhatWasInstantiated(t *testing.T) {
	for name, c := range map[string]struct {
		omit bool
		want int
	}{"the caller becomes owner": {false, 1}, "the caller does not become owner": {true, 0}} {
		t.Run(name, func(t *testing.T) {
			l := startLab(t, func(o *entrasim.Options) { o.Tenant.InstantiateOmitsOwner = c.omit })
			l.instantiate("Wiki")
			me := l.want(200, "GET", "/servicePrincipals(appId='"+clientID+"')?$select=id", nil).body["id"].(string)
			for _, path := range []string{"/applications/" + l.app, "/servicePrincipals/" + l.sp} {
				if n := len(l.want(200, "GET", path+"/owners", nil).list()); n != c.want {
					t.Errorf("%s has %d owners, want %d", path, n, c.want)
				}
				if c.omit {
					l.want(403, "PATCH", path, object{"notes": "x"})
					l.want(204, "POST", path+"/owners/$ref", object{"@odata.id": l.URL + "/v1.0/directoryObjects/" + me})
				}
				l.want(204, "PATCH", path, object{"notes": "x"})
				l.want(400, "POST", path+"/owners/$ref", object{"@odata.id": l.URL + "/v1.0/directoryObjects/" + me})
				l.want(204, "DELETE", path+"/owners/"+me+"/$ref", nil)
			}
		})
	}
}
