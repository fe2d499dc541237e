package graph

import (
	"strings"
	"time"

	"github.com/scim-operator/scim-operator/internal/entra"
)

// jobResource is a Graph synchronizationJob as far as it is read. The SDK's type is not
// used: an empty date fails its whole answer and an enum value that it does not know
// becomes nothing. The schedule's interval is left out on purpose, as it can be .NET's
// TimeSpan.MaxValue, which no duration of ours can hold.
type jobResource struct {
	ID         string `json:"id"`
	TemplateID string `json:"templateId"`
	Schedule   struct {
		State string `json:"state"`
	} `json:"schedule"`
	Status struct {
		Code              string              `json:"code"`
		SteadyFirst       graphTime           `json:"steadyStateFirstAchievedTime"`
		LastExecution     *executionResource  `json:"lastExecution"`
		Quarantine        *quarantineResource `json:"quarantine"`
		EntryCountsByType []struct {
			Key   string `json:"key"`
			Value int64  `json:"value"`
		} `json:"synchronizedEntryCountByType"`
	} `json:"status"`
}

type executionResource struct {
	ActivityIdentifier           string         `json:"activityIdentifier"`
	State                        string         `json:"state"`
	TimeBegan                    graphTime      `json:"timeBegan"`
	TimeEnded                    graphTime      `json:"timeEnded"`
	Error                        *errorResource `json:"error"`
	CountEntitled                int64          `json:"countEntitled"`
	CountEntitledForProvisioning int64          `json:"countEntitledForProvisioning"`
	CountImported                int64          `json:"countImported"`
	CountEscrowed                int64          `json:"countEscrowed"`
	CountExported                int64          `json:"countExported"`
	CountExports                 int64          `json:"countExports"`
	CountImportedDeltas          int64          `json:"countImportedDeltas"`
	CountImportedReferenceDeltas int64          `json:"countImportedReferenceDeltas"`
}

type quarantineResource struct {
	Reason       string         `json:"reason"`
	CurrentBegan graphTime      `json:"currentBegan"`
	SeriesBegan  graphTime      `json:"seriesBegan"`
	SeriesCount  int64          `json:"seriesCount"`
	NextAttempt  graphTime      `json:"nextAttempt"`
	Error        *errorResource `json:"error"`
}

type errorResource struct {
	Code             string `json:"code"`
	Message          string `json:"message"`
	TenantActionable bool   `json:"tenantActionable"`
}

// graphTime is a time in UTC. Graph writes "never" as 0001-01-01T00:00:00Z, as null or
// as an empty text, and all three are the zero time; so is a form that nobody has
// described, because the rest of the job's status is worth more than one date.
type graphTime struct{ time.Time }

// UnmarshalJSON implements json.Unmarshaler.
func (t *graphTime) UnmarshalJSON(data []byte) error {
	t.Time = time.Time{}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05"} {
		if parsed, err := time.Parse(layout, strings.Trim(string(data), `"`)); err == nil {
			t.Time = parsed.UTC()
		}
	}
	return nil
}

func (t graphTime) orNil() *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t.Time
}

func (r jobResource) job() entra.Job {
	job := entra.Job{
		ID:            r.ID,
		TemplateID:    r.TemplateID,
		Schedule:      entra.ScheduleState(r.Schedule.State),
		Code:          entra.StatusCode(r.Status.Code),
		SteadySince:   r.Status.SteadyFirst.orNil(),
		LastExecution: r.Status.LastExecution.execution(),
		Quarantine:    r.Status.Quarantine.quarantine(),
	}
	for _, c := range r.Status.EntryCountsByType {
		if job.Entries == nil {
			job.Entries = map[string]int64{}
		}
		job.Entries[c.Key] = c.Value
	}
	return job
}

func (r *executionResource) execution() *entra.Execution {
	if r == nil {
		return nil
	}
	return &entra.Execution{
		ActivityID:        r.ActivityIdentifier,
		State:             r.State,
		Began:             r.TimeBegan.Time,
		Ended:             r.TimeEnded.Time,
		Error:             r.Error.jobError(),
		Entitled:          r.CountEntitled,
		EntitledToExport:  r.CountEntitledForProvisioning,
		Imported:          r.CountImported,
		Escrowed:          r.CountEscrowed,
		Exported:          r.CountExported,
		ExportedEntryOps:  r.CountExports,
		ImportedDeltas:    r.CountImportedDeltas,
		ImportedRefDeltas: r.CountImportedReferenceDeltas,
	}
}

func (r *quarantineResource) quarantine() *entra.Quarantine {
	if r == nil {
		return nil
	}
	return &entra.Quarantine{
		Reason:      r.Reason,
		Began:       r.CurrentBegan.Time,
		SeriesBegan: r.SeriesBegan.Time,
		SeriesCount: r.SeriesCount,
		NextAttempt: r.NextAttempt.Time,
		Error:       r.Error.jobError(),
	}
}

func (r *errorResource) jobError() *entra.JobError {
	if r == nil {
		return nil
	}
	return &entra.JobError{Code: r.Code, Message: r.Message, TenantActionable: r.TenantActionable}
}
