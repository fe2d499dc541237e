package entrasim

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/scim-operator/scim-operator/internal/entrasim/directory"
	"github.com/scim-operator/scim-operator/internal/entrasim/tenant"
)

// AdminHandler serves the admin API and the pages for people: plain HTTP without authentication, for tests and the lab. It must not be reachable by
// others. Errors are {"error": "..."} with a fitting status.
func (s *Server) AdminHandler() http.Handler {
	mux := http.NewServeMux()
	for pattern, handle := range map[string]adminFunc{
		"GET /sim/state":                            s.adminState,
		"GET /sim/journal":                          s.adminJournal,
		"GET /sim/journal/counts":                   s.adminCounts,
		"GET /sim/throttling":                       s.adminThrottling,
		"GET /sim/shape":                            s.adminShape,
		"GET /sim/faults":                           s.adminListFaults,
		"POST /sim/faults":                          s.adminAddFault,
		"DELETE /sim/faults":                        s.adminClearFaults,
		"DELETE /sim/faults/{fault}":                s.adminDeleteFault,
		"GET /sim/clock":                            s.adminClock,
		"POST /sim/clock":                           s.adminAdvance,
		"POST /sim/jobs/{job}/cycle":                s.adminCycle,
		"POST /sim/jobs/{job}/pause":                s.onJob(s.tenant.PauseJob),
		"POST /sim/jobs/{job}/start":                s.onJob(s.tenant.StartJob),
		"GET /sim/export":                           s.adminExport,
		"POST /sim/import":                          s.adminImport,
		"GET /sim/users":                            s.adminListUsers,
		"POST /sim/users":                           s.adminAddUser,
		"GET /sim/users/{user}":                     s.adminGetUser,
		"PATCH /sim/users/{user}":                   s.adminPatchUser,
		"DELETE /sim/users/{user}":                  s.adminDeleteUser,
		"POST /sim/users/{user}/restore":            s.adminRestoreUser,
		"GET /sim/groups":                           s.adminListGroups,
		"POST /sim/groups":                          s.adminAddGroup,
		"GET /sim/groups/{group}":                   s.adminGetGroup,
		"PATCH /sim/groups/{group}":                 s.adminPatchGroup,
		"DELETE /sim/groups/{group}":                s.adminDeleteGroup,
		"POST /sim/groups/{group}/members/{user}":   s.adminAddMember,
		"DELETE /sim/groups/{group}/members/{user}": s.adminRemoveMember,
	} {
		mux.HandleFunc(pattern, handle.serve)
	}
	mux.Handle("/", s.pages())
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok\n") })
	// A page that somebody has open in a browser on this machine must not be able to change the tenant.
	return http.NewCrossOriginProtection().Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mux.ServeHTTP(w, r)
		if r.Method != http.MethodGet {
			s.changed.Store(true)
		}
	}))
}

// adminFunc answers with a JSON value, or with 204 for nil.
type adminFunc func(r *http.Request) (any, error)

func (f adminFunc) serve(w http.ResponseWriter, r *http.Request) {
	value, err := f(r)
	status := http.StatusOK
	if err != nil {
		status = http.StatusBadRequest
		if refused, ok := errors.AsType[*tenant.Error](err); ok {
			status = refused.Status
		}
		value = map[string]string{"error": err.Error()}
	} else if value == nil {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value) // the client is gone; there is nobody to tell
}

func decode(r *http.Request, into any) error {
	dec := json.NewDecoder(r.Body)
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return fmt.Errorf("reading the request body: %w", err)
	}
	return nil
}

func (s *Server) adminState(*http.Request) (any, error) { return s.State(), nil }

// after reads the query parameter of the same name: a sequence number of the journal.
func after(r *http.Request) (int, error) {
	text := r.URL.Query().Get("after")
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0, fmt.Errorf("query parameter after: %w", err)
	}
	return n, nil
}

func (s *Server) adminJournal(r *http.Request) (any, error) {
	n, err := after(r)
	return s.journal.Entries(n), err
}

func (s *Server) adminCounts(r *http.Request) (any, error) {
	n, err := after(r)
	return s.journal.Counts(n), err
}

func (s *Server) adminThrottling(*http.Request) (any, error) { return s.Throttling(), nil }

func (s *Server) adminShape(*http.Request) (any, error) { return s.Shape(), nil }

func (s *Server) adminListFaults(*http.Request) (any, error) { return s.faults.Rules(), nil }

func (s *Server) adminAddFault(r *http.Request) (any, error) {
	var rule Fault
	if err := decode(r, &rule); err != nil {
		return nil, err
	}
	id, err := s.AddFault(rule)
	if err != nil {
		return nil, err
	}
	return map[string]string{"id": id}, nil
}

