// Package shape owns the check that an answer of Graph has the form that Microsoft's published metadata gives it: members,
// primitive types, enum values.
// It never looks at what an answer says, and changes none.
// It is called by the simulator's server, when it is told to check, and by tests.
// It calls nothing.
//
// graph-v1.0-types.json is the part of the v1.0 metadata that provisioning touches, taken from microsoftgraph/msgraph-metadata,
// which is Copyright (c) Microsoft Corporation and published under the MIT licence. It is embedded, so that the check needs
// no file beside the program.
package shape
