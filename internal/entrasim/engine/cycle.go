package engine

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/scim-operator/scim-operator/internal/entrasim/syncschema"
)

// cycle is one run of a job.
type cycle struct {
	in            Input
	endpoint      *endpoint
	users, groups *typePlan
	initial       bool
	result        *Result
	outcome       map[string]outcome
	done, total   int
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

// Run performs one cycle: probe, plan, users, groups, references. The error is only for what makes the input unusable; what
// the endpoint does wrong is in the result.
func Run(ctx context.Context, in Input) *Result {
	if in.State.Links == nil {
		in.State.Links, in.State.Escrows, in.State.Digests = map[string]*Link{}, map[string]*Escrow{}, map[string]string{}
	}
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
	var err error
	if c.endpoint, err = newEndpoint(c.in.Settings, c.in.Client); err != nil {
		return err
	}
	if c.users, err = prepare(c.in.Schema, syncschema.UserSource, "Users"); err != nil {
		return err
	}
	if c.groups, err = prepare(c.in.Schema, syncschema.GroupSource, "Groups"); err != nil {
		return err
	}
	plan, err := c.plan()
	if err != nil {
		return err
	}
	c.result.Counts = plan.counts
	var held *Failure
	if limit := c.in.Settings.DeleteThreshold; limit >= 0 && plan.endings() > limit && !c.in.ForceDeletes {
		held = c.stage(plan)
	}
	c.total = len(plan.users) + len(plan.groups)
	for _, stage := range [][]decision{plan.users, plan.groups} {
		for i := range stage {
			if err := c.perform(ctx, &stage[i]); err != nil {
				return err
			}
		}
	}
	if err := c.references(ctx, plan); err != nil {
		return err
	}
	c.in.State.Watermark = c.in.Watermark
	if held != nil {
		return held
	}
	return c.tooManyFailures()
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

// tooManyFailures is quarantine by rate: looked at from 5,000 failures on, beyond 40 percent of all objects.
func (c *cycle) tooManyFailures() error {
	least := c.in.Switches.QuarantineFailures
	if least == 0 {
		least = 5000
	}
	failures := len(c.in.State.Escrows)
	total := max(c.result.Counts.EntitledForProvisioning, 1)
	if failures < least || failures*100 <= total*40 {
		return nil
	}
	return &Failure{Code: "EncounteredEscrowProportionThreshold", Reason: "EncounteredEscrowProportionThreshold",
		Message: "More than 40 percent of the objects failed."}
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
		c.result.Counts.Exports = c.endpoint.requests
	}
	for _, link := range c.in.State.Links {
		if !link.Managed {
			continue
		}
		if link.Group {
			c.result.TotalByType[syncschema.GroupSource]++
		} else {
			c.result.TotalByType[syncschema.UserSource]++
		}
	}
}

func (c *cycle) mark(id string, o outcome) { c.outcome[id] = max(c.outcome[id], o) }

func (c *cycle) log(d *decision, action, status, code, reason string, changes []Change, steps ...Step) {
	kind, target := syncschema.UserSource, syncschema.UserTarget
	if d.group {
		kind, target = syncschema.GroupSource, syncschema.GroupTarget
	}
	id := ""
	if link := c.in.State.Links[d.id]; link != nil {
		id = link.TargetID
	}
	c.result.Entries = append(c.result.Entries, Entry{
		SourceID: d.id, SourceName: d.name, SourceType: kind, UserPrincipalName: d.upn, TargetID: id, TargetType: target,
		Action: action, Status: status, Code: code, Reason: reason, At: c.in.Now(), Took: time.Millisecond, Changes: changes,
		Steps: append(c.firstSteps(d), steps...),
	})
}

// firstSteps are the stages that every decision went through before anything was sent.
func (c *cycle) firstSteps(d *decision) []Step {
	kind := syncschema.UserSource
	if d.group {
		kind = syncschema.GroupSource
	}
	title := func(b bool) string { return text(b) }
	return []Step{
		{Name: "EntryImport", Kind: "import", Status: StatusSuccess,
			Description: "Received " + kind + " '" + d.name + "' from " + syncschema.SourceDirectory},
		{Name: "EntrySynchronizationScoping", Kind: "scoping", Status: StatusSuccess,
			Description: "Determine if " + kind + " is in scope by evaluating against each scoping filter",
			Details: map[string]any{
				"IsActive": title(d.standing.enabled && !d.standing.deleted), "Assigned": title(d.standing.assigned),
				"IsEffectivelyEntitledForProvisioning": title(d.standing.entitled()),
				"IsInProvisioningScopeDisplayName":     title(d.standing.scoped), "ScopeEvaluationResult": "{}",
			}},
	}
}