func (s *Server) adminClearFaults(*http.Request) (any, error) {
	s.ClearFaults()
	return nil, nil
}

func (s *Server) adminDeleteFault(r *http.Request) (any, error) {
	if id := r.PathValue("fault"); !s.faults.Delete(id) {
		return nil, &tenant.Error{Status: http.StatusNotFound, Code: "NotFound", Message: "there is no rule " + id +
			"; GET /sim/faults lists those in force"}
	}
	return nil, nil
}

func (s *Server) adminClock(*http.Request) (any, error) {
	return map[string]time.Time{"now": s.clock.Now()}, nil
}

// adminAdvance takes {"advance": "40m"} and answers the new time with the reports of the cycles that ran.
func (s *Server) adminAdvance(r *http.Request) (any, error) {
	var in struct{ Advance string }
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	d, err := time.ParseDuration(in.Advance)
	if err != nil || d < 0 {
		return nil, fmt.Errorf("field advance: %q: give a duration such as 40m; the clock never runs backwards", in.Advance)
	}
	reports, err := s.Advance(context.WithoutCancel(r.Context()), d)
	if reports == nil {
		reports = []*CycleReport{}
	}
	return map[string]any{"now": s.clock.Now(), "cycles": reports}, err
}

func (s *Server) adminCycle(r *http.Request) (any, error) {
	// Who asked may leave; the cycle goes on to its end, rather than fail and put the job into quarantine.
	return s.RunCycle(context.WithoutCancel(r.Context()), r.PathValue("job"))
}

// onJob does to a job what Graph does at the same word, as somebody in the portal.
func (s *Server) onJob(act func(principal, job string) error) adminFunc {
	return func(r *http.Request) (any, error) {
		id := r.PathValue("job")
		for _, job := range s.State().Jobs {
			if job.ID == id {
				return nil, act(job.ServicePrincipalID, id)
			}
		}
		return nil, fmt.Errorf("there is no job %q; GET /sim/state lists those that there are", id)
	}
}

func (s *Server) adminExport(*http.Request) (any, error) { return s.Export() }

func (s *Server) adminImport(r *http.Request) (any, error) {
	var state State
	if err := decode(r, &state); err != nil {
		return nil, err
	}
	return nil, s.Import(&state)
}

func (s *Server) adminListUsers(*http.Request) (any, error) { return s.tenant.Users(), nil }

func (s *Server) adminAddUser(r *http.Request) (any, error) {
	var u directory.User
	if err := decode(r, &u); err != nil {
		return nil, err
	}
	id, err := s.tenant.AddUser(&u)
	if err != nil {
		return nil, err
	}
	return s.tenant.User(id, true)
}

func (s *Server) adminGetUser(r *http.Request) (any, error) {
	return s.tenant.User(r.PathValue("user"), true)
}

func (s *Server) adminPatchUser(r *http.Request) (any, error) {
	patch, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, fmt.Errorf("reading the request body: %w", err)
	}
	return s.tenant.PatchUser(r.PathValue("user"), patch)
}

// adminDeleteUser soft-deletes; with ?hard=true the person is purged.
func (s *Server) adminDeleteUser(r *http.Request) (any, error) {
	return nil, s.tenant.DeleteUser(r.PathValue("user"), r.URL.Query().Get("hard") == "true")
}

func (s *Server) adminRestoreUser(r *http.Request) (any, error) {
	return s.tenant.Restore(r.PathValue("user"))
}

func (s *Server) adminListGroups(*http.Request) (any, error) { return s.tenant.Groups(), nil }

func (s *Server) adminAddGroup(r *http.Request) (any, error) {
	var g directory.Group
	if err := decode(r, &g); err != nil {
		return nil, err
	}
	id, err := s.tenant.AddGroup(&g, nil)
	if err != nil {
		return nil, err
	}
	return s.tenant.Group(id, true)
}

func (s *Server) adminGetGroup(r *http.Request) (any, error) {
	return s.tenant.GroupByName(r.PathValue("group"))
}

func (s *Server) adminPatchGroup(r *http.Request) (any, error) {
	patch, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, fmt.Errorf("reading the request body: %w", err)
	}
	return s.tenant.PatchGroup(r.PathValue("group"), patch)
}

func (s *Server) adminDeleteGroup(r *http.Request) (any, error) {
	return nil, s.tenant.DeleteGroup(r.PathValue("group"))
}

func (s *Server) adminAddMember(r *http.Request) (any, error) {
	return nil, s.tenant.AddMember(r.PathValue("group"), r.PathValue("user"))
}

func (s *Server) adminRemoveMember(r *http.Request) (any, error) {
	return nil, s.tenant.RemoveMember(r.PathValue("group"), r.PathValue("user"))
}
