package odata

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
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
	Skip   int // from $skiptoken

	orderBy    string // property path; empty keeps the order of the collection
	descending bool
}

// ParseQuery reads the system query options. Options that are not supported are refused rather than ignored, so that a
// client does not believe in a filter that was never applied.
func ParseQuery(values url.Values) (*Query, error) {
	q := &Query{Top: defaultTop}
	for name := range values {
		value := values.Get(name)
		var err error
		switch name {
		case "$select":
			q.Select = strings.Split(strings.ReplaceAll(value, " ", ""), ",")
		case "$filter":
			q.Filter, err = ParseFilter(value)
		case "$top":
			if q.Top, err = strconv.Atoi(value); err == nil && (q.Top < 1 || q.Top > maxTop) {
				err = fmt.Errorf("%d is not between 1 and %d", q.Top, maxTop)
			}
		case "$skiptoken":
			q.Skip, err = strconv.Atoi(value)
		case "$orderby":
			q.orderBy, q.descending = strings.CutSuffix(strings.TrimSuffix(value, " asc"), " desc")
		case "$count":
			// It only asks for advanced query capabilities, which are always on here.
		default:
			if strings.HasPrefix(name, "$") {
				err = fmt.Errorf("not supported")
			}
		}
		if err != nil {
			return nil, fmt.Errorf("invalid query option '%s': %w", name, err)
		}
	}
	return q, nil
}

// Page applies order, filter and paging. next is the value of $skiptoken for the following page, 0 when this is the last one.
func (q *Query) Page(objects []Object) (page []Object, next int) {
	page = []Object{}
	matched := 0
	if q.orderBy != "" {
		objects = slices.Clone(objects)
		slices.SortStableFunc(objects, func(a, b Object) int {
			c := compare(Property(a, q.orderBy), Property(b, q.orderBy))
			if q.descending {
				c = -c
			}
			return c
		})
	}
	for _, o := range objects {
		if q.Filter != nil && !q.Filter(o) {
			continue
		}
		matched++
		if matched <= q.Skip {
			continue
		}
		if len(page) == q.Top {
			return page, q.Skip + q.Top
		}
		page = append(page, o)
	}
	return page, 0
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
