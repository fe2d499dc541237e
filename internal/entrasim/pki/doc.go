// Package pki owns the simulator's own certificate authority and the server certificate that it signs.
// It never writes private keys anywhere; both live as long as the process.
// It is called by the simulator's server.
// It calls crypto/x509.
package pki
