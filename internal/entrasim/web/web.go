package web

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"html/template"
	"net/http"
	"time"

	"github.com/scim-operator/scim-operator/internal/entrasim/tenant"
)

//go:embed templates/*.html style.css
var files embed.FS

// Cycle is a cycle that ran, as its row shows it.
type Cycle struct {
	Began, Ended                                         time.Time
	Initial                                              bool
	Created, Updated, Disabled, Deleted, Skipped, Failed int
	Error                                                string // why it failed as a whole
}

// Parts are what the pages are made of.
type Parts struct {
	Tenant   *tenant.Tenant
	Cycles   func(job string) []Cycle                    // that ran, newest first
	RunCycle func(ctx context.Context, job string) error // runs one and waits for its end
}

// site answers requests for pages.
type site struct {
	Parts
	pages map[string]*template.Template
}

// Handler serves the pages.
func Handler(p Parts) http.Handler {
	s := &site{Parts: p, pages: map[string]*template.Template{}}
	for _, name := range []string{"overview", "people", "person", "groups", "group", "app", "log", "problem"} {
		s.pages[name] = template.Must(template.New("layout.html").Funcs(functions).ParseFS(files, "templates/layout.html",
			"templates/"+name+".html"))
	}
	mux := http.NewServeMux()
	for pattern, show := range map[string]func(*http.Request) (view, error){
		"GET /{$}":           s.overview,
		"GET /people":        s.people,
		"GET /people/{user}": s.person,
		"GET /groups":        s.groups,
		"GET /groups/{id}":   s.group,
		"GET /apps/{sp}":     s.app,
		"GET /log":           s.log,
	} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			v, err := show(r)
			s.answer(w, v, err)
		})
	}
	mux.HandleFunc("POST /apps/{sp}/jobs/{job}/cycle", s.cycle)
	mux.HandleFunc("POST /apps/{sp}/jobs/{job}/pause", s.schedule(p.Tenant.PauseJob))
	mux.HandleFunc("POST /apps/{sp}/jobs/{job}/start", s.schedule(p.Tenant.StartJob))
	mux.HandleFunc("GET /style.css", func(w http.ResponseWriter, r *http.Request) { http.ServeFileFS(w, r, files, "style.css") })
	return mux
}

// view is a page with what it shows.
type view struct {
	Page  string // name of the template
	Title string
	Part  string // of the navigation
	Data  any

	Overview tenant.Overview
}

// cycle runs a cycle and leads back to the application.
func (s *site) cycle(w http.ResponseWriter, r *http.Request) {
	// Who pressed the button may leave; the cycle goes on to its end.
	if err := s.RunCycle(context.WithoutCancel(r.Context()), r.PathValue("job")); err != nil {
		s.answer(w, view{}, err)
		return
	}
	http.Redirect(w, r, "/apps/"+r.PathValue("sp")+"#cycles", http.StatusSeeOther)
}

// schedule starts or pauses a job and leads back to the application.
func (s *site) schedule(act func(principal, job string) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := act(r.PathValue("sp"), r.PathValue("job")); err != nil {
			s.answer(w, view{}, err)
			return
		}
		http.Redirect(w, r, "/apps/"+r.PathValue("sp"), http.StatusSeeOther)
	}
}

// answer renders a page as a whole before the first byte goes out, so that an error is not half a page.
func (s *site) answer(w http.ResponseWriter, v view, err error) {
	status := http.StatusOK
	if err != nil {
		status = http.StatusInternalServerError
		message := err.Error()
		if refused, ok := errors.AsType[*tenant.Error](err); ok {
			status, message = refused.Status, refused.Message
		}
		v = view{Page: "problem", Title: http.StatusText(status), Data: message}
	}
	v.Overview = s.Tenant.Overview()
	var page bytes.Buffer
	if err := s.pages[v.Page].Execute(&page, v); err != nil {
		http.Error(w, "rendering the page: "+err.Error(), http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = page.WriteTo(w) // the client is gone; there is nobody to tell
}
