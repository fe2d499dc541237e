// Package auth owns who may call the endpoint: the file of accepted token hashes, its reload without restart, and the
// check of a presented token, which may also be one that Entra issued. It never sees a raw token but the presented one,
// and never logs it.
// Called by server, management and endpoint, and by the token command.
// Calls watch.
package auth
