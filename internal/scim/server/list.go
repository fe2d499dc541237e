package server

import (
	"context"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/scim-operator/scim-operator/internal/scim/filter"
	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/scimerr"
	"github.com/scim-operator/scim-operator/internal/scim/store"
)

// Page sizes; both are advertised.
const (
	defaultPageSize = 100
	maxPageSize     = 1000
)

// listURN is the schema of a list (RFC 7644 section 3.4.2).
const listURN = "urn:ietf:params:scim:api:messages:2.0:ListResponse"

// listing is a query for a page of resources.
type listing struct {
	views []view
	query store.Query
	// startIndex is 0 when the page is found by cursor.
	startIndex int
	// bound is what every page of a walk by cursor must have in common; nil without cursors.
	bound []byte
	// known is how many resources the first page of the walk counted; -1 on the first page.
	known int
}

// list answers GET of a collection, and of the root, where rt is nil (RFC 7644 section 3.4.2).
func (s *Server) list(c *call, rt *schema.ResourceType) error {
	request, err := s.listing(c, rt)
	if err != nil {
		return err
	}
	several := false
	for _, v := range request.views {
		several = several || v.members()
	}
	ctx := c.r.Context()
	err = s.reading(ctx, several, func(reader store.Reader) error {
		page, err := reader.List(ctx, request.query)
		if err != nil {
			return err
		}
		return s.writePage(ctx, c, reader, request, page)
	})
	if err != nil {
		return err
	}
	return c.finish(http.StatusOK)
}

func (s *Server) writePage(ctx context.Context, c *call, reader store.Reader, request listing, page store.Page) error {
	out := c.out()
	*out = (*out)[:0]
	total := page.Total
	if request.known >= 0 {
		total = request.known
	}
	*out = append(*out, `{"schemas":["`+listURN+`"],"totalResults":`...)
	*out = strconv.AppendInt(*out, int64(total), 10)
	if request.startIndex > 0 {
		*out = append(*out, `,"startIndex":`...)
		*out = strconv.AppendInt(*out, int64(request.startIndex), 10)
	}
	*out = append(*out, `,"itemsPerPage":`...)
	*out = strconv.AppendInt(*out, int64(len(page.Resources)), 10)
	if request.bound != nil && page.Next != nil {
		next, err := s.nextCursor(ctx, request, *page.Next, total)
		if err != nil {
			return err
		}
		*out = append(append(append(*out, `,"nextCursor":"`...), next...), '"')
	}
	*out = append(*out, `,"Resources":[`...)
	for i, r := range page.Resources {
		if i > 0 {
			*out = append(*out, ',')
		}
		if err := s.write(ctx, c, reader, request.viewOf(r.Type), r); err != nil {
			return err
		}
	}
	*out = append(*out, ']', '}')
	return nil
}

func (l listing) viewOf(typeName string) view {
	for _, v := range l.views {
		if v.rt.Name == typeName {
			return v
		}
	}
	return l.views[0]
}

// listing reads what is asked for; rt is nil for all types.
func (s *Server) listing(c *call, rt *schema.ResourceType) (listing, error) {
	types := c.registry.ResourceTypes()
	if rt != nil {
		types = []*schema.ResourceType{rt}
	} else if !c.query.hasFilter && !c.query.isSearched { // a URL without anything is nobody's intent (M-3)
		return listing{}, scimerr.BadRequest(scimerr.TooMany, "name a resource type or send a filter")
	}
	request := listing{known: -1, query: store.Query{BaseURL: s.options.PublicURL}}
	for _, t := range types {
		projection, err := s.projection(c, t)
		if err != nil {
			return request, err
		}
		v := view{rt: t, projection: projection}
		request.views = append(request.views, v)
		want := v.want()
		request.query.Want.Groups = request.query.Want.Groups || want.Groups
		request.query.Want.Manager = request.query.Want.Manager || want.Manager
		request.query.Want.Raw = true
		request.query.Select = append(request.query.Select, store.Selection{Type: t})
	}
	if err := s.selectFiltered(c, &request); err != nil {
		return request, err
	}
	if err := s.sorted(c, &request); err != nil {
		return request, err
	}
	return request, s.paged(c, &request, rt)
}

