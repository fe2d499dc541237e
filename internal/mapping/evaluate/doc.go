// Package evaluate owns what a mapping does to one user or group: in scope or not and by which clause, the value of each attribute and how it
// came about, and the SCIM resource that Entra would send to create the account. It follows what is known of Entra's provisioning engine,
// and shares nothing but the expression language with the simulator, so that each can catch the other's misunderstandings.
//
// Owns: that evaluation, and the reading of a person under Microsoft Graph's names. Never does: I/O, or judging a mapping (package mapping
// does). Called by: the plugin (eval, plan). Calls: mapping for its types, mapping/expr, mapping/nearest.
package evaluate
