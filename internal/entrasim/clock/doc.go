// Package clock owns the simulator's virtual time: the wall clock plus an offset that only moves when somebody asks.
// It never sleeps and starts no timers; whoever advances the clock runs what has become due.
// It is called by every other package of the simulator.
// It calls nothing.
package clock
