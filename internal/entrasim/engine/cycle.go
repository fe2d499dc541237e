package engine

import (
	"context"
	"errors"
	"net/http"
	"sync"

	"github.com/scim-operator/scim-operator/internal/entrasim/syncschema"
)

// cycle is one run of a job.
type cycle struct {
	in            Input
	endpoint      *endpoint
	users, groups *typePlan
	initial       bool
	onDemand      bool
	deleted       []string // people who are soft-deleted, of those who are due

	mu          sync.Mutex // guards what follows, and the maps and counts of the state
	result      *Result
	outcome     map[string]outcome
	owners      map[string]string // who is linked to a resource; made when a resource is found
	referring   []item            // people whose manager has to be looked at
	done, total int
}

// outcome is what happened to one object in the cycle; the greater one counts.
type outcome int

const (
	skipped outcome = iota + 1
	updated
	disabled
	deleted
	createdNow
	failed
)

// Run performs one cycle: probe, plan, users, groups, references. What the endpoint does wrong is in the result.
func Run(ctx context.Context, in Input) *Result {
	in.State.Cycles++
	c := &cycle{in: in, initial: in.State.Watermark == 0, outcome: map[string]outcome{}}
	c.result = &Result{Initial: c.initial, Began: in.Now(), TotalByType: map[string]int{}}
	if err := c.run(ctx); err != nil {
		c.result.Failure = c.failure(err)
	}
	c.summarise()
	c.result.Ended = in.Now()
	return c.result
}

func (c *cycle) run(ctx context.Context) error {
	if err := Probe(ctx, c.in.Settings, c.in.Schema, c.in.Client); err != nil {
		return err
	}
	if err := c.prepare(); err != nil {
		return err
	}
	plan, err := c.plan()
	if err != nil {
		return err
	}
	var held *Failure
	endings := len(plan.users.endings) + len(plan.groups.endings)
	if limit := c.in.Settings.DeleteThreshold; limit >= 0 && endings > limit && !c.in.ForceDeletes {
		if held, err = c.stage(plan); err != nil {
			return err
		}
	}
	c.total = plan.users.size() + plan.groups.size()
	for _, stage := range [][]item{
		plan.users.endings, plan.users.updates, plan.users.arrivals, plan.groups.endings, plan.groups.updates, plan.groups.arrivals,
	} {
		if err := c.renew(); err != nil {
			return err
		}
		if err := c.each(ctx, stage, c.perform); err != nil {
			return err
		}
	}
	if err := c.references(ctx, plan); err != nil {
		return err
	}
	if err := c.tooManyFailures(); err != nil {
		return err
	}
	c.in.State.Watermark = c.in.Watermark
	if held != nil {
		return held
	}
	return nil
}

// prepare reads settings and schema.
func (c *cycle) prepare() error {
	e, err := newEndpoint(c.in.Settings, c.in.Client)
	if err != nil {
		return err
	}
	e.honour = c.in.Switches.HonourRetryAfter
	if c.endpoint != nil {
		e.requests.Store(c.endpoint.requests.Load())
	}
	c.endpoint = e
	if c.users, err = prepare(c.in.Schema, syncschema.UserSource, "Users"); err != nil {
		return err
	}
	c.groups, err = prepare(c.in.Schema, syncschema.GroupSource, "Groups")
	return err
}

// renew reads settings and schema again when the cycle does not keep those it began with.
func (c *cycle) renew() error {
	if c.in.Anew == nil {
		return nil
	}
	var err error
	if c.in.Schema, c.in.Settings, err = c.in.Anew(); err != nil {
		return err
	}
	return c.prepare()
}

// fatal errors end a cycle: credentials are refused, or nobody waits for it any more.
func fatal(ctx context.Context, err error) bool {
	var refused *scimError
	return ctx.Err() != nil || errors.As(err, &refused) && refused.Status == http.StatusUnauthorized
}

// failure words what ended a cycle.
func (c *cycle) failure(err error) *Failure {
	if own, ok := errors.AsType[*Failure](err); ok {
		return own
	}
	f := &Failure{Code: codePrefix + "ServiceIncompatible", Message: err.Error(), Reason: "EncounteredQuarantineException"}
	var probe *ProbeError
	var refused *scimError
	switch {
	case errors.As(err, &probe):
		f.Code, f.Message = probe.Code, probe.Message
		if probe.Status == http.StatusUnauthorized || probe.Status == http.StatusForbidden {
			f.Code = codePrefix + "InvalidCredentials"
		}
	case errors.As(err, &refused):
		f.Code, f.Message = refused.Code, refused.Message
	}
	return f
}

// tooManyFailures is quarantine by rate. In an initial cycle the failed objects may be forgotten.
func (c *cycle) tooManyFailures() error {
	failures, references := len(c.in.State.Escrows), 0
	for _, e := range c.in.State.Escrows {
		if e.Reference {
			references++
		}
	}
	objects := c.in.State.Users + c.in.State.Groups
	for id := range c.in.State.Escrows {
		if c.in.State.Links[id] == nil {
			objects++
		}
	}
	if !quarantined(failures, references, objects, max(c.in.Switches.QuarantineScale, 1)) {
		return nil
	}
	if c.initial && c.in.Switches.PruneEscrows {
		c.in.State.Escrows, c.result.Pruned = nil, true
	}
	return &Failure{Code: "EncounteredEscrowProportionThreshold", Reason: "EncounteredEscrowProportionThreshold",
		Message: "Too many of the objects failed."}
}

// quarantined applies the published thresholds, each divided by scale: the share of failures counts from 5,000 on and is 40
// percent at most; without it there are 40,000 failures of objects or 60,000 of objects and references at most.
func quarantined(failures, references, objects, scale int) bool {
	return failures*scale >= 5000 && failures*100 > objects*40 || (failures-references)*scale > 40000 || failures*scale > 60000
}

func (c *cycle) summarise() {
	s := &c.result.Summary
	for _, o := range c.outcome {
		switch o {
		case skipped:
			s.Skipped++
		case updated:
			s.Updated++
		case disabled:
			s.Disabled++
		case deleted:
			s.Deleted++
		case createdNow:
			s.Created++
		case failed:
			s.Failed++
		}
	}
	c.result.Counts.Exported = s.Created + s.Updated + s.Disabled + s.Deleted
	c.result.Counts.Escrowed = len(c.in.State.Escrows)
	if c.endpoint != nil {
		c.result.Counts.Exports = int(c.endpoint.requests.Load())
	}
	for kind, n := range map[string]int{syncschema.UserSource: c.in.State.Users, syncschema.GroupSource: c.in.State.Groups} {
		if n > 0 {
			c.result.TotalByType[kind] = n
		}
	}
}

func (c *cycle) mark(id string, o outcome) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.outcome[id] = max(c.outcome[id], o)
}

func (c *cycle) hasFailed(id string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.outcome[id] == failed
}

// link returns the link of an object. What is in it belongs to who deals with the object, but for Managed.
func (c *cycle) link(id string) *Link {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.in.State.Links[id]
}

func (c *cycle) manage(link *Link, managed bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.in.State.manage(link, managed)
}

func (c *cycle) drop(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.in.State.Drop(id)
}
