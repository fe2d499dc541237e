package tenant

import (
	"maps"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/scim-operator/scim-operator/internal/entrasim/engine"
	"github.com/scim-operator/scim-operator/internal/entrasim/syncschema"
)

// afterQuarantine is when a quarantined job is tried again by the documentation, by the number of failures.
var afterQuarantine = []time.Duration{6 * time.Hour, 12 * time.Hour, 24 * time.Hour}

// quarantineEnd is how long a job may be in quarantine before it is disabled.
const quarantineEnd = 28 * 24 * time.Hour

// FindJob names the service principal of a job, for the admin API, which knows jobs by their ID alone.
func (t *Tenant) FindJob(id string) (principal string, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, j := range t.jobs {
		if j.id == id {
			return j.principal, nil
		}
	}
	return "", NotFound(id)
}

// DueJobs lists the jobs whose next cycle has come by now, earliest first, and disables those whose quarantine lasted too
// long.
func (t *Tenant) DueJobs() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.clock.Now()
	var out []string
	for _, j := range t.jobs {
		if j.schedule != "Active" || j.running || t.principals.live(j.principal) == nil {
			continue
		}
		if j.quarantine != nil && now.Sub(j.quarantine.series) > quarantineEnd {
			j.schedule = "Disabled"
			if t.options.DisabledIsPaused {
				j.code = "Paused"
			}
			t.audit(Activity{Name: "Disable/pause provisioning configuration", Kind: "Update", Principal: j.principal, Job: j.id,
				Reason: "The job was in quarantine for more than four weeks."})
			continue
		}
		if !now.Before(j.nextRun) {
			out = append(out, j.id)
		}
	}
	return out
}

// UntilNextCycle is how long it is until the next cycle of any job, at most the given time.
func (t *Tenant) UntilNextCycle(most time.Duration) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.clock.Now()
	for _, j := range t.jobs {
		if j.schedule == "Active" && !j.running && t.principals.live(j.principal) != nil {
			most = min(most, j.nextRun.Sub(now))
		}
	}
	return most
}

// BeginCycle opens what a cycle works on. A job that is not scheduled, or is running, answers 409.
func (t *Tenant) BeginCycle(id string) (engine.Input, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	j, err := t.findJob(id)
	if err != nil {
		return engine.Input{}, err
	}
	if j.schedule != "Active" || j.running || t.principals.live(j.principal) == nil {
		state := "job is " + j.schedule
		if j.running {
			state = "a cycle is running"
		}
		return engine.Input{}, &Error{http.StatusConflict, "Conflict", "No cycle can begin: " + state + "."}
	}
	typed, err := syncschema.Parse(j.schema)
	if err != nil {
		return engine.Input{}, err
	}
	j.applyReset()
	in := t.input(j, typed)
	in.ForceDeletes, in.Restarted, j.reset = j.reset.ForceDeletes, j.reset.Restarted, Reset{}
	j.running, j.done, j.all, j.cycle = true, 0, 0, uuid.NewString()
	in.Log = t.logTo(j, j.cycle)
	in.Progress = func(done, all int) {
		t.mu.Lock()
		defer t.mu.Unlock()
		j.done, j.all = done, all
	}
	return in, nil
}

// input is what a run of a job works on.
func (t *Tenant) input(j *Job, typed *syncschema.Schema) engine.Input {
	in := engine.Input{
		TenantDomain: t.domain, Schema: typed, Settings: ReadSettings(t.secrets[j.principal]), State: j.state, Now: t.clock.Now,
	}
	v := t.open(j)
	in.Source, in.Watermark = v, v.last
	if t.options.CyclesReadAnew {
		in.Anew = func() (*syncschema.Schema, engine.Settings, error) {
			t.mu.Lock()
			defer t.mu.Unlock()
			typed, err := syncschema.Parse(j.schema)
			return typed, ReadSettings(t.secrets[j.principal]), err
		}
	}
	return in
}

func (t *Tenant) findJob(id string) (*Job, error) {
	for _, j := range t.jobs {
		if j.id == id {
			return j, nil
		}
	}
	return nil, NotFound(id)
}

// applyReset forgets what restarts and schema writes asked for. It waits for the beginning of a cycle because a running one
// owns the state.
func (j *Job) applyReset() {
	if j.reset.Watermark {
		j.state.Watermark = 0
	}
	if j.reset.Escrows {
		j.state.Escrows = nil
	}
	if j.reset.Links {
		j.state.DropAll()
	}
}

// EndCycle books the result of a cycle: status, quarantine or recovery, schedule and log.
func (t *Tenant) EndCycle(id string, result *engine.Result) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.views, id)
	j, err := t.findJob(id)
	if err != nil {
		return // the job was deleted while it ran
	}
	j.running = false
	j.last = &execution{id: j.cycle, began: result.Began, ended: result.Ended, counts: result.Counts,
		failure: result.Failure, state: "Succeeded"}
	j.counts, j.pruned = maps.Clone(result.TotalByType), result.Pruned
	if result.Failure != nil {
		t.quarantineJob(j, result)
		return
	}
	if result.Summary.Failed > 0 {
		j.last.state = "EntryLevelErrors"
	}
	j.failures, j.quarantine, j.lastGood = 0, nil, j.last
	if result.Counts.Exports > 0 {
		j.lastWithExports = j.last
	}
	if j.steadyFirst.IsZero() {
		j.steadyFirst = result.Ended
	}
	j.steadyLast = result.Ended
	j.nextRun = result.Ended.Add(Interval)
	if j.schedule == "Active" {
		j.code = "Active"
	}
}

func (t *Tenant) quarantineJob(j *Job, result *engine.Result) {
	j.last.state = "Failed"
	j.failures++
	if j.quarantine == nil {
		t.audit(Activity{Name: "Quarantine", Kind: "Update", Principal: j.principal, Job: j.id, Outcome: "failure",
			Reason: result.Failure.Reason}) // the name of the activity is unconfirmed(audit-activities)
		j.quarantine = &quarantine{current: result.Ended, series: result.Ended}
	}
	j.quarantine.failure = result.Failure
	distances := afterQuarantine
	if t.options.QuarantineRetries != nil {
		distances = t.options.QuarantineRetries
	}
	step := min(j.quarantine.count, len(distances)-1)
	j.quarantine.count++
	j.quarantine.next = result.Ended.Add(distances[step])
	j.nextRun = j.quarantine.next
	if j.schedule == "Active" {
		j.code = "Quarantine"
	}
}
