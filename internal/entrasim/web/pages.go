package web

import (
	"net/http"
	"slices"

	"github.com/scim-operator/scim-operator/internal/entrasim/directory"
	"github.com/scim-operator/scim-operator/internal/entrasim/syncschema"
	"github.com/scim-operator/scim-operator/internal/entrasim/tenant"
)

func (s *site) overview(*http.Request) (view, error) {
	return view{Page: "overview", Title: "Overview", Part: "overview"}, nil
}

func (s *site) people(r *http.Request) (view, error) {
	return view{Page: "people", Title: "People", Part: "people", Data: paged(r, s.Tenant.Users(), func(u *directory.User) string {
		return u.DisplayName + " " + u.UserPrincipalName + " " + u.Department + " " + u.ID
	})}, nil
}

// member is a group or an application among others.
type member struct{ ID, Name string }

// personPage is a person with where the person belongs.
type personPage struct {
	User         *directory.User
	Manager      *directory.User
	Groups       []member
	Applications []member // to which the person is assigned directly
}

func (s *site) person(r *http.Request) (view, error) {
	u, err := s.Tenant.User(r.PathValue("user"), true)
	if err != nil {
		return view{}, err
	}
	p := personPage{User: u}
	if u.Manager != "" {
		p.Manager, _ = s.Tenant.User(u.Manager, true) // a manager who was deleted is not shown
	}
	memberOf, err := s.Tenant.MemberOf(u.ID, false)
	if err != nil {
		return view{}, err
	}
	p.Groups = members(memberOf)
	for _, a := range s.Tenant.AssignmentsOf(u.ID) {
		p.Applications = append(p.Applications, member{ID: text(a, "resourceId"), Name: text(a, "resourceDisplayName")})
	}
	return view{Page: "person", Title: u.DisplayName, Part: "people", Data: p}, nil
}

// members reads groups out of Graph's objects.
func members(objects []tenant.Object) []member {
	var out []member
	for _, o := range objects {
		id, _ := o["id"].(string)
		name, _ := o["displayName"].(string)
		out = append(out, member{id, name})
	}
	return out
}

func (s *site) groups(r *http.Request) (view, error) {
	return view{Page: "groups", Title: "Groups", Part: "groups", Data: paged(r, s.Tenant.Groups(), func(g *directory.Group) string {
		return g.DisplayName + " " + g.Description + " " + g.ID
	})}, nil
}

// groupPage is a group with a page of its members, who are not in the group itself.
type groupPage struct {
	Group   *directory.Group
	Members page[tenant.Member]
}

func (s *site) group(r *http.Request) (view, error) {
	g, err := s.Tenant.Group(r.PathValue("id"), true)
	if err != nil {
		return view{}, err
	}
	members, err := s.Tenant.DirectMembers(g.ID)
	if err != nil {
		return view{}, err
	}
	g.Members = nil
	return view{Page: "group", Title: g.DisplayName, Part: "groups", Data: groupPage{g, paged(r, members, func(m tenant.Member) string {
		return m.Name + " " + m.ID
	})}}, nil
}

// appPage is an enterprise application with its jobs.
type appPage struct {
	App         tenant.OverviewObject
	Jobs        []jobPart
	Assignments page[tenant.OverviewAssignment]
}

// jobPart is a job with all that belongs to it.
type jobPart struct {
	tenant.OverviewJob
	BaseAddress string
	Status      tenant.Object
	Cycles      []Cycle
	Mappings    []syncschema.ObjectMapping
}

func (s *site) app(r *http.Request) (view, error) {
	id, o := r.PathValue("sp"), s.Tenant.Overview()
	at := slices.IndexFunc(o.Principals, func(p tenant.OverviewObject) bool { return p.ID == id })
	if at < 0 {
		return view{}, tenant.NotFound(id)
	}
	a := appPage{App: o.Principals[at]}
	for _, job := range o.Jobs {
		if job.ServicePrincipalID != id {
			continue
		}
		part, err := s.job(job)
		if err != nil {
			return view{}, err
		}
		a.Jobs = append(a.Jobs, part)
	}
	mine := slices.DeleteFunc(o.Assignments, func(a tenant.OverviewAssignment) bool { return a.ResourceID != id })
	a.Assignments = paged(r, mine, func(a tenant.OverviewAssignment) string { return a.Principal + " " + a.PrincipalID })
	return view{Page: "app", Title: a.App.DisplayName, Part: "overview", Data: a}, nil
}

func (s *site) job(o tenant.OverviewJob) (jobPart, error) {
	part := jobPart{OverviewJob: o, Cycles: s.Cycles(o.ID)}
	job, err := s.Tenant.Job(o.ServicePrincipalID, o.ID)
	if err != nil {
		return part, err
	}
	part.Status, _ = job["status"].(tenant.Object)
	settings, err := s.Tenant.Settings(o.ServicePrincipalID)
	if err != nil {
		return part, err
	}
	part.BaseAddress = settings.BaseAddress
	raw, err := s.Tenant.Schema(o.ServicePrincipalID, o.ID)
	if err != nil {
		return part, err
	}
	schema, err := syncschema.Parse(raw)
	if err != nil {
		return part, err
	}
	for _, rule := range schema.Rules {
		part.Mappings = append(part.Mappings, rule.ObjectMappings...)
	}
	return part, nil
}

// logPage is the provisioning log, newest entry first.
type logPage struct {
	Job, Status string
	Entries     page[tenant.Object]
}

func (s *site) log(r *http.Request) (view, error) {
	l := logPage{Job: r.URL.Query().Get("job"), Status: r.URL.Query().Get("status")}
	entries := slices.DeleteFunc(s.Tenant.Decisions(), func(d *tenant.Decision) bool {
		return l.Job != "" && d.JobID != l.Job || l.Status != "" && d.Entry.Status != l.Status
	})
	slices.Reverse(entries)
	l.Entries = shown(paged(r, entries, func(d *tenant.Decision) string {
		return d.Entry.SourceName + " " + d.Entry.SourceID + " " + d.Entry.TargetID + " " + d.Entry.Code
	}), s.Tenant.RenderLog)
	return view{Page: "log", Title: "Provisioning log", Part: "log", Data: l}, nil
}
