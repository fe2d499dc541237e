package tenant

import (
	"maps"
	"slices"
	"time"
)

// Overview is what the admin API shows of a tenant: counts, applications, jobs and assignments. It holds no secret value.
type Overview struct {
	TenantID     string               `json:"tenantID"`
	Domain       string               `json:"domain"`
	Clock        time.Time            `json:"clock"`
	Users        int                  `json:"users"`
	Groups       int                  `json:"groups"`
	Applications []OverviewObject     `json:"applications"`
	Principals   []OverviewObject     `json:"servicePrincipals"`
	Jobs         []OverviewJob        `json:"jobs"`
	Assignments  []OverviewAssignment `json:"assignments"`
	DeletedItems int                  `json:"deletedItems"`
}

// OverviewObject is an application or service principal that was made from a template.
type OverviewObject struct {
	ID          string `json:"id"`
	AppID       string `json:"appId"`
	DisplayName string `json:"displayName"`
	Tags        any    `json:"tags"`
}

// OverviewJob is a job with what clients did to it.
type OverviewJob struct {
	ID                 string   `json:"id"`
	ServicePrincipalID string   `json:"servicePrincipalID"`
	TemplateID         string   `json:"templateId"`
	Schedule           string   `json:"schedule"`
	Code               string   `json:"code"`
	Running            bool     `json:"running"`
	Cycles             int      `json:"cycles"`
	Starts             int      `json:"starts"`
	Restarts           int      `json:"restarts"`
	Pauses             int      `json:"pauses"`
	SchemaWrites       int      `json:"schemaWrites"`
	SchemaVersion      any      `json:"schemaVersion"`
	NextCycleInitial   bool     `json:"nextCycleInitial"`
	SecretKeys         []string `json:"secretKeys"`

	// LostSchemaMembers names the members and metadata entries that schema PUTs dropped without need.
	LostSchemaMembers []string `json:"lostSchemaMembers"`
}

// OverviewAssignment is an assignment with readable names.
type OverviewAssignment struct {
	ID            string `json:"id"`
	Principal     string `json:"principal"`
	PrincipalID   string `json:"principalId"`
	PrincipalType string `json:"principalType"`
	ResourceID    string `json:"resourceId"`
	RoleID        string `json:"appRoleId"`
}

// Overview returns the state of the tenant.
func (t *Tenant) Overview() Overview {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.settle()
	o := Overview{TenantID: t.id, Domain: t.domain, Clock: t.clock.Now(), Applications: t.overview(Application),
		Principals: t.overview(ServicePrincipal), Jobs: []OverviewJob{}, Assignments: []OverviewAssignment{}}
	for _, id := range t.users.order {
		if t.users.byID[id].deleted.IsZero() {
			o.Users++
		}
	}
	o.Groups = len(t.groups.order)
	for _, r := range []*registry[Object]{&t.applications, &t.principals} {
		r.each(true, func(*record[Object]) { o.DeletedItems++ })
	}
	for _, j := range t.jobs {
		view := OverviewJob{ID: j.id, ServicePrincipalID: j.principal, TemplateID: j.template, Schedule: j.schedule, Code: j.code,
			Running: j.running, Starts: j.starts, Restarts: j.restarts, Pauses: j.pauses, SchemaWrites: j.writes,
			SchemaVersion: j.schema["version"], SecretKeys: slices.Sorted(maps.Keys(t.secrets[j.principal])),
			LostSchemaMembers: append([]string{}, j.lost...)}
		if !j.running { // a running cycle owns the state
			view.Cycles = j.state.Cycles
			view.NextCycleInitial = j.state.Watermark == 0 || j.reset.Watermark
		}
		o.Jobs = append(o.Jobs, view)
	}
	for _, a := range t.assignments {
		if a.ResourceID == t.graph.id {
			continue // a permission of a client, which no test or user made
		}
		o.Assignments = append(o.Assignments, OverviewAssignment{ID: a.ID, Principal: t.principalName(a.PrincipalID),
			PrincipalID: a.PrincipalID, PrincipalType: a.PrincipalType, ResourceID: a.ResourceID, RoleID: a.RoleID})
	}
	return o
}

func (t *Tenant) overview(kind string) []OverviewObject {
	out := []OverviewObject{}
	t.objects(kind).each(false, func(rec *record[Object]) {
		if rec.value["applicationTemplateId"] == nil {
			return
		}
		out = append(out, OverviewObject{ID: rec.id, AppID: rec.value["appId"].(string),
			DisplayName: rec.value["displayName"].(string), Tags: rec.value["tags"]})
	})
	return out
}
