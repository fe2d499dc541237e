package entrasim

import (
	"time"
)

// choice is an entry of the list with two values.
func choice(name, what, point, first, second string, field func(*Options) *bool) Unconfirmed {
	values, apply := between(first, second, field)
	return Unconfirmed{Name: name, What: what, Point: point, Values: values, apply: apply}
}

// only is an entry without a switch.
func only(name, what, point string) Unconfirmed {
	return Unconfirmed{Name: name, What: what, Point: point}
}

// unconfirmed is the list. A test holds it to the markers in the code, both ways.
var unconfirmed = []Unconfirmed{
	choice("instantiate-owner", "who owns what was instantiated", "15.17", "caller", "nobody",
		func(o *Options) *bool { return &o.Tenant.InstantiateOmitsOwner }),
	choice("instantiate-tags", "the tags of what was instantiated through the API", "2.2", "both", "one",
		func(o *Options) *bool { return &o.Tenant.OneTag }),
	choice("name-follows", "whether a service principal follows its application's display name", "2.2", "no", "yes",
		func(o *Options) *bool { return &o.Tenant.NameFollows }),
	choice("zero-role", "an assignment with the role ID of zeros to an application that declares roles", "15.16", "refused", "accepted",
		func(o *Options) *bool { return &o.Tenant.ZeroRole }),
	{Name: "templateless", What: "the status for a service principal that was not made from a template", Point: "11.2",
		Values: []string{"404", "403", "401"}, apply: number(func(o *Options) *int { return &o.Tenant.TemplatelessStatus })},
	choice("secrets-put", "what becomes of secrets that a PUT leaves out", "15.2", "merge", "replace",
		func(o *Options) *bool { return &o.Tenant.SecretsReplace }),
	choice("secrets-required-keys", "a PUT of secrets without SyncAll and SyncNotificationSettings", "15.26", "ignored", "stored",
		func(o *Options) *bool { return &o.Tenant.SecretsWithoutSettings }),
	choice("secrets-mixed", "a PUT with both a bearer token and keys of OAuth", "15.12", "500", "ignored",
		func(o *Options) *bool { return &o.Tenant.SecretsMixed }),
	{Name: "secrets-limit", What: "the most bytes of all secrets of a service principal; below 0: no limit", Point: "15.25",
		Values: []string{"1024", "-1..."}, apply: number(func(o *Options) *int { return &o.Tenant.SecretsLimit })},
	choice("second-job", "a second job of one service principal", "15.3", "409", "made",
		func(o *Options) *bool { return &o.Tenant.SecondJob }),
	choice("deleted-job", "whether jobs and secrets survive the soft deletion of their service principal", "15.4", "survive", "lost",
		func(o *Options) *bool { return &o.Tenant.DeletionDropsJobs }),
	choice("start-while-running", "start while a cycle runs", "14.14", "ignored", "stops",
		func(o *Options) *bool { return &o.Tenant.StartStopsRunning }),
	{Name: "quarantine-retries", What: "when a quarantined job is tried again: the documentation's figures or those of Microsoft's staff",
		Point: "15.19", Values: []string{"documented", "staff"}, apply: quarantineRetries},
	choice("quarantine-end", "the status code of a job that was disabled after four weeks of quarantine", "15.24", "Quarantine", "Paused",
		func(o *Options) *bool { return &o.Tenant.DisabledIsPaused }),
	choice("role-without-value", "what is sent for a role that has no value", "2.6", "displayName", "nothing",
		func(o *Options) *bool { return &o.Tenant.RolesWithoutValueAreEmpty }),
	choice("entry-count-key", "the keys of synchronizedEntryCountByType", "15.21", "sourceAndTarget", "source",
		func(o *Options) *bool { return &o.Tenant.CountsNameTheSource }),
	{Name: "log-lag", What: "how long entries of the logs cannot be read yet", Point: "15.15", Values: []string{"0s", "5m..."},
		apply: span(func(o *Options) *time.Duration { return &o.Tenant.LogLag })},
	choice("flow-types", "the spelling of flow types in a schema", "4.9", "spaced", "tight",
		func(o *Options) *bool { return &o.Tenant.Schema.TightFlowTypes }),
	choice("directory-name", "the name of the source directory and of the object mappings", "4.9", "AzureActiveDirectory", "MicrosoftEntraID",
		func(o *Options) *bool { return &o.Tenant.Schema.NewNames }),
	choice("rule-id", "the id of the synchronization rule", "15.6", "plain", "suffixed",
		func(o *Options) *bool { return &o.Tenant.Schema.SuffixedRuleID }),
	choice("schema-version", "the text of a schema's version", "15.6", "date", "number",
		func(o *Options) *bool { return &o.Tenant.Schema.ShortVersion }),
	choice("function-without-tree", "a schema PUT with a function that has an expression and no parameters", "15.9", "refused", "accepted",
		func(o *Options) *bool { return &o.Tenant.SchemaLeniency.ExpressionWithoutTree }),
	choice("owner-restart", "restart by an owner with Application.ReadWrite.OwnedBy alone", "1.3", "401", "allowed",
		func(o *Options) *bool { return &o.Graph.OwnersRestart }),
	choice("on-demand-layout", "the layout of the answer to provisionOnDemand", "4.8", "captured", "documented",
		func(o *Options) *bool { return &o.Graph.OnDemandAsDocumented }),
	choice("no-jobs", "the list of jobs of a service principal that has none", "4.0", "empty", "404",
		func(o *Options) *bool { return &o.Graph.NoJobsIs404 }),
	choice("job-created", "the status of a job's creation", "4.0", "201", "200",
		func(o *Options) *bool { return &o.Graph.JobIsMadeWith200 }),
	{Name: "synchronization-limit", What: "requests to /synchronization that a client may make in ten seconds; 0: any number", Point: "15.23",
		Values: []string{"0", "50..."}, apply: number(func(o *Options) *int { return &o.Graph.SynchronizationLimit })},
	{Name: "members-per-patch", What: "the most members that one PATCH names; 0: all of them", Point: "15.10",
		Values: []string{"0", "100..."}, apply: number(func(o *Options) *int { return &o.Engine.MembersPerPatch })},
	{Name: "parallelism", What: "how many requests a cycle has under way at a time", Point: "15.10", Values: []string{"1", "4..."},
		apply: number(func(o *Options) *int { return &o.Engine.Parallelism })},
	{Name: "scim-timeout", What: "how long the engine waits for an answer of the endpoint", Point: "15.10", Values: []string{"30s", "10s..."},
		apply: span(func(o *Options) *time.Duration { return &o.Engine.RequestTimeout })},
	choice("retry-after", "what a 429 of the endpoint leads to", "15.11", "ignored", "honoured",
		func(o *Options) *bool { return &o.Engine.HonourRetryAfter }),
	choice("manager-dialect", "how a manager is written with the feature flag", "9.4", "identifier", "list",
		func(o *Options) *bool { return &o.Engine.ManagerList }),
	choice("guest-name", "what is left of a guest's userPrincipalName", "8.5", "stripped", "kept",
		func(o *Options) *bool { return &o.Engine.KeepGuestName }),
	choice("group-out-of-scope", "what becomes of a group that no longer passes the scoping filter", "8.3", "deleted", "kept",
		func(o *Options) *bool { return &o.Engine.KeepFilteredGroups }),
	choice("skip-deletions", "whom SkipOutOfScopeDeletions keeps", "15.20", "outOfScope", "inactive",
		func(o *Options) *bool { return &o.Engine.SkipInactive }),
	choice("no-active", "what is sent about who leaves when no mapping depends on IsSoftDeleted", "8.3", "nothing", "delete",
		func(o *Options) *bool { return &o.Engine.DeleteInactive }),
	choice("restart-disables", "disables that are due when a job is restarted", "14.14", "sent", "dropped",
		func(o *Options) *bool { return &o.Engine.RestartDropsDisables }),
	choice("deleted-members", "the memberships of a soft-deleted user at the endpoint", "8.3", "removed", "kept",
		func(o *Options) *bool { return &o.Engine.KeepDeletedMembers }),
	choice("shared-target", "a second object whose search finds the resource of a first one", "7.3", "refused", "linked",
		func(o *Options) *bool { return &o.Engine.ShareTarget }),
	choice("comparison", "what the new values of an object are compared with", "14.14", "target", "export",
		func(o *Options) *bool { return &o.Engine.RememberExports }),
	choice("escrows-pruned", "failed objects when an initial cycle ends in quarantine by rate", "8.2", "kept", "pruned",
		func(o *Options) *bool { return &o.Engine.PruneEscrows }),
	choice("cycle-snapshot", "what a running cycle sees of schema, secrets and assignments", "14.14", "kept", "anew",
		func(o *Options) *bool { return &o.Tenant.CyclesReadAnew }),
	{Name: "assignment-lag", What: "how long the engine does not know of a new or removed assignment", Point: "14.14",
		Values: []string{"0s", "10m..."}, apply: span(func(o *Options) *time.Duration { return &o.Tenant.AssignmentLag })},

	only("default-schema", "ids, flags, metadata and targets of the default schema beyond the published mapping tables", "15.6"),
	only("template-values", "description, factoryTag and default of the template scim", "4.1"),
	only("newer-operators", "the spelling of the scope operators beyond the eight published ones", "15.7"),
	only("schema-refusal", "code and text of a refused schema PUT", "15.14"),
	only("parse-errors", "codes of errors of parseExpression", "15.14"),
	only("saved-credentials-missing", "the code for a validation of saved credentials when there are none", "11.2"),
	only("acquire-access-token", "the refusal of acquireAccessToken for an application without OAuth", "4.0"),
	only("discover", "the refusal of discover for a non-gallery application", "4.0"),
	only("bound-references", "owners and members that a creation names: whether the caller owns besides them, and refusals", "2.7"),
	only("audit-activities", "names of audit activities beyond the published ones", "8.6"),
	only("on-demand-during-cycle", "provisionOnDemand while a cycle of the job runs", "4.8"),
	only("matching-characters", "which characters of a matching value the engine cannot search for, and how the object fails: all are sent", "7.3"),
	only("log-wording", "the sentences of the steps in the provisioning log", "15.14"),
}

// quarantineRetries are half an hour and then twice as long each time, or the documented distances.
func quarantineRetries(o *Options, value string) error {
	o.Tenant.QuarantineRetries = nil
	if value == "staff" {
		for d := 30 * time.Minute; d <= 24*time.Hour; d *= 2 {
			o.Tenant.QuarantineRetries = append(o.Tenant.QuarantineRetries, d)
		}
	}
	return nil
}
