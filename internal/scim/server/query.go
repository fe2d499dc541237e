package server

import (
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/scim-operator/scim-operator/internal/scim/scimerr"
)

// The query parameters that are read, in the case they are looked up by.
const (
	paramFilter             = "filter"
	paramAttributes         = "attributes"
	paramExcludedAttributes = "excludedAttributes"
	paramSortBy             = "sortBy"
	paramSortOrder          = "sortOrder"
	paramStartIndex         = "startIndex"
	paramCount              = "count"
	paramCursor             = "cursor"
)

var parameters = []string{
	paramFilter, paramAttributes, paramExcludedAttributes, paramSortBy, paramSortOrder, paramStartIndex, paramCount, paramCursor,
}

// query holds what a URL, or the body of .search, asks for. Texts are empty when not given.
type query struct {
	attributes, excluded  string
	filter                string
	hasFilter             bool
	sortBy, sortOrder     string
	startIndex, count     string
	cursor                string
	hasCursor, isSearched bool
}

func (q *query) set(name, value string) {
	switch name {
	case paramFilter:
		q.filter, q.hasFilter = value, true
	case paramAttributes:
		q.attributes = value
	case paramExcludedAttributes:
		q.excluded = value
	case paramSortBy:
		q.sortBy = value
	case paramSortOrder:
		q.sortOrder = value
	case paramStartIndex:
		q.startIndex = value
	case paramCount:
		q.count = value
	case paramCursor:
		q.cursor, q.hasCursor = value, true
	}
}

// parseQuery reads the query of a URL. A parameter that cannot be read, or that is given twice, is a 400 and never
// counts as absent: without its filter a lookup answers everybody, and the caller would match the wrong person.
//
// Only & separates. url.ParseQuery refuses every semicolon, but a filter's value may hold one (E-3); elsewhere a
// semicolon is refused, because the sender may mean it as a separator. Unknown parameters are ignored (E-10).
func parseQuery(raw string) (query, error) {
	var q query
	if raw == "" {
		return q, nil
	}
	seen := 0
	for part := range strings.SplitSeq(raw, "&") {
		escapedName, escaped, _ := strings.Cut(part, "=")
		given, ok := unescape(escapedName)
		if !ok {
			return q, scimerr.BadRequest(scimerr.InvalidValue, "the name of a query parameter is not percent-encoded UTF-8")
		}
		place := slices.IndexFunc(parameters, func(p string) bool { return strings.EqualFold(p, given) }) // in any case (H-6)
		if (place < 0 || parameters[place] != paramFilter) && strings.Contains(part, ";") {
			return q, scimerr.BadRequest(scimerr.InvalidValue, "separate query parameters with &: a semicolon may stand only in the value of filter")
		}
		if place < 0 {
			continue
		}
		name := parameters[place]
		if seen&(1<<place) != 0 {
			return q, refuseParameter(name, "is given twice: send it once")
		}
		seen |= 1 << place
		value, ok := unescape(escaped)
		if !ok {
			return q, refuseParameter(name, "is not percent-encoded UTF-8: send a percent sign as %25")
		}
		q.set(name, value)
	}
	return q, nil
}

func unescape(escaped string) (string, bool) {
	text, err := url.QueryUnescape(escaped)
	return text, err == nil && utf8.ValidString(text)
}

func refuseParameter(name, remedy string) error {
	scimType := scimerr.InvalidValue
	if name == paramFilter {
		scimType = scimerr.InvalidFilter
	}
	return scimerr.BadRequest(scimType, "%s %s", name, remedy)
}
