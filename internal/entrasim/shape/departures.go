package shape

// Departures are the members whose presence or value the metadata does not allow, each with the reason why the simulator
// answers so all the same. All that departs is in this list; the name of a member stands after the type that has it.
var Departures = map[string]string{
	"objectMapping.syntheticUnknownMember": "stands for members that the metadata does not have, so that clients which drop them are found out",
	"objectDefinitionMetadataEntry.key":    "the real service has keys that the enum does not",
	"objectMappingMetadataEntry.key":       "the real service has keys that the enum does not",
	"synchronizationMetadataEntry.key":     "the real service sends keys in camel case and ones that the enum does not have",
	"user.extension_*":                     "directory extensions are properties of their own, which the type user is not open for in the metadata",
}
