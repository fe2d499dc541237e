package throttle

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestPublishedLimits(t *testing.T) {
	read, write := Cost{Service: Directory, Units: 1}, Cost{Service: Directory, Units: 1, Write: true}
	for name, c := range map[string]struct {
		users           int
		synchronization int
		cost            Cost
		allowed         int // the next one is refused
		wait            time.Duration
		information     string
	}{
		"resource units of a small directory":                {49, 0, read, 3500, 10 * time.Second, "ResourceUnitLimitExceeded"},
		"resource units of a middling one":                   {500, 0, read, 5000, 10 * time.Second, "ResourceUnitLimitExceeded"},
		"resource units of a large one":                      {501, 0, read, 8000, 10 * time.Second, "ResourceUnitLimitExceeded"},
		"an expensive request counts for more":               {49, 0, Cost{Service: Directory, Units: 5}, 700, 10 * time.Second, "ResourceUnitLimitExceeded"},
		"writes":                                             {501, 0, write, 3000, 150 * time.Second, "WriteLimitExceeded"},
		"reports":                                            {49, 0, Cost{Service: Reports}, 5, 10 * time.Second, "RequestLimitExceeded"},
		"runs on demand":                                     {49, 0, Cost{Service: OnDemand}, 5, 10 * time.Second, "RequestLimitExceeded"},
		"synchronization by a switch":                        {49, 7, Cost{Service: Synchronization}, 7, 10 * time.Second, "RequestLimitExceeded"},
		"synchronization has only the limit of all requests": {49, 0, Cost{Service: Synchronization}, 130000, 10 * time.Second, "RequestLimitExceeded"},
	} {
		t.Run(name, func(t *testing.T) {
			now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
			throttle := New(func() time.Time { return now }, c.synchronization)
			for i := range c.allowed {
				if v := throttle.Admit("client", c.users, c.cost); v.Refused() {
					t.Fatalf("request %d was refused: %+v", i+1, v)
				}
			}
			v := throttle.Admit("client", c.users, c.cost)
			if v.RetryAfter != c.wait || v.Information != c.information || v.Share <= 1 {
				t.Fatalf("the request after %d: %+v, want a wait of %s for %s", c.allowed, v, c.wait, c.information)
			}
			if other := throttle.Admit("another", c.users, c.cost); other.Refused() {
				t.Errorf("another client is refused: %+v", other)
			}
			now = now.Add(c.wait)
			if v := throttle.Admit("client", c.users, c.cost); v.Refused() {
				t.Errorf("after the wait: %+v", v)
			}
		})
	}
}

func TestTenantSharesAWriteLimit(t *testing.T) {
	now := time.Now()
	throttle := New(func() time.Time { return now }, 0)
	write := Cost{Service: Directory, Units: 1, Write: true}
	for _, client := range []string{"a", "b", "c", "d", "e", "f"} {
		for range 3000 {
			if v := throttle.Admit(client, 10000, write); v.Refused() {
				t.Fatalf("%s was refused: %+v", client, v)
			}
		}
		now = now.Add(10 * time.Second) // the resource units start anew, the writes do not
	}
	if v := throttle.Admit("g", 10000, write); v.RetryAfter != 4*time.Minute {
		t.Errorf("%+v, want a wait of 4 minutes, which are left of the tenant's window", v)
	}
}

func TestReport(t *testing.T) {
	throttle := New(time.Now, 0)
	for range 6 {
		throttle.Admit("client", 10, Cost{Service: Reports})
	}
	want := []Usage{
		{ClientID: "client", Limit: "reports", Seconds: 10, Most: 5, Peak: 6, Refused: 1},
		{ClientID: "client", Limit: "requests", Seconds: 10, Most: 130000, Peak: 6},
	}
	if diff := cmp.Diff(want, throttle.Report()); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
}
