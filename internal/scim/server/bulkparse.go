package server

import (
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/scim-operator/scim-operator/internal/scim/resource"
	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/scimerr"
)

// bulkPrefix begins a reference to what another operation of the request makes.
const bulkPrefix = "bulkId:"

// bulkInPath finds references in the path of a PATCH operation, such as members[value eq "bulkId:x"].
var bulkInPath = regexp.MustCompile(`"bulkId:([^"\\]*)"`)

// bulkState is how far an operation has come.
type bulkState int

const (
	bulkWaiting bulkState = iota
	// bulkRunning operations wait for those that they refer to.
	bulkRunning
	bulkDone
)

// bulkOperation is one operation of a bulk request with what became of it.
type bulkOperation struct {
	method, bulkID, ifMatch string
	rt                      *schema.ResourceType
	// id is that of the resource, or a reference until the run resolves it.
	id   string
	data map[string]any
	// references are the bulkIds that data and id name.
	references []string

	state   bulkState
	status  int
	version int64
	failure *scimerr.Error
	// later are the references of a circle: they are set once what they name is there (B-8).
	later []string
}

// parseBulk reads the operations. What is wrong with one is its own failure and does not keep the others.
func parseBulk(registry *schema.Registry, list []any) []*bulkOperation {
	operations := make([]*bulkOperation, len(list))
	seen := map[string]bool{}
	for i, element := range list {
		o := &bulkOperation{method: "unknown"}
		operations[i] = o
		object, ok := element.(map[string]any)
		if !ok {
			o.refuse(scimerr.BadRequest(scimerr.InvalidSyntax, "an operation must be an object"))
			continue
		}
		if err := o.parse(registry, object); err != nil {
			o.refuse(err)
			continue
		}
		if o.bulkID != "" && seen[o.bulkID] {
			o.refuse(scimerr.BadRequest(scimerr.InvalidValue, "the bulkId %q is there twice", o.bulkID)) // B-12
			continue
		}
		seen[o.bulkID] = true
	}
	return operations
}

func (o *bulkOperation) parse(registry *schema.Registry, object map[string]any) *scimerr.Error {
	text := func(name string) string {
		value, _ := resource.Lookup(object, name).(string)
		return value
	}
	o.bulkID, o.ifMatch = text("bulkId"), text("version")
	method := strings.ToUpper(text("method"))
	if method == "" {
		return scimerr.BadRequest(scimerr.InvalidValue, "an operation needs a method: POST, PUT, PATCH or DELETE")
	}
	o.method = method // of an answer too, whatever it is (RFC 7644 section 3.7)
	if !slices.Contains([]string{http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}, method) {
		return scimerr.BadRequest(scimerr.InvalidValue, "method %q is unknown: send POST, PUT, PATCH or DELETE", method)
	}
	if err := o.parsePath(registry, text("path")); err != nil {
		return err
	}
	if method == http.MethodPost && o.bulkID == "" {
		return scimerr.BadRequest(scimerr.InvalidValue, "POST needs a bulkId")
	}
	if method != http.MethodDelete {
		data, ok := resource.Lookup(object, "data").(map[string]any)
		if !ok {
			return scimerr.BadRequest(scimerr.InvalidSyntax, "%s needs data, an object", method)
		}
		o.data = data
	}
	o.references = referencesIn(nil, o.data)
	if name, ok := strings.CutPrefix(o.id, bulkPrefix); ok {
		o.references = append(o.references, name)
	}
	return nil
}

// parsePath takes /Users and /Groups for POST, and what is below them for the others; nothing else can be written in
// bulk, discovery and bulk itself included (B-12).
func (o *bulkOperation) parsePath(registry *schema.Registry, path string) *scimerr.Error {
	name, id, one := strings.Cut(strings.Trim(path, "/"), "/")
	switch collectionOf(name) {
	case routeUsers:
		o.rt = registry.ResourceType(schema.User)
	case routeGroups:
		o.rt = registry.ResourceType(schema.Group)
	default:
		return scimerr.BadRequest(scimerr.InvalidValue, "path must begin with /Users or /Groups")
	}
	if one == (o.method == http.MethodPost) || one && (id == "" || strings.Contains(id, "/")) {
		return scimerr.BadRequest(scimerr.InvalidValue, "path must be /Users or /Groups for POST, and have an id behind it for other methods")
	}
	o.id = id
	return nil
}

func (o *bulkOperation) refuse(err *scimerr.Error) {
	o.failure, o.status = err, err.Status
}

// referencesIn collects the bulkIds that a value names, wherever they stand (B-7).
func referencesIn(names []string, v any) []string {
	switch v := v.(type) {
	case string:
		if name, ok := strings.CutPrefix(v, bulkPrefix); ok {
			return append(names, name)
		}
		for _, match := range bulkInPath.FindAllStringSubmatch(v, -1) {
			names = append(names, match[1])
		}
	case []any:
		for _, element := range v {
			names = referencesIn(names, element)
		}
	case map[string]any:
		for key, value := range v {
			names = referencesIn(referencesIn(names, key), value)
		}
	}
	return names
}

// resolved copies a value with ids in the place of references. ids lacks those that are left for later: what holds one is
// left out.
func resolved(v any, ids map[string]string) (value any, whole bool) {
	switch v := v.(type) {
	case string:
		return resolvedText(v, ids)
	case []any:
		list := make([]any, 0, len(v))
		for _, element := range v {
			if kept, ok := resolved(element, ids); ok {
				list = append(list, kept)
			}
		}
		return list, true
	case map[string]any:
		object := make(map[string]any, len(v))
		for key, element := range v {
			name, ok := resolvedText(key, ids)
			kept, okValue := resolved(element, ids)
			if !ok || !okValue {
				if key == "value" || key == "$ref" {
					return nil, false // the element is nothing but this reference
				}
				continue
			}
			object[name.(string)] = kept
		}
		return object, true
	}
	return v, true
}

func resolvedText(text string, ids map[string]string) (any, bool) {
	if name, ok := strings.CutPrefix(text, bulkPrefix); ok {
		id, known := ids[name]
		return id, known
	}
	whole := true
	replaced := bulkInPath.ReplaceAllStringFunc(text, func(match string) string {
		id, known := ids[bulkInPath.FindStringSubmatch(match)[1]]
		whole = whole && known
		return `"` + id + `"`
	})
	return replaced, whole
}
