package scimcheck

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"

	"github.com/scim-operator/scim-operator/internal/entrasim"
	"github.com/scim-operator/scim-operator/internal/entrasim/directory"
	"github.com/scim-operator/scim-operator/internal/entrasim/engine"
	"github.com/scim-operator/scim-operator/internal/entrasim/tenant"
)

// Options say what is checked.
type Options struct {
	// BaseAddress is the base of the SCIM server, as it would be given to Entra: feature flags go into its query.
	BaseAddress string

	// Token is the bearer token.
	Token string

	// Directory holds the people and groups, all of which are assigned. It needs four people who are enabled, no guests, and a
	// security group with a member. The run changes it.
	Directory *directory.Directory

	// Keep leaves what was made in the server.
	Keep bool
}

// checker is one run.
type checker struct {
	server  *entrasim.Server
	base    string
	token   string
	client  *http.Client
	sp, job string
	role    string // of the application, which everybody has

	people []*directory.User // those whose lives are told, all of them enabled
	group  *directory.Group  // the one that is told of
	all    *directory.Directory

	later []entrasim.CycleFailure // of the initial cycle, for the steps that look at it
	told  map[string]bool         // failures that a step has told of
	seen  []Refusal               // refused requests that are in the report

	mu      sync.Mutex
	wrong   []entrasim.Exchange // of the step that runs
	waiting []entrasim.Exchange // of the initial cycle, for the steps that look at it
	counts  int
}

// Run checks a SCIM server. The error says that the check could not be made; what the server does wrong is in the report.
func Run(ctx context.Context, o Options) (*Report, error) {
	c := &checker{base: base(o.BaseAddress), token: o.Token, client: engine.NewClient(engine.Switches{}), all: o.Directory, told: map[string]bool{}}
	if err := c.choose(); err != nil {
		return nil, err
	}
	var err error
	c.server, err = entrasim.New(entrasim.Options{Directory: o.Directory, OnExchange: c.note})
	if err != nil {
		return nil, err
	}
	defer c.client.CloseIdleConnections()
	if err := c.provision(o); err != nil {
		return nil, err
	}
	report := &Report{BaseAddress: o.BaseAddress}
	failed := map[string]bool{}
	for _, s := range steps {
		if s.Name == lastStep && o.Keep {
			continue
		}
		result := Result{Name: s.Name, What: s.what, Problems: []string{}, Refused: []Refusal{}}
		if s.needs != "" && failed[s.needs] {
			result.Outcome, result.Problems = Skipped, []string{"It needs what failed before: " + s.needs + "."}
		} else if err := c.run(ctx, s, &result); err != nil {
			return nil, err
		}
		failed[s.Name] = result.Outcome != Passed
		report.Results = append(report.Results, result)
	}
	return report, nil
}

// run takes one step and tells what came of it.
func (c *checker) run(ctx context.Context, s step, result *Result) error {
	c.mu.Lock()
	c.wrong, c.counts = nil, 0
	c.mu.Unlock()
	problems, err := s.run(ctx, c)
	if err != nil {
		return fmt.Errorf("step %s: %w", s.Name, err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	result.Requests, result.Problems, result.Outcome = c.counts, append(result.Problems, problems...), Passed
	for _, e := range c.wrong {
		next := refusal(e)
		if slices.ContainsFunc(c.seen, next.alike) {
			continue // told of in a step before
		}
		result.refuse(next)
	}
	c.seen = append(c.seen, result.Refused...)
	if len(problems) > 0 {
		result.Outcome = Failed
	}
	return nil
}

func (c *checker) note(e entrasim.Exchange) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.counts++
	if e.Err != nil || e.Status < 200 || e.Status > 299 {
		c.wrong = append(c.wrong, e)
	}
}

// choose finds the people and the group whose lives are told.
func (c *checker) choose() error {
	for _, u := range c.all.Users {
		if u.Enabled() && !u.IsGuest() && len(c.people) < 4 {
			c.people = append(c.people, u)
		}
	}
	for _, g := range c.all.Groups {
		if g.Security() && (c.group == nil || len(g.Members) > len(c.group.Members)) {
			c.group = g
		}
	}
	if len(c.people) < 4 || c.group == nil || len(c.group.Members) == 0 {
		return errors.New("the directory is too small: it needs four people who are enabled and no guests, and a security group with a member")
	}
	return nil
}

// provision makes the enterprise application with its job, and assigns everybody.
func (c *checker) provision(o Options) error {
	t := c.server.Tenant()
	_, sp, err := t.Instantiate(tenant.TemplatePublic, "Test", "", "")
	if err != nil {
		return fmt.Errorf("making the application: %w", err)
	}
	c.sp, _ = sp["id"].(string)
	job, err := t.CreateJob(c.sp, tenant.TemplateSCIM)
	if err != nil {
		return fmt.Errorf("making the job: %w", err)
	}
	c.job, _ = job["id"].(string)
	if err := t.PutSecrets(c.sp, map[string]string{"BaseAddress": o.BaseAddress, "SecretToken": o.Token, "SyncAll": "false",
		"SyncNotificationSettings": `{"Enabled":false,"DeleteThresholdEnabled":false}`}); err != nil {
		return fmt.Errorf("storing the address and the token: %w", err)
	}
	roles, _ := sp["appRoles"].([]any)
	role, _ := roles[0].(map[string]any)
	c.role, _ = role["id"].(string)
	var assigned []string
	for _, u := range o.Directory.Users {
		assigned = append(assigned, u.ID)
	}
	for _, g := range o.Directory.Groups {
		if g.Security() {
			assigned = append(assigned, g.ID)
		}
	}
	for _, id := range assigned {
		if _, err := t.Assign(c.sp, id, c.role); err != nil {
			return fmt.Errorf("assigning %s: %w", id, err)
		}
	}
	return t.StartJob(c.sp, c.job)
}
