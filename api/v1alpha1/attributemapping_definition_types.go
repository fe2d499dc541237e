package v1alpha1

// TargetAttribute declares an attribute of the app. What is left out stays as Entra has it; for a new attribute the
// defaults below count.
//
// +kubebuilder:validation:XValidation:rule="has(self.referencedObjects) == (has(self.type) && self.type == 'Reference')",message="type Reference needs referencedObjects, and no other type has them: add type: Reference, or remove referencedObjects"
// +kubebuilder:validation:XValidation:rule="self.name != 'id'",message="name id is the SCIM server's own attribute: leave it out"
type TargetAttribute struct {
	// name as targets name it, such as urn:ietf:params:scim:schemas:extension:wiki:2.0:User:shelf.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=256
	Name string `json:"name,omitempty"`

	// type of its values. Default: String.
	// +optional
	Type AttributeType `json:"type,omitempty"`

	// multiValued is true for a list of values. Default: false.
	// +optional
	MultiValued *bool `json:"multiValued,omitempty"`

	// caseExact is true where letter case counts: a change of case alone is sent then. Default: true.
	// +optional
	CaseExact *bool `json:"caseExact,omitempty"`

	// required is true where the app takes no account without it. Default: false.
	// +optional
	Required *bool `json:"required,omitempty"`

	// mutability is ReadWrite (the default) or Immutable: set once, never changed.
	// +optional
	Mutability AttributeMutability `json:"mutability,omitempty"`

	// referencedObjects are the object types that a Reference leads to.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=2
	ReferencedObjects []MappedObject `json:"referencedObjects,omitempty"`
}

// SourceAttribute declares an attribute of Entra ID.
type SourceAttribute struct {
	// name as Entra has it, such as extension_<application ID without dashes>_costCenter; case counts.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=256
	// +kubebuilder:validation:Pattern=`^[^\[\]"]+$`
	Name string `json:"name,omitempty"`

	// type of its values. Default: String.
	// +optional
	Type AttributeType `json:"type,omitempty"`

	// multiValued is true for a list of values. Default: false.
	// +optional
	MultiValued *bool `json:"multiValued,omitempty"`
}

// AttributeType is a type of values in Entra's schemas.
// +kubebuilder:validation:Enum=String;Integer;Boolean;DateTime;Binary;Reference
type AttributeType string

// The types of values.
const (
	TypeString    AttributeType = "String"
	TypeInteger   AttributeType = "Integer"
	TypeBoolean   AttributeType = "Boolean"
	TypeDateTime  AttributeType = "DateTime"
	TypeBinary    AttributeType = "Binary"
	TypeReference AttributeType = "Reference"
)

// AttributeMutability says when an attribute may be set.
// +kubebuilder:validation:Enum=ReadWrite;Immutable
type AttributeMutability string

// The mutabilities.
const (
	MutabilityReadWrite AttributeMutability = "ReadWrite"
	MutabilityImmutable AttributeMutability = "Immutable"
)
