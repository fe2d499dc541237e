// Package v1alpha1 is the API scim-operator.io/v1alpha1: what a platform team writes
// to connect an application to Microsoft Entra ID, and what the operator reports.
//
// Owns: the kinds, their markers and CEL rules, condition types and reasons. Never
// does: anything; it holds no logic beyond list and key helpers. Called by: every
// other package. Calls: apimachinery and the core API types only.
//
// +kubebuilder:object:generate=true
// +groupName=scim-operator.io
package v1alpha1
