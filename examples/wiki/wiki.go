package main

import (
	"crypto/rand"
	"fmt"
	"html"
	"io"
	"net/http"
	"sync"
)

const (
	cookieName = "wiki_session"
	// editorRole lets people change pages: a group of that name, or a role of the app.
	editorRole = "Editors"
	maxPage    = 64 << 10
)

// wiki serves pages to people with a session.
type wiki struct {
	people *people
	mux    *http.ServeMux

	mu       sync.Mutex
	sessions map[string]string // of the id of a person
	pages    map[string]string
}

func newWiki() *wiki {
	w := &wiki{sessions: map[string]string{}, pages: map[string]string{"home": "Welcome."}, mux: http.NewServeMux()}
	w.people = &people{byID: map[string]person{}, lost: w.endSessions}
	w.mux.HandleFunc("POST /login", w.login)
	w.mux.HandleFunc("GET /pages/{name}", w.withSession(w.read))
	w.mux.HandleFunc("PUT /pages/{name}", w.withSession(w.write))
	return w
}

// ServeHTTP implements http.Handler.
func (w *wiki) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	w.mux.ServeHTTP(out, r)
}

// login believes the name. A real app verifies an ID token and looks up the object ID in it.
func (w *wiki) login(out http.ResponseWriter, r *http.Request) {
	known, ok := w.people.byName(r.PostFormValue("userName"))
	if !ok {
		http.Error(out, "nobody of that name is assigned to the wiki", http.StatusForbidden)
		return
	}
	session := rand.Text()
	w.mu.Lock()
	w.sessions[session] = known.id
	w.mu.Unlock()
	http.SetCookie(out, &http.Cookie{Name: cookieName, Value: session, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode})
}

// endSessions is called when a person is locked out.
func (w *wiki) endSessions(id string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for session, owner := range w.sessions {
		if owner == id {
			delete(w.sessions, session)
		}
	}
}

// withSession also looks at the person, so that a login at the very moment of the lock-out is of no use.
func (w *wiki) withSession(handler func(http.ResponseWriter, *http.Request, person)) http.HandlerFunc {
	return func(out http.ResponseWriter, r *http.Request) {
		cookie, err := r.Cookie(cookieName)
		if err != nil {
			http.Error(out, "log in first", http.StatusUnauthorized)
			return
		}
		w.mu.Lock()
		id := w.sessions[cookie.Value]
		w.mu.Unlock()
		known, ok := w.people.byIdentity(id)
		if !ok {
			http.Error(out, "the session has ended", http.StatusUnauthorized)
			return
		}
		handler(out, r, known)
	}
}

func (w *wiki) read(out http.ResponseWriter, r *http.Request, reader person) {
	w.mu.Lock()
	text, ok := w.pages[r.PathValue("name")]
	w.mu.Unlock()
	if !ok {
		http.NotFound(out, r)
		return
	}
	fmt.Fprintf(out, "<p>%s</p><p>You are %s.</p>\n", html.EscapeString(text), html.EscapeString(reader.userName))
}

func (w *wiki) write(out http.ResponseWriter, r *http.Request, writer person) {
	if !writer.has(editorRole) {
		http.Error(out, "only "+editorRole+" may change pages", http.StatusForbidden)
		return
	}
	text, err := io.ReadAll(http.MaxBytesReader(out, r.Body, maxPage))
	if err != nil {
		http.Error(out, "the page is too long", http.StatusRequestEntityTooLarge)
		return
	}
	w.mu.Lock()
	w.pages[r.PathValue("name")] = string(text)
	w.mu.Unlock()
	out.WriteHeader(http.StatusNoContent)
}
