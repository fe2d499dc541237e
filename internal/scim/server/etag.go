package server

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/scim-operator/scim-operator/internal/scim/scimerr"
)

// etag is the weak entity tag of a version (V-1).
func etag(version int64) string {
	return fmt.Sprintf(`W/"%d"`, version)
}

// tagMatches compares weakly with a list of tags; * matches any (V-2).
func tagMatches(header, tag string) bool {
	for candidate := range strings.SplitSeq(header, ",") {
		candidate = strings.TrimSpace(candidate)
		if candidate == "*" || strings.TrimPrefix(candidate, "W/") == strings.TrimPrefix(tag, "W/") {
			return true
		}
	}
	return false
}

// checkIfMatch is 412 when the client asked for another version (V-3). It runs inside the transaction that writes, so
// that of two writers with one tag only one succeeds (V-4).
func (c *call) checkIfMatch(version int64) error {
	if header := c.r.Header.Get("If-Match"); header != "" && !tagMatches(header, etag(version)) {
		return scimerr.New(http.StatusPreconditionFailed, "the resource has changed: its version is %s now", etag(version))
	}
	return nil
}
