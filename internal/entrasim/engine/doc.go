// Package engine owns the provisioning cycle: who is entitled, what the endpoint has to be told, and telling it by SCIM.
// It never keeps the tenant and knows nothing of Graph; a cycle reads the directory object by object from the Source it is given.
// It is called by the simulator's server, once for each cycle, and by graphapi for the credential probes.
// It calls directory, syncschema, the expression language and the SCIM endpoint over HTTP.
package engine
