// Package pki owns the simulator's own certificate authority and the server certificate that it signs.
// It never writes private keys anywhere; the simulator's server keeps that of the CA beside its state.
// It is called by the simulator's server.
// It calls crypto/x509.
package pki
