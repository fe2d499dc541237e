package throttle

import "time"

// Services that have a limit of their own besides the directory's. Which requests go to which is graphapi's to say.
const (
	// Directory counts resource units and writes.
	Directory = "directory"
	// Reports are the audit and provisioning logs.
	Reports = "reports"
	// OnDemand is provisionOnDemand.
	OnDemand = "provisionOnDemand"
	// Synchronization is all else below /synchronization. No limit is published for it.
	Synchronization = "synchronization"
)

// Cost is what one request counts for.
type Cost struct {
	Service string
	Units   int  // resource units; of the directory only
	Write   bool // counts as a write of the directory
}

// limit is one rule: at most so much in a window.
type limit struct {
	name        string
	window      time.Duration
	most        int
	perTenant   bool   // shared by all clients
	information string // x-ms-throttle-information of a refusal
	amount      func(Cost) int
}

// short is the window of most limits.
const short = 10 * time.Second

// published are the limits of the reference for a directory with so many users. synchronization is a limit that nobody
// publishes: requests in ten seconds, 0 for none.
func published(users, synchronization int) []limit {
	units := 8000
	switch {
	case users < 50:
		units = 3500
	case users <= 500:
		units = 5000
	}
	of := func(service string) func(Cost) int {
		return func(c Cost) int { return one(c.Service == service) }
	}
	write := func(c Cost) int { return one(c.Service == Directory && c.Write) }
	limits := []limit{
		{"requests", short, 130000, false, "RequestLimitExceeded", func(Cost) int { return 1 }},
		{"resourceUnits", short, units, false, "ResourceUnitLimitExceeded", func(c Cost) int { return c.Units }},
		{"writes", 150 * time.Second, 3000, false, "WriteLimitExceeded", write},
		{"tenantWrites", 5 * time.Minute, 18000, true, "WriteLimitExceeded", write},
		{Reports, short, 5, false, "RequestLimitExceeded", of(Reports)},
		{OnDemand, short, 5, false, "RequestLimitExceeded", of(OnDemand)},
	}
	if synchronization > 0 {
		limits = append(limits, limit{Synchronization, short, synchronization, false, "RequestLimitExceeded", of(Synchronization)})
	}
	return limits
}

func one(yes bool) int {
	if yes {
		return 1
	}
	return 0
}
