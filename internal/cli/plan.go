package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/grant"
	"github.com/scim-operator/scim-operator/internal/mapping"
	"github.com/scim-operator/scim-operator/internal/principals"
)

// planOptions are the flags of plan.
type planOptions struct {
	*plugin
	directoryFlags
	files            []string
	recursive        bool
	servicePrincipal string
	output           string
	maxPeople        int
	people           bool
}

const planHelp = `Show what applying manifests would change in Entra: the difference between the mappings and settings that are in force and
those that are declared, as the operator itself computes it, whom it would add, disable or change, and what keeps the operator
from doing so: grants of the EntraTenant that do not cover it, and assignments that lead nowhere. Of a ScimApp that has no
application yet it shows what would be made.

plan APP reads the ScimApp and its mappings from the cluster. plan -f reads them from files, and from the cluster what the
files lack. It asks Entra as yourself, needs Application.Read.All, Synchronization.Read.All, User.Read.All and
GroupMember.Read.All, for the settings Synchronization.ReadWrite.All, and writes nothing.

Exit status: 0 it ran, with or without changes; 1 the manifests are at fault, or the operator would not do what they say; 2 it
could not run.`

const planExample = `  # a ScimApp of the cluster
  kubectl scim plan wiki -n docs

  # a change that is not applied yet
  kubectl scim plan -f manifests/

  # without reading people
  kubectl scim plan -f manifests/ --people=false`

func planCommand(p *plugin) *cobra.Command {
	o := &planOptions{plugin: p}
	cmd := &cobra.Command{
		Use:     "plan APP | plan -f FILE...",
		Short:   "Show what would change in Entra, and for whom",
		Long:    planHelp,
		Example: planExample,
		Args:    cobra.MaximumNArgs(1),
		RunE:    func(cmd *cobra.Command, args []string) error { return o.run(cmd.Context(), args) },
	}
	f := cmd.Flags()
	f.StringArrayVarP(&o.files, "filename", "f", nil, "file or directory with the manifests, or - for the input stream; repeatable")
	f.BoolVarP(&o.recursive, "recursive", "R", false, "look into the directories below too")
	o.add(f)
	f.StringVar(&o.servicePrincipal, "service-principal", "", "object ID of the enterprise application (default: what the ScimApp names, else the one that carries its mark)")
	f.BoolVar(&o.people, "people", true, "also tell whom it would add, disable or change")
	f.IntVar(&o.maxPeople, "max-people", 20_000, "give up on counting people when more than this many are concerned")
	f.StringVarP(&o.output, "output", "o", "text", "text or json")
	return cmd
}

func (o *planOptions) run(ctx context.Context, args []string) error {
	if len(args) == 1 == (len(o.files) > 0) {
		return errors.New("name either a ScimApp of the cluster or files with -f")
	}
	if o.output != "text" && o.output != "json" {
		return fmt.Errorf("--output %s: it has to be text or json", o.output)
	}
	wanted, err := o.wanted(ctx, args)
	if err != nil {
		return err
	}
	problems := 0
	for _, app := range wanted {
		report, err := o.plan(ctx, app)
		if err != nil {
			return o.faulty(err)
		}
		if err := o.write(report); err != nil {
			return err
		}
		problems += len(report.Problems)
	}
	if problems > 0 {
		return errFound
	}
	return nil
}

// faulty prints what is wrong with the mappings; any other error stays.
func (o *planOptions) faulty(err error) error {
	var findings mapping.Findings
	if !errors.As(err, &findings) {
		return err
	}
	for _, f := range findings.Errors() {
		fmt.Fprintln(o.Out, "error:", f)
	}
	return errFound
}

// compared is what one app has in Entra beside what it declares.
type compared struct {
	found provisioned
	plan  mapping.Plan
	// assigned are whom the assignments mean, groups those among them as grants see them.
	assigned []principals.Principal
	groups   []grant.Group
	access   access
}

// plan compares one app with Entra.
func (o *planOptions) plan(ctx context.Context, app plannedApp) (planReport, error) {
	d, err := o.connect(ctx, app.connection)
	if err != nil {
		return planReport{}, err
	}
	c, err := o.compare(ctx, d, &app)
	if err != nil {
		return planReport{}, err
	}
	report := newPlanReport(app, c.found)
	if o.people {
		if err := o.countPeople(ctx, d, app, c.found, c.access, c.plan, &report); err != nil {
			return planReport{}, err
		}
	}
	report.holdAgainstGrants(app, c.groups, planned(c.plan, c.found))
	report.addProblems(c.assigned)
	report.add(c.plan)
	report.waves(app, c.found)
	want := wantedApplication(&app.app, c.found)
	report.compareApplication(want, c.found)
	if err := report.compareOwners(ctx, d, &app.app, c.found); err != nil {
		return planReport{}, err
	}
	report.addAccess(c.access, want, app)
	o.compareSettings(ctx, d, app, c.found, &report)
	report.guardDeletions(app)
	return report, nil
}

// compare reads what the app has in Entra and whom it assigns. It gives the app the operators that its scopes may have.
func (o *planOptions) compare(ctx context.Context, d entra.Directory, app *plannedApp) (c compared, err error) {
	if c.found, err = o.found(ctx, d, *app); err != nil {
		return c, err
	}
	if app.desired.NeedsOperators() {
		if app.desired.Operators, err = operators(ctx, d, c.found); err != nil {
			return c, err
		}
	}
	if c.plan, err = mapping.NewPlan(c.found.live, c.found.template, app.desired); err != nil {
		return c, err
	}
	if c.assigned, c.groups, err = principals.All(ctx, d, &app.app, app.tenant != nil && grant.NamesGroups(app.tenant)); err != nil {
		return c, err
	}
	if err := unjudged(c.assigned); err != nil {
		return c, err
	}
	c.access, err = readAccess(ctx, d, c.assigned, c.found)
	return c, err
}

// planned is the schema that the job would have.
func planned(plan mapping.Plan, found provisioned) json.RawMessage {
	if plan.Schema != nil {
		return plan.Schema
	}
	return found.live
}

// found reads the application of a ScimApp, or gives what the operator begins with where it has yet to make one.
func (o *planOptions) found(ctx context.Context, d entra.Directory, app plannedApp) (provisioned, error) {
	id, err := o.find(ctx, d, app)
	if err != nil || id == "" {
		return unprovisioned(), err
	}
	return readApplication(ctx, d, id)
}

// operators are those that a job knows. Of a job that is not there they are taken from the documentation.
func operators(ctx context.Context, d entra.Directory, found provisioned) ([]mapping.FilterOperator, error) {
	if !found.hasJob() {
		return mapping.DocumentedOperators(), nil
	}
	raw, err := d.FilterOperators(ctx, found.jobRef())
	if err != nil {
		return nil, err
	}
	return mapping.ParseFilterOperators(raw)
}
