package entrasim

import (
	"context"
	"errors"
	"time"

	"github.com/scim-operator/scim-operator/internal/entrasim/engine"
)

// CycleReport is what one cycle did. Objects count once.
type CycleReport struct {
	JobID    string         `json:"jobId"`
	Initial  bool           `json:"initial"`
	Began    time.Time      `json:"began"`
	Ended    time.Time      `json:"ended"`
	Created  int            `json:"created"`
	Updated  int            `json:"updated"`
	Disabled int            `json:"disabled"`
	Deleted  int            `json:"deleted"`
	Skipped  int            `json:"skipped"`
	Failed   int            `json:"failed"`
	Error    *CycleError    `json:"error"`    // null when the cycle ran to its end
	Failures []CycleFailure `json:"failures"` // the objects that failed
}

// CycleError is why a cycle failed as a whole and put the job into quarantine.
type CycleError struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Reason  string `json:"reason"` // quarantineReason
}

// CycleFailure is one object that failed.
type CycleFailure struct {
	ObjectID    string `json:"objectId"`
	DisplayName string `json:"displayName"`
	Type        string `json:"type"` // User or Group
	Action      string `json:"action"`
	Code        string `json:"code"`
	Reason      string `json:"reason"`
}

// RunCycle runs one cycle of a job and waits for its end. A job that is paused or was never started is refused with an error
// whose text says so; what the SCIM endpoint does wrong is in the report.
func (s *Server) RunCycle(ctx context.Context, jobID string) (*CycleReport, error) {
	in, err := s.tenant.BeginCycle(jobID)
	if err != nil {
		return nil, err
	}
	s.cycles.Add(1)
	defer s.cycles.Done()
	defer s.changed.Store(true)
	in.Client, in.Switches = s.scim, s.options.Engine
	result := engine.Run(ctx, in)
	s.tenant.EndCycle(jobID, result)
	r := report(jobID, result)
	s.history.add(r)
	return r, nil
}

func report(jobID string, result *engine.Result) *CycleReport {
	sum := result.Summary
	r := &CycleReport{JobID: jobID, Initial: result.Initial, Began: result.Began, Ended: result.Ended, Created: sum.Created,
		Updated: sum.Updated, Disabled: sum.Disabled, Deleted: sum.Deleted, Skipped: sum.Skipped, Failed: sum.Failed,
		Failures: []CycleFailure{}}
	if f := result.Failure; f != nil {
		r.Error = &CycleError{Code: f.Code, Message: f.Message, Reason: f.Reason}
	}
	for _, e := range result.Failures {
		r.Failures = append(r.Failures, CycleFailure{ObjectID: e.SourceID, DisplayName: e.SourceName, Type: e.SourceType,
			Action: e.Action, Code: e.Code, Reason: e.Reason})
	}
	return r
}

// Advance pushes the virtual clock forward by d, and runs the cycles that become due on the way at the moment when they do.
func (s *Server) Advance(ctx context.Context, d time.Duration) ([]*CycleReport, error) {
	var reports []*CycleReport
	end := s.clock.Now().Add(d)
	for {
		for _, id := range s.tenant.DueJobs() {
			r, err := s.RunCycle(ctx, id)
			if err != nil {
				return reports, err
			}
			reports = append(reports, r)
		}
		left := end.Sub(s.clock.Now())
		if left <= 0 {
			return reports, nil
		}
		if ctx.Err() != nil {
			return reports, errors.Join(errors.New("advancing the clock was interrupted"), ctx.Err())
		}
		s.clock.Advance(min(left, max(s.tenant.UntilNextCycle(left), time.Millisecond)))
	}
}
