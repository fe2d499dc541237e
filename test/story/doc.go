// Package story owns the eight steps that show the whole product at work: one manifest, and people arrive, change, leave and survive.
// It never starts anything: processes, pods and the simulator are there already, and Env says how to reach them.
// It is called by hack/lab (make demo) and by test/e2e, on real pods.
// It calls the API server as an administrator, the simulator's admin API, and the SCIM endpoint as an app would.
package story
