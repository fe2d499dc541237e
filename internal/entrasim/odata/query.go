package odata

import (
	"errors"
	"fmt"
	"iter"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Page sizes: what a request without $top gets, and the most it may ask for.
const (
	defaultTop = 100
	maxTop     = 999
)

// Query is the part of a URL's query that concerns the shape of the answer.
type Query struct {
	Select []string
	Filter Filter // nil: everything
	Top    int
	Skip   int  // from $skiptoken
	Count  bool // the number of matches is asked for

	exact      bool
	orderBy    string // property path; empty keeps the order of the collection
	descending bool
}

// Collection is how a collection answers queries.
type Collection struct {
	// Exact: texts are compared with regard to case, as in the logs. Directory objects are compared without.
	Exact bool
	// Advanced: ne, not, endswith and $count are refused unless the request has the header ConsistencyLevel: eventual and
	// $count=true, as for directory objects.
	Advanced bool
}

// errAdvanced is the refusal of an advanced query without the header that allows it.
var errAdvanced = errors.New("the operator needs the header ConsistencyLevel: eventual and $count=true")

// ParseQuery reads the system query options. Options that are not supported are refused rather than ignored, so that a
// client does not believe in a filter that was never applied. eventual says that the request has the header
// ConsistencyLevel: eventual.
func (collection Collection) ParseQuery(values url.Values, eventual bool) (*Query, error) {
	q := &Query{Top: defaultTop, exact: collection.Exact}
	advanced := false
	for name := range values {
		value := values.Get(name)
		var err error
		switch name {
		case "$select":
			q.Select = strings.Split(strings.ReplaceAll(value, " ", ""), ",")
		case "$filter":
			q.Filter, advanced, err = parseFilter(value, collection.Exact)
		case "$top":
			if q.Top, err = strconv.Atoi(value); err == nil && (q.Top < 1 || q.Top > maxTop) {
				err = fmt.Errorf("%d is not between 1 and %d", q.Top, maxTop)
			}
		case "$skiptoken":
			q.Skip, err = strconv.Atoi(value)
		case "$orderby":
			q.orderBy, q.descending = strings.CutSuffix(strings.TrimSuffix(value, " asc"), " desc")
		case "$count":
			q.Count, err = strconv.ParseBool(value)
		default:
			if strings.HasPrefix(name, "$") {
				err = fmt.Errorf("not supported")
			}
		}
		if err != nil {
			return nil, fmt.Errorf("invalid query option '%s': %w", name, err)
		}
	}
	if collection.Advanced && advanced && !(eventual && q.Count) {
		return nil, fmt.Errorf("invalid query option '$filter': %w", errAdvanced)
	}
	q.Count = q.Count && (eventual || !collection.Advanced)
	return q, nil
}

// Lazy makes an object when it is looked at: of a large collection most are on another page.
type Lazy = func() Object

// Made is a collection whose objects are there already.
func Made(objects []Object) iter.Seq[Lazy] {
	return func(yield func(Lazy) bool) {
		for _, o := range objects {
			if !yield(func() Object { return o }) {
				return
			}
		}
	}
}

// Page applies order, filter and paging. next is the value of $skiptoken for the following page, 0 when this is the last
// one; matched is how many objects there are on all pages, or on those up to the following one when no count is asked for.
func (q *Query) Page(objects iter.Seq[Lazy]) (page []Object, next, matched int) {
	page = []Object{}
	if q.orderBy != "" {
		objects = Made(q.sorted(objects))
	}
	for build := range objects {
		var o Object
		if q.Filter != nil {
			if o = build(); !q.Filter(o) {
				continue
			}
		}
		matched++
		switch {
		case matched <= q.Skip:
		case len(page) < q.Top:
			if o == nil {
				o = build()
			}
			page = append(page, o)
		default:
			if next = q.Skip + q.Top; !q.Count {
				return page, next, matched
			}
		}
	}
	return page, next, matched
}

// sorted makes all objects that pass the filter, in order.
func (q *Query) sorted(objects iter.Seq[Lazy]) []Object {
	var all []Object
	for build := range objects {
		if o := build(); q.Filter == nil || q.Filter(o) {
			all = append(all, o)
		}
	}
	fold := (&filterParser{exact: q.exact}).fold
	slices.SortStableFunc(all, func(a, b Object) int {
		c := compare(Property(a, q.orderBy), asTime(Property(b, q.orderBy)), fold)
		if q.descending {
			c = -c
		}
		return c
	})
	return all
}

// asTime is a text that is a time as one. As texts, times would be ordered by the zeros that their fractions are written
// without.
func asTime(value any) any {
	s, _ := value.(string)
	if at, err := time.Parse(time.RFC3339, s); err == nil {
		return at
	}
	return value
}

// Project keeps the selected members, or those of fallback when nothing is selected; an empty fallback keeps everything.
// Annotations and the id always stay.
func (q *Query) Project(o Object, fallback []string) Object {
	names := q.Select
	if len(names) == 0 {
		names = fallback
	}
	if len(names) == 0 {
		return o
	}
	out := Object{}
	for name, value := range o {
		if name == "id" || strings.HasPrefix(name, "@odata.") || slices.Contains(names, name) {
			out[name] = value
		}
	}
	return out
}
