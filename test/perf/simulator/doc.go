// Package simulator measures the provisioning engine of the simulator against the real endpoint: memory, rate, and what an
// incremental cycle costs in a small and in a large directory.
//
// Owns: the directories, the measurements and the table. Never does: asserting absolute times, which say more about the machine.
// Called by: `make bench-sim`. Calls: entrasim, scimkit.
package simulator
