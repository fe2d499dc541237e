package tenant

import (
	"maps"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/scim-operator/scim-operator/internal/entrasim/directory"
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

// BeginCycle takes the snapshot that a cycle works on: schema, secrets and assignments stay as they are now until the cycle
// ends: unconfirmed(cycle-snapshot). A job that is not scheduled, or is running, answers 409.
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
	in := t.snapshot(j, typed)
	in.ForceDeletes, j.reset = j.reset.ForceDeletes, Reset{}
	j.running, j.done, j.all = true, 0, 0
	in.Progress = func(done, all int) {
		t.mu.Lock()
		defer t.mu.Unlock()
		j.done, j.all = done, all
	}
	return in, nil
}

// snapshot is what a run of a job works on.
func (t *Tenant) snapshot(j *Job, typed *syncschema.Schema) engine.Input {
	in := engine.Input{
		TenantDomain: t.domain, Schema: typed, Settings: ReadSettings(t.secrets[j.principal]), Watermark: t.change,
		State: j.state, Now: t.clock.Now, Assignments: t.roleAssignments(j.principal),
	}
	for _, userID := range t.users.order {
		rec := t.users.byID[userID]
		in.People = append(in.People, engine.Person{User: rec.value.Clone(), SoftDeleted: !rec.deleted.IsZero(), Change: rec.change})
	}
	t.groups.each(false, func(rec *record[*directory.Group]) {
		in.Teams = append(in.Teams, engine.Team{Group: rec.value.Clone(), Change: rec.change})
	})
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
		clear(j.state.Escrows)
	}
	if j.reset.Links {
		clear(j.state.Links)
	}
}

// roleAssignments gives the engine the assignments to an application with the names of their roles.
func (t *Tenant) roleAssignments(principal string) []engine.Assignment {
	names := map[string]engine.Role{}
	roles, _ := t.principals.byID[principal].value["appRoles"].([]any)
	for _, r := range roles {
		role, _ := r.(map[string]any)
		id, _ := role["id"].(string)
		display, _ := role["displayName"].(string)
		value, _ := role["value"].(string)
		if !t.options.RolesWithoutValueAreEmpty {
			value = orDefault(value, display)
		}
		names[id] = engine.Role{ID: id, Display: display, Value: value}
	}
	var out []engine.Assignment
	for _, a := range t.assignments {
		if a.ResourceID == principal && a.PrincipalType != ServicePrincipalType {
			out = append(out, engine.Assignment{PrincipalID: a.PrincipalID, Role: names[a.RoleID]})
		}
	}
	return out
}

// EndCycle books the result of a cycle: status, quarantine or recovery, schedule and log.
func (t *Tenant) EndCycle(id string, result *engine.Result) {
	t.mu.Lock()
	defer t.mu.Unlock()
	j, err := t.findJob(id)
	if err != nil {
		return // the job was deleted while it ran
	}
	j.running = false
	j.last = &execution{id: uuid.NewString(), began: result.Began, ended: result.Ended, counts: result.Counts,
		failure: result.Failure, state: "Succeeded"}
	t.writeLog(j, j.last.id, result.Entries)
	j.counts = maps.Clone(result.TotalByType)
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
