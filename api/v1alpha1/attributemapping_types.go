package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// AttributeMappingSpec maps attributes of Entra ID to attributes of the app, for one object type. Both AttributeMapping
// and ClusterAttributeMapping have it.
//
// +kubebuilder:validation:XValidation:rule="self.object != 'User' || !has(self.state) || self.state != 'Disabled'",message="state Disabled works for object Group alone: Entra cannot disable the mapping of users; set provisioning.state: Paused in the ScimApp to stop everything, or use a scope that nobody passes"
// +kubebuilder:validation:XValidation:rule="!has(self.base) || self.base != 'Empty' || (has(self.attributes) && size(self.attributes) > 0)",message="base Empty maps nothing by itself: add attributes, or set base: EntraDefault"
// +kubebuilder:validation:XValidation:rule="!has(self.base) || self.base != 'Empty' || !has(self.attributes) || !self.attributes.exists(a, has(a.action) && a.action == 'Remove')",message="action Remove takes a target of Entra's default away, and base Empty has none: leave the target out"
type AttributeMappingSpec struct {
	// object is the type that is mapped, User or Group. It cannot be changed.
	// +required
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="spec.object is immutable: users and groups have different attributes; create another AttributeMapping"
	Object MappedObject `json:"object,omitempty"`

	// base is what this mapping starts from. EntraDefault (the default): Entra's default mapping of the object; what is
	// declared here overrides it, and what is not declared stays at the default. Empty: nothing; only what is declared here
	// is mapped.
	// +optional
	Base MappingBase `json:"base,omitempty"`

	// state Disabled keeps this object type from being provisioned; only Group can be disabled. Default: what the base
	// says, Enabled in Entra's default and for Empty.
	// +optional
	State MappingState `json:"state,omitempty"`

	// actions are what Entra may do in the app: Create, Update, Delete. Default: what the base says, which is all three in
	// Entra's default and for Empty.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=3
	Actions []MappingAction `json:"actions,omitempty"`

	// scope says who is provisioned, beside being assigned: who passes any of the groups of clauses, and in a group all
	// clauses. Who falls out of scope is disabled in the app. Default: what the base says, which is everybody in Entra's
	// default and for Empty.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=20
	Scope []ScopeGroup `json:"scope,omitempty"`

	// targetAttributes declare attributes of the app with their types: Entra's schema of the app learns them, and a
	// managed endpoint serves and enforces them. An extension attribute that is mapped and not declared here is one text,
	// in which case counts.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=100
	TargetAttributes []TargetAttribute `json:"targetAttributes,omitempty"`

	// sourceAttributes declare attributes of Entra ID that its provisioning does not know yet, such as directory extensions.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=100
	SourceAttributes []SourceAttribute `json:"sourceAttributes,omitempty"`

	// attributes are the mappings, one for each target. Default: those of the base.
	// +optional
	// +listType=map
	// +listMapKey=target
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=200
	Attributes []MappedAttribute `json:"attributes,omitempty"`
}

// MappingBase is what a mapping starts from.
// +kubebuilder:validation:Enum=EntraDefault;Empty
type MappingBase string

// The bases.
const (
	BaseEntraDefault MappingBase = "EntraDefault"
	BaseEmpty        MappingBase = "Empty"
)

// MappingState says whether an object type is provisioned.
// +kubebuilder:validation:Enum=Enabled;Disabled
type MappingState string

// The states.
const (
	MappingEnabled  MappingState = "Enabled"
	MappingDisabled MappingState = "Disabled"
)

// MappingAction is something that Entra does in the app.
// +kubebuilder:validation:Enum=Create;Update;Delete
type MappingAction string

// The actions.
const (
	ActionCreate MappingAction = "Create"
	ActionUpdate MappingAction = "Update"
	ActionDelete MappingAction = "Delete"
)

// MappedObject is an object type that Entra provisions.
// +kubebuilder:validation:Enum=User;Group
type MappedObject string

// The mapped objects.
const (
	ObjectUser  MappedObject = "User"
	ObjectGroup MappedObject = "Group"
)

