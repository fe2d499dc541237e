package server

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestI7X9EveryRouteNamesItsGuard reads the table of routes: what is public, and what a token with scope read may do.
func TestI7X9EveryRouteNamesItsGuard(t *testing.T) {
	s := &Server{basePath: "/scim/v2"}
	var public, readable []string
	for _, r := range s.scimRoutes() {
		if r == nil {
			t.Fatal("a place in the table is empty")
		}
		if r.public {
			public = append(public, r.pattern)
		}
		for _, m := range r.methods {
			if m.reads && m.name != http.MethodGet && m.name != http.MethodHead {
				readable = append(readable, m.name+" "+r.pattern)
			}
		}
	}
	if diff := cmp.Diff([]string{"/ServiceProviderConfig"}, public); diff != "" {
		t.Errorf("public routes (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"POST /Users/.search", "POST /Groups/.search", "POST /.search"}, readable); diff != "" {
		t.Errorf("methods beside GET and HEAD that read (-want +got):\n%s", diff)
	}
}
