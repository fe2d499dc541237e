// Package scimcheck owns the check of a SCIM server: what a team would see if Entra provisioned to it. It makes an enterprise
// application in a simulator of its own, lets people come, change and go, and reads in the server what became of them.
// It never decides how Entra behaves, which the simulator does, and it judges no more of SCIM than Entra uses.
// It is called by cmd/entra-sim.
// It calls internal/entrasim.
package scimcheck
