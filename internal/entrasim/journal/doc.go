// Package journal owns the record of requests that clients made: what, when, with which answer.
// It never keeps bodies or headers, so no secret can be in it.
// It is called by the simulator's server, the admin API and tests.
// It calls nothing.
package journal
