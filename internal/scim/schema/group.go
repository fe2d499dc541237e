package schema

// coreGroup is RFC 7643 section 4.2.
var coreGroup = Schema{
	ID: GroupURN, Name: "Group", Description: "A set of users and groups.",
	Attributes: []Attribute{
		attribute("displayName", String, "Name to show for the group.", required),
		attribute("members", Complex, "Users and groups in this group.", multiValued, subAttributes(
			attribute("value", String, "id of the member.", caseExact, immutable),
			attribute("$ref", Reference, "Address of the member.", caseExact, immutable, references("User", "Group")),
			attribute("type", String, "Resource type of the member.", immutable, canonical("User", "Group")),
			attribute("display", String, "displayName of the member.", readOnly),
		)),
	},
}
