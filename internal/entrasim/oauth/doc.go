// Package oauth owns the token endpoint: clients, their credentials and permissions, and the signed tokens that Graph checks.
// It never decides what a permission allows; graphapi does.
// It is called by the simulator's server (HTTP) and by graphapi (verification).
// It calls the JWT library and, for the clients file, internal/entrasim/strictyaml.
package oauth
