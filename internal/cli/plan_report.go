package cli

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/scim-operator/scim-operator/internal/mapping"
	"github.com/scim-operator/scim-operator/internal/provisioning"
)

// planReport is what plan says about one app. Its JSON form is for programs, so its names stay.
type planReport struct {
	App string `json:"app"`
	// Application is the name of the enterprise application, or the declared one where it is New.
	Application string `json:"application"`
	// New says that the operator has yet to make the application.
	New bool `json:"new,omitempty"`
	// Problems are what keeps the operator from doing all of this.
	Problems []planProblem `json:"problems"`
	Changes  []planChange  `json:"changes"`
	// Properties are those of the application that differ.
	Properties []planSetting `json:"properties"`
	// AppRoles and Assignments are those that differ.
	AppRoles    []planRole       `json:"appRoles"`
	Assignments []planAssignment `json:"assignments"`
	// Settings are those of address, settings, token and job that differ.
	Settings []planSetting `json:"settings"`
	// Lines are the changes in words, and what follows from them.
	Lines    []string `json:"lines"`
	Warnings []string `json:"warnings"`
	// Notes say what was not compared, and what happens beside the changes.
	Notes  []string      `json:"notes"`
	People *peopleReport `json:"people,omitempty"`
}

type planChange struct {
	Object string `json:"object"`
	Aspect string `json:"aspect"`
	Target string `json:"target,omitempty"`
	Old    string `json:"old"`
	New    string `json:"new"`
}

func newPlanReport(app plannedApp, found provisioned) planReport {
	r := planReport{
		App: app.name(), Application: found.principal.DisplayName, New: !found.isThere(), Problems: []planProblem{}, Changes: []planChange{},
		Properties: []planSetting{}, AppRoles: []planRole{}, Assignments: []planAssignment{}, Settings: []planSetting{},
		Lines: []string{}, Warnings: []string{}, Notes: []string{},
	}
	if r.New {
		r.Application = provisioning.ApplicationSpec(&app.app).DisplayName
		r.note("the application is not there yet; what it is given by Entra's default mapping is taken from Microsoft's documents, and its own may differ")
	}
	if app.app.Spec.Suspend != nil && *app.app.Spec.Suspend {
		r.note("spec.suspend is true: the operator does nothing of this until it is false")
	}
	return r
}

// add takes over the plan. The number of people is known by then, if it was asked for.
func (r *planReport) add(plan mapping.Plan) {
	if r.People != nil {
		plan.People = r.People.InScope
	}
	for _, c := range plan.Changes {
		r.Changes = append(r.Changes, planChange{string(c.Object), string(c.Aspect), c.Target, c.Old, c.New})
	}
	r.Lines = append(r.Lines, plan.Lines()...)
	for _, w := range plan.Warnings {
		r.Warnings = append(r.Warnings, w.String())
	}
}

func (o *planOptions) write(r planReport) error {
	if o.output == "json" {
		encoder := json.NewEncoder(o.Out)
		encoder.SetIndent("", "  ")
		encoder.SetEscapeHTML(false)
		return encoder.Encode(r)
	}
	state := ""
	if r.New {
		state = ", which would be made"
	}
	fmt.Fprintf(o.Out, "ScimApp %s, application %q%s\n", r.App, r.Application, state)
	for _, p := range r.Problems {
		fmt.Fprintf(o.Out, "  %s: %s\n", p.Reason, p.Message)
	}
	for _, line := range r.Lines {
		fmt.Fprintln(o.Out, "  "+line)
	}
	if len(r.Lines) == 0 {
		fmt.Fprintln(o.Out, "  no changes: Entra maps as declared")
	}
	for _, warning := range r.Warnings {
		fmt.Fprintln(o.Out, "  warning:", warning)
	}
	for _, note := range r.Notes {
		fmt.Fprintln(o.Out, "  note:", note)
	}
	if r.People != nil {
		for _, line := range r.People.lines() {
			fmt.Fprintln(o.Out, "  "+line)
		}
	}
	return nil
}

// examplesOf joins names, with a word for those that are not shown.
func examplesOf(count int, examples []string) string {
	text := strings.Join(examples, ", ")
	if more := count - len(examples); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}
