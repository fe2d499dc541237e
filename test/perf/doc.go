// Package perf measures the SCIM endpoint against bare statements of pgbench on the same server, in the same run.
//
// Owns: the population, the load, the table, and the ranges that the ratios have to stay in (ranges.yaml). Never does:
// asserting absolute times, which say more about the machine than about the endpoint. Called by: `make bench-endpoint`.
// Calls: scimkit, pgtest, endpoint to fill stores.
package perf
