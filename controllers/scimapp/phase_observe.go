package scimapp

import (
	"context"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/phase"
)

// observeJob reads how the job is doing and says it in words.
func (r *Reconciler) observeJob(ctx context.Context, s *scope) phase.Outcome {
	job, err := s.directory.Job(ctx, s.jobRef())
	if err != nil {
		return r.synchronizationFault(s, err)
	}
	s.job = &job
	recordJob(s.app.Status.Job, job)
	out := judgeJob(s.app, job, r.Clock.Now())
	if again := r.recordCycle(ctx, s); again > 0 && (out.After == 0 || again < out.After) {
		out.After = again
	}
	return out
}

func recordJob(st *v1alpha1.JobStatus, job entra.Job) {
	st.SteadySince = timeOf(job.SteadySince)
	st.LastCycle = nil
	if e := job.LastExecution; e != nil {
		st.LastCycle = &v1alpha1.CycleStatus{
			StartedAt: timeOf(&e.Began), FinishedAt: timeOf(&e.Ended), Result: e.State, Exported: e.Exported, Failed: e.Escrowed,
		}
	}
	st.Quarantine = nil
	if q := job.Quarantine; q != nil {
		st.Quarantine = &v1alpha1.QuarantineStatus{Reason: q.Reason, Since: timeOf(&q.Began), NextAttempt: timeOf(&q.NextAttempt)}
		if q.Error != nil {
			st.Quarantine.Message = truncate(q.Error.Code+": "+q.Error.Message, 1024)
		}
	}
	st.Entries = entries(job)
}

// entries sums the counts by source type. Entra's keys read like "User to urn:ietf:params:scim:schemas:…", and what it
// counts none of is missing; once it has been through everybody, that means zero.
func entries(job entra.Job) []v1alpha1.EntryCount {
	counts := map[string]int64{}
	if job.SteadySince != nil {
		counts["User"], counts["Group"] = 0, 0
	}
	for key, n := range job.Entries {
		source, _, _ := strings.Cut(key, " to ")
		counts[source] += n
	}
	var out []v1alpha1.EntryCount
	for _, source := range sortedKeys(counts) {
		out = append(out, v1alpha1.EntryCount{Type: source, Count: new(counts[source])})
	}
	return out
}

func timeOf(t *time.Time) *metav1.Time {
	if t == nil || t.IsZero() {
		return nil
	}
	// Status keeps whole seconds; more would be a difference at every read.
	return &metav1.Time{Time: t.Truncate(time.Second)}
}

// truncate cuts text to at most n bytes without splitting a character.
func truncate(text string, n int) string {
	if len(text) <= n {
		return text
	}
	const mark = "…"
	return strings.ToValidUTF8(text[:n-len(mark)], "") + mark
}
