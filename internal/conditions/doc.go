// Package conditions keeps the conditions of our kinds as kstatus reads them.
//
// Owns: how Ready, Reconciling and Stalled go together, and when a change is worth an event. Never does: deciding which
// of them holds, or writing to the API server. Called by: the controllers, and tests (Check). Calls: apimachinery only.
package conditions
