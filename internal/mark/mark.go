package mark

import "strings"

const (
	claimPrefix = "scim-operator/"
	keptPrefix  = "scim-operator-retained/"
)

// Of is the tag of an application that a ScimApp manages. It names what is in Git, nothing of the cluster, so that a
// rebuilt cluster finds its applications.
func Of(instance, namespace, name string) string {
	return claimPrefix + instance + "/" + namespace + "/" + name
}

// Kept is the tag that a deleted ScimApp leaves on the application that it made and retains: the same manifest finds it
// by that, and no other ScimApp is kept from taking it up.
func Kept(instance, namespace, name string) string {
	return keptPrefix + instance + "/" + namespace + "/" + name
}

// IsClaim says whether a tag is the mark of a ScimApp that manages the application.
func IsClaim(tag string) bool { return strings.HasPrefix(tag, claimPrefix) }

// IsKept says whether a tag was left by a deleted ScimApp.
func IsKept(tag string) bool { return strings.HasPrefix(tag, keptPrefix) }
