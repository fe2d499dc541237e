package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/mapping"
	"github.com/scim-operator/scim-operator/internal/mapping/evaluate"
	"github.com/scim-operator/scim-operator/internal/mapping/expr"
)

// maxExamples bounds the names that are shown of each effect.
const maxExamples = 10

// peopleReport tells whom a plan concerns.
type peopleReport struct {
	// InScope are the people who are provisioned afterwards.
	InScope  int    `json:"inScope"`
	Added    effect `json:"added"`
	Disabled effect `json:"disabled"`
	// OutOfScope are those who fall out of scope and keep an active account; nobody unless KeptOutOfScope.
	OutOfScope effect `json:"outOfScope"`
	Changed    effect `json:"changed"`
	// Removed are those of Disabled who fall out of scope. Entra holds removals back when a cycle has too many.
	Removed int `json:"removed"`
	// Failing are those for whom an expression cannot be evaluated.
	Failing effect `json:"failing"`
	// KeptOutOfScope says that who falls out of scope keeps an active account.
	KeptOutOfScope bool `json:"keptOutOfScope,omitempty"`
	// Note says what the figures rest on, where that is not obvious.
	Note string `json:"note,omitempty"`
}

type effect struct {
	Count    int      `json:"count"`
	Examples []string `json:"examples"`
}

func (e *effect) add(name string, targets []string) {
	e.Count++
	if len(e.Examples) == maxExamples {
		return
	}
	if len(targets) > 0 {
		name += " (" + strings.Join(targets, ", ") + ")"
	}
	e.Examples = append(e.Examples, name)
}

func (r *peopleReport) lines() []string {
	const kept = "out of scope, with an account that stays active"
	disabled := fmt.Sprintf("%d disabled", r.Disabled.Count)
	if r.KeptOutOfScope {
		disabled += fmt.Sprintf(", %d %s", r.OutOfScope.Count, kept)
	}
	lines := []string{fmt.Sprintf("people: %d in scope afterwards, %d added, %s, %d changed", r.InScope, r.Added.Count, disabled, r.Changed.Count)}
	for _, part := range []struct {
		word string
		effect
	}{{"added", r.Added}, {"disabled", r.Disabled}, {kept, r.OutOfScope}, {"changed", r.Changed}, {"an expression fails for", r.Failing}} {
		if part.Count > 0 {
			lines = append(lines, part.word+": "+examplesOf(part.Count, part.Examples))
		}
	}
	if r.Note != "" {
		lines = append(lines, r.Note)
	}
	return lines
}

// comparison evaluates people before and after.
type comparison struct {
	before, after *evaluate.ObjectMapping
	report        *peopleReport
	now           time.Time
}

// countPeople evaluates everybody concerned with the mappings that are in force and with those that are declared.
func (o *planOptions) countPeople(ctx context.Context, d entra.Directory, app plannedApp, found provisioned, a access, plan mapping.Plan, report *planReport) error {
	c, err := newComparison(found.live, plan.Schema)
	if err != nil {
		return err
	}
	population, err := o.population(ctx, d, app, found, a)
	if err != nil {
		return err
	}
	c.report.KeptOutOfScope, c.report.Note = population.keep, population.note
	population.properties = evaluate.GraphProperties(mapping.User, slices.Concat(c.before.Reads(), c.after.Reads()))
	if err := population.each(ctx, d, c.person); err != nil {
		if many, ok := errors.AsType[errTooMany](err); ok {
			return many
		}
		return fmt.Errorf("reading the people of the app: %w", err)
	}
	report.People = c.report
	return nil
}

func newComparison(live, planned json.RawMessage) (*comparison, error) {
	c := &comparison{report: &peopleReport{}, now: time.Now()}
	for _, e := range []*effect{&c.report.Added, &c.report.Disabled, &c.report.OutOfScope, &c.report.Changed, &c.report.Failing} {
		e.Examples = []string{}
	}
	var err error
	if c.before, err = evaluate.FromSchema(live, mapping.User); err != nil {
		return nil, fmt.Errorf("reading the mappings in force: %w", err)
	}
	c.after = c.before
	if planned != nil {
		if c.after, err = evaluate.FromSchema(planned, mapping.User); err != nil {
			return nil, fmt.Errorf("reading the planned mappings: %w", err)
		}
	}
	for _, side := range []struct {
		name string
		*evaluate.ObjectMapping
	}{{"the mappings in force", c.before}, {"the planned mappings", c.after}} {
		if err := side.ScopeFault(); err != nil {
			return nil, fmt.Errorf("the people cannot be counted: in %s, %w; only Entra can test that: leave the people out with --people=false", side.name, err)
		}
	}
	return c, nil
}

// person compares one person. nil standings are those of who is not assigned.
func (c *comparison) person(raw json.RawMessage, s standing) error {
	was, err := c.evaluate(c.before, raw, s.before, s.was)
	if err != nil {
		return err
	}
	is, err := c.evaluate(c.after, raw, s.after, s.is)
	if err != nil {
		return err
	}
	subject, err := c.after.ReadSubject(raw)
	if err != nil {
		return err
	}
	name := subject.Name()
	if !is.SoftDeleted {
		c.report.InScope++
	}
	leaves := !s.is || !is.Scope.Passed
	switch what, targets := evaluate.Compare(was, is); {
	case what == evaluate.EffectAdded:
		c.report.Added.add(name, nil)
	case what == evaluate.EffectDisabled && leaves && c.report.KeptOutOfScope:
		c.report.OutOfScope.add(name, nil)
	case what == evaluate.EffectDisabled:
		c.report.Disabled.add(name, nil)
		if leaves {
			c.report.Removed++
		}
	case what == evaluate.EffectChanged:
		c.report.Changed.add(name, targets)
	}
	if failed := failures(is); len(failed) > 0 && !(was.SoftDeleted && is.SoftDeleted) {
		c.report.Failing.add(name, failed)
	}
	return nil
}

// evaluate gives both sides the same time and the same random numbers, so that these make no difference.
func (c *comparison) evaluate(m *evaluate.ObjectMapping, raw json.RawMessage, roles []evaluate.Role, assigned bool) (evaluate.Result, error) {
	subject, err := m.ReadSubject(raw)
	if err != nil {
		return evaluate.Result{}, err
	}
	subject.Roles, subject.Unassigned = roles, !assigned
	return m.Evaluate(subject, expr.Environment{Now: func() time.Time { return c.now }, Random: rand.NewChaCha8([32]byte{})}), nil
}

func failures(r evaluate.Result) []string {
	var targets []string
	for _, a := range r.Attributes {
		if a.Outcome == evaluate.OutcomeFailed {
			targets = append(targets, a.Target)
		}
	}
	return targets
}
