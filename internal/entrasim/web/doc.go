// Package web owns the pages that show a simulated tenant to people: directory, applications, jobs with their cycles and
// mappings, and the provisioning log. They are rendered here, with no script and nothing from elsewhere.
// It never changes the tenant but for the buttons that run a cycle, pause a job and start it, and never shows a secret.
// It is called by the simulator's server, which serves it beside the admin API.
// It calls internal/entrasim/tenant and internal/entrasim/syncschema.
package web