// MappedAttribute is the mapping of one target.
//
// +kubebuilder:validation:XValidation:rule="!has(self.action) || self.action != 'Remove' || ![has(self.source), has(self.constant), has(self.expression), has(self.default), has(self.apply), has(self.matchPrecedence)].exists(x, x)",message="action Remove takes nothing but the target: remove the other fields, or the action"
// +kubebuilder:validation:XValidation:rule="[has(self.source), has(self.constant), has(self.expression)].filter(x, x).size() <= 1",message="set at most one of source, constant and expression"
// +kubebuilder:validation:XValidation:rule="has(self.source) || has(self.constant) || has(self.expression) || has(self.default) || (has(self.action) && self.action == 'Remove')",message="set one of source, constant and expression, or a default"
// +kubebuilder:validation:XValidation:rule="!has(self.matchPrecedence) || has(self.source) || has(self.expression)",message="matchPrecedence needs a source or an expression: Entra cannot find an account by a constant"
// +kubebuilder:validation:XValidation:rule="self.target != 'id'",message="target id is not writable: the SCIM server gives every resource its own id; map externalId instead"
type MappedAttribute struct {
	// target is the app's attribute, such as userName, name.givenName, emails[type eq "work"].value or
	// urn:ietf:params:scim:schemas:extension:wiki:2.0:User:shelf. An extension attribute that Entra does not know
	// yet is added to the job's schema, and a managed endpoint learns it first.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=256
	Target string `json:"target,omitempty"`

	// action Map (the default) maps the target; Remove takes the mapping away that Entra's default has for it.
	// +optional
	Action AttributeAction `json:"action,omitempty"`

	// source is an attribute of Entra ID in the provisioning service's names, which are case-sensitive and not those of
	// Microsoft Graph: objectId, userPrincipalName, mail, telephoneNumber, extension_<appId>_costCenter.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=256
	// +kubebuilder:validation:Pattern=`^[^\[\]"]+$`
	Source string `json:"source,omitempty"`

	// constant is the same text for everybody. Quote it: YAML makes a boolean of true and a number of 42.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	Constant string `json:"constant,omitempty"`

	// expression is a function of Entra's expression language, such as
	// Coalesce([mail], [userPrincipalName]). Entra itself checks it before anything is written.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=10000
	Expression string `json:"expression,omitempty"`

	// default is used when the source has no value, and only when the account is created.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	Default string `json:"default,omitempty"`

	// apply says when the value is sent. Always (the default) or OnCreate.
	// +optional
	Apply Apply `json:"apply,omitempty"`

	// matchPrecedence makes this target one by which Entra finds an existing account; the lowest number is
	// tried first. Empty means that it is not used for matching.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=10
	MatchPrecedence *int32 `json:"matchPrecedence,omitempty"`
}

// AttributeAction is what becomes of a target.
// +kubebuilder:validation:Enum=Map;Remove
type AttributeAction string

// The values of AttributeAction.
const (
	AttributeMap    AttributeAction = "Map"
	AttributeRemove AttributeAction = "Remove"
)

// Apply is when a value is sent.
// +kubebuilder:validation:Enum=Always;OnCreate
type Apply string

// The values of Apply.
const (
	ApplyAlways   Apply = "Always"
	ApplyOnCreate Apply = "OnCreate"
)

// AttributeMappingStatus is who uses a mapping.
type AttributeMappingStatus struct {
	// observedGeneration is the generation that this status is about; -1 before the first pass.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// conditions hold Ready: whether the mapping could be applied by itself, without looking into Entra.
	// +optional
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=8
	Conditions []metav1.Condition `json:"conditions,omitempty"`

	// revision is a digest of the spec, by which a ScimApp's status says which state of the mapping is in force.
	// +optional
	// +kubebuilder:validation:MaxLength=16
	Revision string `json:"revision,omitempty"`

	// rollout is present while a change of the mapping is on its way to the ScimApps that use it.
	// +optional
	Rollout *RolloutStatus `json:"rollout,omitempty"`

	// usedBy tells which ScimApps name this mapping.
	// +optional
	UsedBy *UsedBy `json:"usedBy,omitempty"`
}

// UsedBy counts users of an object and names some.
type UsedBy struct {
	// count of users.
	// +optional
	Count int32 `json:"count,omitempty"`

	// examples are the names of at most ten of them, as namespace/name where the object has no namespace itself.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=10
	// +kubebuilder:validation:items:MaxLength=507
	Examples []string `json:"examples,omitempty"`
}

// AttributeMapping is a reusable set of attribute mappings for one object type.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:path=attributemappings,shortName=amap,categories=scim
// +kubebuilder:printcolumn:name="Object",type=string,JSONPath=`.spec.object`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Used by",type=integer,JSONPath=`.status.usedBy.count`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type AttributeMapping struct {
	metav1.TypeMeta `json:",inline"`
	// metadata is the standard object's metadata.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty,omitzero"`

	// spec is what is wanted.
	// +required
	Spec AttributeMappingSpec `json:"spec,omitzero"`

	// status is what was found. The operator alone writes it.
	// +optional
	// +kubebuilder:default={"observedGeneration":-1}
	Status AttributeMappingStatus `json:"status,omitempty,omitzero"`
}

// AttributeMappingList is a list of AttributeMappings.
// +kubebuilder:object:root=true
type AttributeMappingList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []AttributeMapping `json:"items"`
}