// selectFiltered parses the filter for each type, and leaves out types of which it can select nothing.
func (s *Server) selectFiltered(c *call, request *listing) error {
	if !c.query.hasFilter {
		return nil
	}
	text := c.query.filter
	if strings.TrimSpace(text) == "" {
		return refuseParameter(paramFilter, "is empty: leave it out to list everything")
	}
	if len(text) > maxURLFilter && !c.query.isSearched {
		return scimerr.BadRequest(scimerr.InvalidFilter, "a filter in a URL may have at most %d bytes", maxURLFilter)
	}
	if len(request.views) == 1 {
		e, err := filter.Parse(request.views[0].rt, s.dialect, text)
		request.query.Select[0].Filter = e
		return err
	}
	var types []*schema.ResourceType
	for _, v := range request.views {
		types = append(types, v.rt)
	}
	parsed, err := filter.ParseAcross(types, s.dialect, text)
	if err != nil {
		return err
	}
	request.query.Select = request.query.Select[:0]
	for i, p := range parsed {
		if !p.Nothing {
			request.query.Select = append(request.query.Select, store.Selection{Type: types[i], Filter: p.Filter})
		}
	}
	return nil
}

// sorted reads sortBy and sortOrder. A sortBy that no type has is 400.
func (s *Server) sorted(c *call, request *listing) error {
	switch strings.ToLower(c.query.sortOrder) {
	case "", "ascending":
	case "descending":
		request.query.Descending = true
	default:
		return refuseParameter(paramSortOrder, "must be ascending or descending")
	}
	if c.query.sortBy == "" {
		request.query.Descending = false
		return nil
	}
	var refusal error
	for _, v := range request.views {
		path, err := filter.ParseSort(v.rt, s.dialect, c.query.sortBy)
		if err != nil {
			refusal = err
			continue
		}
		request.query.Sorted = true
		for i, selection := range request.query.Select {
			if selection.Type == v.rt {
				request.query.Select[i].SortBy = path
			}
		}
	}
	if !request.query.Sorted {
		return refusal
	}
	return nil
}

// paged reads startIndex and count, or cursor and count; both ways exclude each other.
func (s *Server) paged(c *call, request *listing, rt *schema.ResourceType) error {
	if c.query.hasCursor {
		if c.query.startIndex != "" {
			return refuseParameter(paramCursor, "and startIndex exclude each other: send one")
		}
		return s.pagedByCursor(c, request, rt)
	}
	var err error
	if request.startIndex, err = integer(paramStartIndex, c.query.startIndex, 1); err != nil {
		return err
	}
	request.startIndex = max(1, request.startIndex)
	count, err := integer(paramCount, c.query.count, defaultPageSize)
	if err != nil {
		return err
	}
	request.query.Limit = min(max(0, count), maxPageSize)
	request.query.Offset = request.startIndex - 1
	request.query.Total = true
	return nil
}

func (s *Server) pagedByCursor(c *call, request *listing, rt *schema.ResourceType) error {
	count, err := integer(paramCount, c.query.count, defaultPageSize)
	if err != nil || count < 1 {
		return scimerr.BadRequest(scimerr.InvalidCount, "with cursor, count must be a whole number of at least 1")
	}
	request.query.Limit = min(count, maxPageSize)
	request.bound = boundOf(rt, c.query, request.query.Limit)
	if c.query.cursor == "" {
		request.query.Total = true
		return nil
	}
	sealed, err := s.openCursor(c.r.Context(), c.query.cursor, request.bound)
	if err != nil {
		return err
	}
	request.query.After, request.known = &sealed.Place, sealed.Total
	return nil
}

func (s *Server) nextCursor(ctx context.Context, request listing, place store.Place, total int) (string, error) {
	return s.sealCursor(ctx, cursor{Place: place, Total: total, Expires: s.now().Add(cursorTimeout).Unix()}, request.bound)
}

// integer reads a numeric parameter. One beyond the range of int32 counts as that limit.
func integer(name, text string, absent int) (int, error) {
	if text == "" {
		return absent, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, scimerr.BadRequest(scimerr.InvalidValue, "%s must be a whole number", name)
	}
	return int(min(max(n, math.MinInt32), math.MaxInt32)), nil
}

// cursorTimeout is how long a cursor is good for; it is advertised.
const cursorTimeout = time.Hour
