// Package envtest starts a real API server with our CRDs, and proves on it what the CRDs accept and refuse.
//
// Owns: the server for tests, and the tests of the schemas and rules. Never does: compiling the Graph SDK; what needs it is in
// folders below. Called by: the tests of controllers. Calls: controller-runtime's envtest, which runs the binaries in
// KUBEBUILDER_ASSETS.
package envtest
