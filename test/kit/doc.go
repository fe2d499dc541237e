// Package kit runs the operator in a test as in life: a real API server, the real Graph adapter over TLS against the
// simulator, a real SCIM endpoint, and a clock that runs fast.
//
// Owns: worlds (one app, one tenant, one simulator each), the stand-in for a kubelet, and the ways to kill an operator.
// Never does: judging the product. Called by: test/crash, test/integration. Calls: manager, entrasim, scimtest.
package kit
