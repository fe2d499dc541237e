// Package e2e tells the story of test/story on a real cluster: real pods, the repository's images, the installation as
// users get it.
//
// Owns: deploying simulator and operator on the cluster in KUBECONFIG, and reaching into it. Never does: anything of the
// story itself. Called by: make e2e, which builds with the tag e2e. Calls: kubectl and test/story.
package e2e
