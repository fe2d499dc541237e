package entrasim

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"sync"

	"github.com/scim-operator/scim-operator/internal/entrasim/web"
)

// keptCycles bounds what is remembered of each job's cycles.
const keptCycles = 50

// history is the reports of cycles by job, newest last. It is safe for concurrent use.
type history struct {
	mu    sync.Mutex
	byJob map[string][]*CycleReport
}

func (h *history) add(r *CycleReport) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.byJob == nil {
		h.byJob = map[string][]*CycleReport{}
	}
	h.byJob[r.JobID] = append(h.byJob[r.JobID], r)
	h.byJob[r.JobID] = h.byJob[r.JobID][max(len(h.byJob[r.JobID])-keptCycles, 0):]
}

func (h *history) of(job string) []*CycleReport {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.byJob[job])
}

// all are the reports of every job.
func (h *history) all() map[string][]*CycleReport {
	h.mu.Lock()
	defer h.mu.Unlock()
	return maps.Clone(h.byJob)
}

func (h *history) replace(byJob map[string][]*CycleReport) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.byJob = maps.Clone(byJob)
}

// pages are the pages for people, on the admin port.
func (s *Server) pages() http.Handler {
	return web.Handler(web.Parts{
		Tenant: s.tenant,
		Cycles: func(job string) []web.Cycle {
			var out []web.Cycle
			for _, r := range slices.Backward(s.history.of(job)) {
				c := web.Cycle{Began: r.Began, Ended: r.Ended, Initial: r.Initial, Created: r.Created, Updated: r.Updated,
					Disabled: r.Disabled, Deleted: r.Deleted, Skipped: r.Skipped, Failed: r.Failed}
				if r.Error != nil {
					c.Error = r.Error.Code + ": " + r.Error.Message
				}
				out = append(out, c)
			}
			return out
		},
		RunCycle: func(ctx context.Context, job string) error {
			_, err := s.RunCycle(ctx, job)
			return err
		},
	})
}
