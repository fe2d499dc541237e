// Package pki owns the lab's certificates: one authority made at each start, and what it signs.
// It never keeps the authority's key on disk.
// It is called by the control plane and the node agent.
// It calls crypto/x509 and client-go's certificate helpers.
package pki
