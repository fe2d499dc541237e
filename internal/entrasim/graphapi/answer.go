package graphapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/scim-operator/scim-operator/internal/entrasim/odata"
	"github.com/scim-operator/scim-operator/internal/entrasim/tenant"
)

// How collections answer queries: objects of the directory, the logs, and what the synchronization service lists.
var (
	directoryObjects = odata.Collection{Advanced: true}
	logEntries       = odata.Collection{Exact: true}
	syncObjects      = odata.Collection{}
)

// context is the @odata.context of an answer; Graph names itself by the address that the client used.
func (c *call) context(fragment string) string { return c.root() + "/$metadata#" + fragment }

func (c *call) root() string {
	return "https://" + c.Host + "/" + strings.Trim(version.FindString(c.URL.Path), "/")
}

func (c *call) send(status int, body any) error {
	c.w.Header().Set("Content-Type", "application/json;odata.metadata=minimal;charset=utf-8")
	c.w.WriteHeader(status)
	if err := json.NewEncoder(c.w).Encode(body); err != nil {
		return fmt.Errorf("writing the answer: %w", err)
	}
	return nil
}

func (c *call) noContent() error {
	c.w.WriteHeader(http.StatusNoContent)
	return nil
}

// one answers with a single object, projected to what was selected.
func (c *call) one(status int, fragment string, o object, fallback ...string) error {
	query, err := c.query(directoryObjects)
	if err != nil {
		return err
	}
	out := query.Project(o, fallback)
	out["@odata.context"] = c.context(fragment)
	return c.send(status, out)
}

func (c *call) eventual() bool {
	return strings.EqualFold(c.Header.Get("ConsistencyLevel"), "eventual")
}

func (c *call) query(collection odata.Collection) (*odata.Query, error) {
	// Not URL.Query, which passes over what it cannot read: a filter that was lost would let everything pass.
	values, err := url.ParseQuery(c.URL.RawQuery)
	if err != nil {
		return nil, &tenant.Error{Status: http.StatusBadRequest, Code: "BadRequest", Message: "The query cannot be read: " + err.Error()}
	}
	if c.count {
		values.Set("$count", "true") // the segment is the question
	}
	query, err := collection.ParseQuery(values, c.eventual())
	if err != nil {
		return nil, &tenant.Error{Status: http.StatusBadRequest, Code: "Request_UnsupportedQuery", Message: err.Error()}
	}
	return query, nil
}

// list answers with one page of a collection, or with the number of its objects.
func (c *call) list(collection odata.Collection, fragment string, objects []object) error {
	return c.listLazily(collection, fragment, odata.Made(objects))
}

// listLazily does so for a collection that is too large to be made for each page.
func (c *call) listLazily(collection odata.Collection, fragment string, objects iter.Seq[odata.Lazy], fallback ...string) error {
	query, err := c.query(collection)
	if err != nil {
		return err
	}
	page, next, matches := query.Page(objects)
	if c.count {
		if !query.Count {
			return &tenant.Error{Status: http.StatusBadRequest, Code: "Request_BadRequest", Message: "$count is not currently supported " +
				"without the header ConsistencyLevel: eventual."}
		}
		c.w.Header().Set("Content-Type", "text/plain")
		_, _ = c.w.Write([]byte(strconv.Itoa(matches))) // the client is gone; there is nobody to tell
		return nil
	}
	for i, o := range page {
		page[i] = query.Project(o, fallback)
	}
	answer := object{"@odata.context": c.context(fragment), "value": page}
	if query.Count {
		answer["@odata.count"] = matches
	}
	if next > 0 {
		values := c.URL.Query()
		values.Set("$skiptoken", fmt.Sprint(next))
		answer["@odata.nextLink"] = "https://" + c.Host + c.URL.EscapedPath() + "?" + values.Encode()
	}
	return c.send(http.StatusOK, answer)
}

func writeError(w http.ResponseWriter, r *http.Request, now time.Time, err error) {
	var refused *tenant.Error
	if !errors.As(err, &refused) {
		refused = &tenant.Error{Status: http.StatusInternalServerError, Code: "InternalServerError", Message: err.Error()}
		if errors.Is(err, context.Canceled) {
			return
		}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(refused.Status)
	_ = json.NewEncoder(w).Encode(object{"error": object{ // the client is gone; there is nobody to tell
		"code": refused.Code, "message": refused.Message,
		"innerError": object{
			"date": now.Format("2006-01-02T15:04:05"), "request-id": w.Header().Get("request-id"),
			"client-request-id": r.Header.Get("client-request-id"),
		},
	}})
}
