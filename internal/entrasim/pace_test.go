package entrasim_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scim-operator/scim-operator/internal/entrasim"
	"github.com/scim-operator/scim-operator/internal/entrasim/directory"
	"github.com/scim-operator/scim-operator/internal/entrasim/tenant"
)

// paced runs the initial cycle of so many people against an endpoint that finds nobody and takes its time for each creation.
// Rules answer in the endpoint's place, so that no network holds up the virtual time of the test.
func paced(t *testing.T, people int, takes time.Duration, change func(*entrasim.Options)) *entrasim.CycleReport {
	t.Helper()
	options := entrasim.Options{Directory: &directory.Directory{Domain: "contoso.onmicrosoft.com"}}
	for i := range people {
		options.Directory.Users = append(options.Directory.Users, &directory.User{ID: fmt.Sprintf("00000000-0000-4000-8000-%012d", i),
			UserPrincipalName: fmt.Sprintf("person%d@contoso.com", i), MailNickname: fmt.Sprintf("person%d", i), DisplayName: "A Person"})
	}
	change(&options)
	server, err := entrasim.New(options)
	if err != nil {
		t.Fatal(err)
	}
	for _, rule := range []entrasim.Fault{
		{Target: "scim", Method: http.MethodGet, Count: -1, Status: http.StatusOK, Body: `{"totalResults":0,"Resources":[]}`},
		{Target: "scim", Method: http.MethodPost, Count: -1, Status: http.StatusCreated, Body: `{"id":"made"}`, Delay: entrasim.FaultDuration(takes)},
	} {
		if _, err := server.AddFault(rule); err != nil {
			t.Fatal(err)
		}
	}
	report, err := server.RunCycle(t.Context(), startedJob(t, server.Tenant(), options.Directory.Users))
	if err != nil || report.Error != nil {
		t.Fatalf("the cycle: %+v (%v)", report, err)
	}
	return report
}

// startedJob starts the job of a new application to which the people are assigned.
func startedJob(t testing.TB, sim *tenant.Tenant, people []*directory.User) (id string) {
	t.Helper()
	_, principal, err := sim.Instantiate(tenant.TemplatePublic, "Wiki", "", "")
	if err != nil {
		t.Fatal(err)
	}
	sp := principal["id"].(string)
	job, err := sim.CreateJob(sp, tenant.TemplateSCIM)
	if err != nil {
		t.Fatal(err)
	}
	id = job["id"].(string)
	if err := sim.PutSecrets(sp, map[string]string{"BaseAddress": "https://wiki.example/scim", "SecretToken": "none", "SyncAll": "false",
		"SyncNotificationSettings": `{"Enabled":false}`}); err != nil {
		t.Fatal(err)
	}
	for _, u := range people {
		if _, err := sim.Assign(sp, u.ID, principal["appRoles"].([]any)[0].(object)["id"].(string)); err != nil {
			t.Fatal(err)
		}
	}
	if err := sim.StartJob(sp, id); err != nil {
		t.Fatal(err)
	}
	return id
}

// TestHowLongAnAnswerIsWaitedFor: what takes longer fails when the time is over, and no later.
func TestHowLongAnAnswerIsWaitedFor(t *testing.T) {
	for name, c := range map[string]struct {
		value string
		takes time.Duration
		lasts time.Duration // the cycle
		code  string        // of the failure; empty: there is none
	}{
		"an answer in time":                   {"", 29 * time.Second, 29 * time.Second, ""},
		"an answer that is late":              {"", 31 * time.Second, 30 * time.Second, "Timeout"},
		"an answer in the shorter time":       {"10s", 9 * time.Second, 9 * time.Second, ""},
		"an answer after the shorter time":    {"10s", 11 * time.Second, 10 * time.Second, "Timeout"},
		"an answer that a longer time allows": {"1m", 31 * time.Second, 31 * time.Second, ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := paced(t, 1, c.takes, func(o *entrasim.Options) { switched(t, o, "scim-timeout", c.value) })
				if lasted := r.Ended.Sub(r.Began); lasted != c.lasts {
					t.Errorf("the cycle lasts %s, want %s", lasted, c.lasts)
				}
				switch {
				case c.code == "":
					expectCounts(t, r, "created 1 updated 0 disabled 0 deleted 0 skipped 0 failed 0")
				case r.Failed != 1 || !strings.HasSuffix(r.Failures[0].Code, c.code):
					t.Errorf("%s, failures %+v, want one with %s", counts(r), r.Failures, c.code)
				}
			})
		})
	}
}

// TestHowManyRequestsAreUnderWay: creations take equally long, so that those that end at one moment were under way together.
func TestHowManyRequestsAreUnderWay(t *testing.T) {
	const people = 60
	for value, want := range map[string]int{"": 1, "1": 1, "4": 4, "8": 8} {
		t.Run("parallelism="+value, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var ended moments
				r := paced(t, people, 10*time.Second, func(o *entrasim.Options) {
					switched(t, o, "parallelism", value)
					o.OnExchange = func(e entrasim.Exchange) {
						if e.Method == http.MethodPost {
							ended.add(time.Now())
						}
					}
				})
				if r.Created != people {
					t.Errorf("%s, want %d created; failures %+v", counts(r), people, r.Failures)
				}
				if most := ended.most(); most != want {
					t.Errorf("up to %d creations were under way at a time, want %d", most, want)
				}
			})
		})
	}
}

// moments counts what happens at each moment.
type moments struct {
	mu sync.Mutex
	at map[time.Time]int
}

func (c *moments) add(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.at == nil {
		c.at = map[time.Time]int{}
	}
	c.at[at]++
}

func (c *moments) most() (most int) {
	for _, n := range c.at {
		most = max(most, n)
	}
	return most
}
