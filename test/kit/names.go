package kit

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

var (
	guid = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
	// jobID begins with the template's ID, as Entra's do.
	jobID = regexp.MustCompile(`/jobs/[^/]+`)
	// assignmentID is base64 and no GUID.
	assignmentID = regexp.MustCompile(`/appRoleAssignedTo/[^/]+`)
	// filtered is the property that a $filter asks about.
	filtered = regexp.MustCompile(`^[A-Za-z/]+`)
)

// readingPosts change nothing in Graph.
var readingPosts = []string{"validateCredentials", "parseExpression", "token"}

// graphCall names a request to Graph: "GET /applications?tags/any #1".
func graphCall(r *http.Request) Call {
	path := strings.TrimPrefix(r.URL.Path, "/v1.0")
	path = jobID.ReplaceAllString(path, "/jobs/{job}")
	path = assignmentID.ReplaceAllString(path, "/appRoleAssignedTo/{assignment}")
	path = guid.ReplaceAllString(path, "{id}")
	if filter := r.URL.Query().Get("$filter"); filter != "" {
		path += "?" + filtered.FindString(filter)
	}
	operation := path[strings.LastIndex(path, "/")+1:]
	write := r.Method != http.MethodGet && !slices.Contains(readingPosts, operation)
	return Call{Name: r.Method + " " + path, Write: write}
}

// isClusterWrite is true for what changes something in the cluster, but for Events and Leases, which say nothing about
// the operator's work.
func isClusterWrite(method string, u *url.URL) bool {
	if method == http.MethodGet || method == http.MethodHead {
		return false
	}
	return !strings.Contains(u.Path, "/events") && !strings.Contains(u.Path, "/leases")
}

// clusterCall names a request to the API server: "PATCH scimapps/wiki/status #2". The suffix of the world is no part of it.
func clusterCall(method string, u *url.URL, suffix string) Call {
	parts := strings.Split(strings.Trim(u.Path, "/"), "/")
	if parts[0] == "api" {
		parts = parts[2:]
	} else {
		parts = parts[3:]
	}
	if len(parts) > 2 && parts[0] == "namespaces" {
		parts = parts[2:]
	}
	name := strings.ReplaceAll(strings.Join(parts, "/"), suffix, "")
	return Call{Name: method + " " + name, Write: true, Cluster: true}
}
