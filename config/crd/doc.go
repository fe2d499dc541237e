// Package crd holds the CustomResourceDefinitions as they are installed, for programs that need them without a cluster.
//
// Owns: the files of bases/, which `make generate` writes. Never does: reading them. Called by: internal/admission.
// Calls: nothing.
package crd
