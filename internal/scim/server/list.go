package server

import (
	"context"
	"math"
	"net/http"
	"strconv"
	"strings"

	"github.com/scim-operator/scim-operator/internal/scim/filter"
	"github.com/scim-operator/scim-operator/internal/scim/resource"
	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/scimerr"
	"github.com/scim-operator/scim-operator/internal/scim/store"
)

// Page sizes; both are advertised.
const (
	defaultPageSize = 100
	maxPageSize     = 1000
)

// scanBatch is how many records a filter without an index reads at a time.
const scanBatch = 500

// listURN is the schema of a list (RFC 7644 section 3.4.2).
const listURN = "urn:ietf:params:scim:api:messages:2.0:ListResponse"

// listRequest is a query for a page of resources.
type listRequest struct {
	rt         *schema.ResourceType
	projection resource.Projection
	conditions []store.Condition
	// rest is the part of the filter that no index answers; nil for none.
	rest       filter.Expr
	startIndex int
	count      int
}

// list answers GET of a collection (RFC 7644 section 3.4.2).
func (s *Server) list(c *call, rt *schema.ResourceType) error {
	request, err := s.parseList(c, rt)
	if err != nil {
		return err
	}
	var total int
	var shown []any
	ctx := c.r.Context()
	err = s.store.View(ctx, func(reader store.Reader) error {
		var page []store.Record
		if request.rest == nil {
			total, page, err = indexedPage(ctx, reader, request)
		} else {
			total, page, err = s.scannedPage(ctx, reader, request)
		}
		if err != nil {
			return err
		}
		shown, err = s.renderPage(ctx, reader, request, page)
		return err
	})
	if err != nil {
		return err
	}
	return c.respond(http.StatusOK, map[string]any{
		"schemas":      []string{listURN},
		"totalResults": total,
		"startIndex":   request.startIndex,
		"itemsPerPage": len(shown),
		"Resources":    shown,
	})
}

func (s *Server) parseList(c *call, rt *schema.ResourceType) (listRequest, error) {
	request := listRequest{rt: rt}
	var err error
	if request.projection, err = s.projection(c, rt); err != nil {
		return request, err
	}
	if request.startIndex, err = c.integer(paramStartIndex, 1); err != nil {
		return request, err
	}
	request.startIndex = max(1, request.startIndex)
	if request.count, err = c.integer(paramCount, defaultPageSize); err != nil {
		return request, err
	}
	request.count = min(max(0, request.count), maxPageSize)
	text, given := c.query[paramFilter]
	if !given {
		return request, nil
	}
	if strings.TrimSpace(text) == "" {
		return request, refuseParameter(paramFilter, "is empty: leave it out to list everything")
	}
	if len(text) > maxURLFilter {
		return request, scimerr.BadRequest(scimerr.InvalidFilter, "a filter in a URL may have at most %d bytes", maxURLFilter)
	}
	expression, err := filter.Parse(rt, s.dialect, text)
	if err != nil {
		return request, err
	}
	request.conditions, request.rest = store.Plan(expression)
	return request, nil
}

// integer reads a numeric parameter. One beyond the range of int32 counts as that limit.
func (c *call) integer(name string, absent int) (int, error) {
	text := c.query[name]
	if text == "" {
		return absent, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, scimerr.BadRequest(scimerr.InvalidValue, "%s must be a whole number", name)
	}
	return int(min(max(n, math.MinInt32), math.MaxInt32)), nil
}

// indexedPage lets the store count and page.
func indexedPage(ctx context.Context, reader store.Reader, request listRequest) (int, []store.Record, error) {
	query := store.Query{
		Type: request.rt.Name, Conditions: request.conditions, Offset: request.startIndex - 1, Limit: request.count,
	}
	total, err := reader.Count(ctx, query)
	if err != nil || request.count == 0 || query.Offset >= total {
		return total, nil, err
	}
	page, err := reader.List(ctx, query)
	return total, page, err
}

// scannedPage evaluates the rest of the filter on each record that the conditions leave, a batch at a time.
func (s *Server) scannedPage(ctx context.Context, reader store.Reader, request listRequest) (int, []store.Record, error) {
	var page []store.Record
	total := 0
	query := store.Query{Type: request.rt.Name, Conditions: request.conditions, Limit: scanBatch}
	wants := func(name string) bool { return filter.Mentions(request.rest, name) }
	for {
		batch, err := reader.List(ctx, query)
		if err != nil {
			return 0, nil, err
		}
		s.metrics.scanned.Add(float64(len(batch)))
		d, err := derive(ctx, reader, request.rt, batch, wants)
		if err != nil {
			return 0, nil, err
		}
		for _, record := range batch {
			if !filter.Match(request.rest, s.assemble(request.rt, record, d)) {
				continue
			}
			total++
			if total >= request.startIndex && len(page) < request.count {
				page = append(page, record)
			}
		}
		if len(batch) < scanBatch {
			return total, page, nil
		}
		query.After = batch[len(batch)-1].Position
	}
}

func (s *Server) renderPage(ctx context.Context, reader store.Reader, request listRequest, page []store.Record) ([]any, error) {
	d, err := derive(ctx, reader, request.rt, page, func(name string) bool {
		return request.projection.Wants(request.rt, name)
	})
	if err != nil {
		return nil, err
	}
	shown := make([]any, 0, len(page))
	for _, record := range page {
		shown = append(shown, request.projection.Apply(request.rt, s.assemble(request.rt, record, d)))
	}
	return shown, nil
}
