package server

import (
	"net/http"
	"strings"

	"github.com/scim-operator/scim-operator/internal/scim/patch"
	"github.com/scim-operator/scim-operator/internal/scim/scimerr"
)

// bulkRun runs the operations of one bulk request, each after those that it refers to (B-7).
type bulkRun struct {
	server       *Server
	call         *call
	operations   []*bulkOperation
	failOnErrors int

	makers map[string]*bulkOperation
	errors int
}

// all runs the operations in the order of the request, as far as references allow.
func (r *bulkRun) all() {
	r.makers = make(map[string]*bulkOperation, len(r.operations))
	for _, o := range r.operations {
		if o.method == http.MethodPost && o.failure == nil {
			r.makers[o.bulkID] = o
		}
	}
	for _, o := range r.operations {
		r.run(o)
	}
	for _, o := range r.operations {
		if o.state == bulkDone && o.failure == nil && len(o.later) > 0 {
			r.closeCircle(o)
		}
	}
}

// stopped tells whether as many operations failed as the client will have (B-6).
func (r *bulkRun) stopped() bool {
	return r.failOnErrors > 0 && r.errors >= r.failOnErrors
}

// run runs an operation unless it has run, after those that it refers to.
func (r *bulkRun) run(o *bulkOperation) {
	if o.state != bulkWaiting || r.stopped() {
		return
	}
	o.state = bulkRunning
	if o.failure == nil {
		for _, name := range o.references {
			if maker, ok := r.makers[name]; ok {
				r.run(maker)
			}
		}
	}
	if r.stopped() {
		o.state = bulkWaiting
		return
	}
	if o.failure == nil {
		if err := r.attempt(o); err != nil {
			o.refuse(asSCIM(err))
		}
	}
	o.state = bulkDone
	if o.failure != nil {
		r.errors++
	}
}

// attempt runs an operation whose references are as resolved as they can be, as soon as the rate limit lets it.
func (r *bulkRun) attempt(o *bulkOperation) error {
	ids, err := r.ids(o)
	if err != nil {
		return err
	}
	if err := r.server.waitTurn(r.call); err != nil {
		return err
	}
	return r.execute(o, ids)
}

// ids resolves the references of an operation. One to an operation that failed is 409, one to none at all 400 (B-9); one
// to an operation that is waiting for this one is left for later.
func (r *bulkRun) ids(o *bulkOperation) (map[string]string, error) {
	ids := make(map[string]string, len(o.references))
	for _, name := range o.references {
		maker, ok := r.makers[name]
		switch {
		case !ok:
			o.id = strings.TrimPrefix(o.id, bulkPrefix+name) // no location
			return nil, scimerr.BadRequest(scimerr.InvalidValue, "no operation of the request makes the bulkId %q", name)
		case maker.failure != nil:
			o.id = strings.TrimPrefix(o.id, bulkPrefix+name)
			return nil, &scimerr.Error{Status: http.StatusConflict, Detail: "the operation with the bulkId " + name + " failed"}
		case maker.state == bulkDone:
			ids[name] = maker.id
		default:
			o.later = append(o.later, name)
		}
	}
	return ids, nil
}

// execute runs an operation as a request of its own would run (B-10).
func (r *bulkRun) execute(o *bulkOperation, ids map[string]string) error {
	s, ctx := r.server, r.call.r.Context()
	t := target{c: r.call, rt: o.rt, ifMatch: o.ifMatch}
	id, _ := resolvedText(o.id, ids)
	t.id = id.(string)
	o.id = t.id
	value, _ := resolved(o.data, ids)
	data, _ := value.(map[string]any)
	var w written
	var err error
	switch o.method {
	case http.MethodPost:
		o.status = http.StatusCreated
		w, err = s.createResource(ctx, t, data)
	case http.MethodPut:
		o.status = http.StatusOK
		w, err = s.replaceResource(ctx, t, data)
	case http.MethodPatch:
		o.status = http.StatusOK
		var operations []patch.Operation
		if operations, err = patch.ParseMessage(s.dialect, data); err == nil {
			w, err = s.patchResource(ctx, t, operations)
		}
	case http.MethodDelete:
		o.status = http.StatusNoContent
		return s.deleteResource(ctx, t)
	}
	if err != nil {
		return err
	}
	o.id, o.version = w.resource.ID, w.resource.Version
	return nil
}

// closeCircle sets the references of a circle, now that both ends are there. Where that cannot be, what was made without
// its reference is taken back, because an operation is done whole or not at all (B-8).
func (r *bulkRun) closeCircle(o *bulkOperation) {
	err := r.complete(o)
	if err == nil {
		return
	}
	o.refuse(&scimerr.Error{Status: http.StatusConflict, Detail: "a circular reference could not be set: " + asSCIM(err).Detail})
	if err := r.server.deleteResource(r.call.r.Context(), target{c: r.call, rt: o.rt, id: o.id}); err != nil {
		r.server.log.Error("an incomplete resource could not be taken back", "requestID", r.call.requestID, "resourceID", o.id, "error", err)
	}
	o.id, o.version = "", 0
}

// complete adds to a created resource what its data refers to.
func (r *bulkRun) complete(o *bulkOperation) error {
	o.later = nil
	ids, err := r.ids(o)
	if err != nil {
		return err
	}
	if len(o.later) > 0 {
		return scimerr.New(http.StatusConflict, "an operation that it refers to did not run")
	}
	value, _ := resolved(o.data, ids)
	t := target{c: r.call, rt: o.rt, id: o.id}
	w, err := r.server.patchResource(r.call.r.Context(), t, []patch.Operation{{Op: patch.Add, Value: value, HasValue: true}})
	if err != nil {
		return err
	}
	o.version = w.resource.Version
	return nil
}
