package schema

// The URNs that the endpoint knows by name.
const (
	UserURN           = "urn:ietf:params:scim:schemas:core:2.0:User"
	GroupURN          = "urn:ietf:params:scim:schemas:core:2.0:Group"
	EnterpriseUserURN = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
	SchemaURN         = "urn:ietf:params:scim:schemas:core:2.0:Schema"
	ResourceTypeURN   = "urn:ietf:params:scim:schemas:core:2.0:ResourceType"
	ServiceConfigURN  = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"
)

// commonAttributes are part of every resource and of no schema (RFC 7643 section 3.1).
var commonAttributes = []Attribute{
	attribute("schemas", String, "URNs of the schemas that this resource has data of.", multiValued, required, caseExact, returnedAlways),
	attribute("id", String, "Identifier made by this endpoint.", caseExact, readOnly, returnedAlways, uniqueOnServer),
	attribute("externalId", String, "Identifier that the client gave.", caseExact),
	attribute("meta", Complex, "Facts about the resource as such.", readOnly, subAttributes(
		attribute("resourceType", String, "Name of the resource type.", caseExact, readOnly),
		attribute("created", DateTime, "When the resource was made.", readOnly),
		attribute("lastModified", DateTime, "When its content last changed.", readOnly),
		attribute("location", Reference, "Address of the resource.", caseExact, readOnly, references("uri")),
		attribute("version", String, "Entity tag of the content.", caseExact, readOnly),
	)),
}
