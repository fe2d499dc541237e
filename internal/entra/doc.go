// Package entra is the port to Microsoft Entra ID: what the operator asks of a
// directory, in plain structs and small interfaces.
//
// Owns: the Directory interface, its types and its error. Never does: HTTP, or
// deciding what should be. Called by: the controllers. Calls: the standard library;
// internal/entra/graph implements it and is the only importer of the Graph SDK.
package entra
