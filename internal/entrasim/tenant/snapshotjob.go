package tenant

import (
	"time"

	"github.com/scim-operator/scim-operator/internal/entrasim/engine"
)

type savedQuarantine struct {
	Current time.Time       `json:"current"`
	Series  time.Time       `json:"series"`
	Count   int             `json:"count"`
	Next    time.Time       `json:"next"`
	Failure *engine.Failure `json:"failure"`
}

// savedJob is a job that is not running.
type savedJob struct {
	ID              string           `json:"id"`
	Template        string           `json:"template"`
	Principal       string           `json:"principal"`
	Created         time.Time        `json:"created"`
	Schedule        string           `json:"schedule"`
	Code            string           `json:"code"`
	Schema          Object           `json:"schema"`
	Writes          int              `json:"writes"`
	Lost            []string         `json:"lost"`
	State           *engine.State    `json:"state"`
	Reset           Reset            `json:"reset"`
	Cycle           string           `json:"cycle"`
	Pruned          bool             `json:"pruned"`
	Last            *savedExecution  `json:"last"`
	LastGood        *savedExecution  `json:"lastGood"`
	LastWithExports *savedExecution  `json:"lastWithExports"`
	SteadyFirst     time.Time        `json:"steadyFirst"`
	SteadyLast      time.Time        `json:"steadyLast"`
	Quarantine      *savedQuarantine `json:"quarantine"`
	Failures        int              `json:"failures"`
	Counts          map[string]int   `json:"counts"`
	NextRun         time.Time        `json:"nextRun"`
	Starts          int              `json:"starts"`
	Restarts        int              `json:"restarts"`
	Pauses          int              `json:"pauses"`
}

func saveJob(j *Job) savedJob {
	s := savedJob{ID: j.id, Template: j.template, Principal: j.principal, Created: j.created, Schedule: j.schedule, Code: j.code,
		Schema: j.schema, Writes: j.writes, Lost: j.lost, State: j.state, Reset: j.reset, Cycle: j.cycle, Pruned: j.pruned, Last: j.last.save(),
		LastGood: j.lastGood.save(), LastWithExports: j.lastWithExports.save(), SteadyFirst: j.steadyFirst, SteadyLast: j.steadyLast,
		Failures: j.failures, Counts: j.counts, NextRun: j.nextRun, Starts: j.starts, Restarts: j.restarts, Pauses: j.pauses}
	if q := j.quarantine; q != nil {
		s.Quarantine = &savedQuarantine{q.current, q.series, q.count, q.next, q.failure}
	}
	return s
}

func (s *savedJob) load() *Job {
	j := &Job{id: s.ID, template: s.Template, principal: s.Principal, created: s.Created, schedule: s.Schedule, code: s.Code,
		schema: s.Schema, writes: s.Writes, lost: s.Lost, state: s.State, reset: s.Reset, cycle: s.Cycle, pruned: s.Pruned, last: s.Last.load(),
		lastGood: s.LastGood.load(), lastWithExports: s.LastWithExports.load(), steadyFirst: s.SteadyFirst, steadyLast: s.SteadyLast,
		failures: s.Failures, counts: s.Counts, nextRun: s.NextRun, starts: s.Starts, restarts: s.Restarts, pauses: s.Pauses}
	if j.state == nil {
		j.state = &engine.State{}
	}
	if q := s.Quarantine; q != nil {
		j.quarantine = &quarantine{current: q.Current, series: q.Series, count: q.Count, next: q.Next, failure: q.Failure}
	}
	return j
}
