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
	paramStartIndex         = "startIndex"
	paramCount              = "count"
)

var parameters = []string{paramFilter, paramAttributes, paramExcludedAttributes, paramStartIndex, paramCount}

// query holds the parameters of a request that are read, decoded, by their canonical names.
type query map[string]string

// parseQuery reads the query of a URL. A parameter that cannot be read, or that is given twice, is a 400 and never
// counts as absent: without its filter a lookup answers everybody, and the caller would match the wrong person.
//
// Only & separates. url.ParseQuery refuses every semicolon, but a filter's value may hold one (E-3); elsewhere a
// semicolon is refused, because the sender may mean it as a separator. Unknown parameters are ignored (E-10).
func parseQuery(raw string) (query, error) {
	q := query{}
	for part := range strings.SplitSeq(raw, "&") {
		escapedName, escaped, _ := strings.Cut(part, "=")
		given, ok := unescape(escapedName)
		if !ok {
			return nil, scimerr.BadRequest(scimerr.InvalidValue, "the name of a query parameter is not percent-encoded UTF-8")
		}
		name, known := canonical(given)
		if name != paramFilter && strings.Contains(part, ";") {
			return nil, scimerr.BadRequest(scimerr.InvalidValue, "separate query parameters with &: a semicolon may stand only in the value of filter")
		}
		if !known {
			continue
		}
		if _, twice := q[name]; twice {
			return nil, refuseParameter(name, "is given twice: send it once")
		}
		if q[name], ok = unescape(escaped); !ok {
			return nil, refuseParameter(name, "is not percent-encoded UTF-8: send a percent sign as %25")
		}
	}
	return q, nil
}

func unescape(escaped string) (string, bool) {
	text, err := url.QueryUnescape(escaped)
	return text, err == nil && utf8.ValidString(text)
}

// canonical finds a parameter by its name in any case (H-6).
func canonical(given string) (name string, known bool) {
	i := slices.IndexFunc(parameters, func(p string) bool { return strings.EqualFold(p, given) })
	if i < 0 {
		return given, false
	}
	return parameters[i], true
}

func refuseParameter(name, remedy string) error {
	scimType := scimerr.InvalidValue
	if name == paramFilter {
		scimType = scimerr.InvalidFilter
	}
	return scimerr.BadRequest(scimType, "%s %s", name, remedy)
}
