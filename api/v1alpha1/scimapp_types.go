package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// ScimAppSpec is what a platform team wants for one application.
//
// +kubebuilder:validation:XValidation:rule="!has(self.endpoint) || !has(self.endpoint.external) || (has(self.authentication) && has(self.authentication.existingSecretRef))",message="spec.authentication.existingSecretRef is required with spec.endpoint.external: the operator cannot give a token to a server that it does not run; put the server's token into a Secret of this namespace and name it",fieldPath=".authentication"
// +kubebuilder:validation:XValidation:rule="!has(self.roles) || self.roles == 'None' || !has(self.provisioning) || !has(self.provisioning.scope) || self.provisioning.scope == 'Assigned'",message="spec.roles must be None with spec.provisioning.scope All: Entra sends app roles only for assigned users; set roles: None or scope: Assigned",fieldPath=".roles"
// +kubebuilder:validation:XValidation:rule="!has(self.assignments) || self.assignments.all(a, !has(a.appRole) || (has(self.application) && has(self.application.appRoles) && self.application.appRoles.exists(r, r.value == a.appRole)))",message="every spec.assignments[].appRole must be declared in spec.application.appRoles: add the role there or correct its value",fieldPath=".assignments"
// +kubebuilder:validation:XValidation:rule="self.?endpoint.?external.hasValue() == oldSelf.?endpoint.?external.hasValue()",message="spec.endpoint cannot change between managed and external: the accounts live in the server; delete this ScimApp and create a new one",fieldPath=".endpoint"
// +kubebuilder:validation:XValidation:rule="self.?endpoint.?managed.?storage.?postgres.hasValue() || quantity(has(self.endpoint) && has(self.endpoint.managed) && has(self.endpoint.managed.storage) && has(self.endpoint.managed.storage.sqlite) && has(self.endpoint.managed.storage.sqlite.size) ? string(self.endpoint.managed.storage.sqlite.size) : '1Gi').compareTo(quantity(has(oldSelf.endpoint) && has(oldSelf.endpoint.managed) && has(oldSelf.endpoint.managed.storage) && has(oldSelf.endpoint.managed.storage.sqlite) && has(oldSelf.endpoint.managed.storage.sqlite.size) ? string(oldSelf.endpoint.managed.storage.sqlite.size) : '1Gi')) >= 0",message="spec.endpoint.managed.storage.sqlite.size can only grow, and is 1Gi where it is left out: Kubernetes cannot shrink a claim",fieldPath=".endpoint.managed.storage.sqlite.size"
// +kubebuilder:validation:XValidation:rule=`self.?endpoint.?managed.?storage.?postgres.hasValue() || (has(self.endpoint) && has(self.endpoint.managed) && has(self.endpoint.managed.storage) && has(self.endpoint.managed.storage.sqlite) && has(self.endpoint.managed.storage.sqlite.storageClassName) ? self.endpoint.managed.storage.sqlite.storageClassName : "") == (has(oldSelf.endpoint) && has(oldSelf.endpoint.managed) && has(oldSelf.endpoint.managed.storage) && has(oldSelf.endpoint.managed.storage.sqlite) && has(oldSelf.endpoint.managed.storage.sqlite.storageClassName) ? oldSelf.endpoint.managed.storage.sqlite.storageClassName : "")`,message="spec.endpoint.managed.storage.sqlite.storageClassName is immutable: a claim cannot change its class",fieldPath=".endpoint.managed.storage.sqlite.storageClassName"
// +kubebuilder:validation:XValidation:rule="self.?endpoint.?managed.?storage.?postgres.hasValue() || !oldSelf.?endpoint.?managed.?storage.?postgres.hasValue()",message="spec.endpoint.managed.storage cannot change from postgres to sqlite: the accounts would be left behind in PostgreSQL; keep postgres, or delete this ScimApp and create a new one",fieldPath=".endpoint.managed.storage"
// +kubebuilder:validation:XValidation:rule="oldSelf.?endpoint.?managed.?storage.?postgres.hasValue() || !self.?endpoint.?managed.?storage.?postgres.hasValue() || self.?endpoint.?managed.?storage.?postgres.?migrateFrom.hasValue()",message="spec.endpoint.managed.storage.postgres.migrateFrom must be SQLite where the accounts were in SQLite before: else everybody would get a new account in an empty database; set it, and move the accounts as docs/kinds/scimapp.md says",fieldPath=".endpoint.managed.storage.postgres.migrateFrom"
// +kubebuilder:validation:XValidation:rule=`(has(self.application) && has(self.application.servicePrincipalID) ? self.application.servicePrincipalID : "") == (has(oldSelf.application) && has(oldSelf.application.servicePrincipalID) ? oldSelf.application.servicePrincipalID : "")`,message="spec.application.servicePrincipalID is immutable: delete this ScimApp, which leaves the application in Entra, and create a new one",fieldPath=".application.servicePrincipalID"
// +kubebuilder:validation:XValidation:rule="!has(self.deletionPolicy) || self.deletionPolicy != 'Delete' || !has(self.application) || !has(self.application.servicePrincipalID)",message="spec.deletionPolicy must be Retain with creationPolicy AdoptOnly: the operator deletes only what it made",fieldPath=".deletionPolicy"
type ScimAppSpec struct {
	// tenantRef names the EntraTenant in which the application lives. One of its grants has to name
	// this namespace. It cannot be changed.
	// +required
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="spec.tenantRef is immutable: an application cannot move to another tenant; delete this ScimApp and create a new one"
	TenantRef TenantReference `json:"tenantRef,omitzero"`

	// suspend stops every pass over this object while true: nothing is changed and status stays as it
	// was. Deleting the object still follows deletionPolicy. Default false.
	// +optional
	Suspend *bool `json:"suspend,omitempty"`

	// interval is how often the operator looks for drift, with some jitter. Default 1h; at least 1m.
	// +optional
	// +kubebuilder:validation:XValidation:rule="duration(self) >= duration('1m')",message="spec.interval must be at least 1m: Entra limits how often it may be asked"
	Interval *Duration `json:"interval,omitempty"`

	// driftPolicy says what becomes of what somebody changes in Entra beside the manifest: Correct (the default) sets it back,
	// Report leaves it and says so in the condition InSync and in status.drift. Today it is about the attribute mappings
	// alone; all else is always set back.
	// +optional
	DriftPolicy DriftPolicy `json:"driftPolicy,omitempty"`

	// deletionPolicy says what happens in Entra when this object is deleted. Retain (the default)
	// pauses the job and leaves everything in Entra; Delete deletes the job and the enterprise
	// application, which stays restorable in Entra for 30 days. Neither removes people from the app.
	// +optional
	DeletionPolicy DeletionPolicy `json:"deletionPolicy,omitempty"`

	// application describes the enterprise application. Empty means defaults throughout.
	// +optional
	Application *ApplicationSpec `json:"application,omitempty"`

	// endpoint is the SCIM server that Entra talks to. Empty means a managed one.
	// +optional
	Endpoint *EndpointSpec `json:"endpoint,omitempty"`

	// authentication is how Entra proves itself to the endpoint. Empty means a bearer token that the
	// operator mints and keeps in its own namespace.
	// +optional
	Authentication *AuthenticationSpec `json:"authentication,omitempty"`

	// compatibility is the form of Entra's PATCH requests. Default is Entra's usual form; RFC asks for
	// the form of RFC 7644 (Entra's flag aadOptscim062020). The managed endpoint takes both.
	// +optional
	Compatibility Compatibility `json:"compatibility,omitempty"`

	// roles is how app roles reach the app's roles attribute. Assertive sends all of a person's roles and
	// removes those that were lost; Single sends one; None sends none. Default: Assertive where
	// application.appRoles is not empty and the scope is Assigned, else None.
	// +optional
	Roles RoleMapping `json:"roles,omitempty"`

	// attributeMappings are the AttributeMappings of this namespace and the ClusterAttributeMappings to apply. Several may
	// be about one object type, as long as each target, and each of base, state, actions and scope, is set by one of them. An
	// object type without any keeps Entra's default mapping untouched.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=8
	// +kubebuilder:validation:XValidation:rule="self.all(a, self.exists_one(b, (has(a.name) ? a.name : '') == (has(b.name) ? b.name : '') && (has(a.clusterName) ? a.clusterName : '') == (has(b.clusterName) ? b.clusterName : '')))",message="attributeMappings names one mapping twice: remove one of the two"
	AttributeMappings []AttributeMappingReference `json:"attributeMappings,omitempty"`

	// assignments are the users and groups that are provisioned, with their app roles. Only what is
	// listed here is ever removed again; assignments made by others stay. At most 1,500.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=1500
	Assignments []Assignment `json:"assignments,omitempty"`

	// provisioning holds the job's settings. Empty means: running, assigned users and groups only.
	// +optional
	Provisioning *ProvisioningSpec `json:"provisioning,omitempty"`
}

// TenantReference names an EntraTenant.
type TenantReference struct {
	// name is the EntraTenant's name.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name,omitempty"`
}

// DriftPolicy is what becomes of a difference that somebody else made.
// +kubebuilder:validation:Enum=Correct;Report
type DriftPolicy string

// The drift policies.
const (
	DriftCorrect DriftPolicy = "Correct"
	DriftReport  DriftPolicy = "Report"
)

// DeletionPolicy is what happens in Entra when a ScimApp is deleted.
// +kubebuilder:validation:Enum=Retain;Delete
type DeletionPolicy string

// The deletion policies.
const (
	DeletionPolicyRetain DeletionPolicy = "Retain"
	DeletionPolicyDelete DeletionPolicy = "Delete"
)

// Compatibility is a form of Entra's PATCH requests.
// +kubebuilder:validation:Enum=Default;RFC
type Compatibility string

// The compatibilities.
const (
	CompatibilityDefault Compatibility = "Default"
	CompatibilityRFC     Compatibility = "RFC"
)

// RoleMapping is how app roles are mapped.
// +kubebuilder:validation:Enum=Assertive;Single;None
type RoleMapping string

// The role mappings.
const (
	RolesAssertive RoleMapping = "Assertive"
	RolesSingle    RoleMapping = "Single"
	RolesNone      RoleMapping = "None"
)

// ApplicationSpec is the enterprise application in Entra ID.
//
// +kubebuilder:validation:XValidation:rule="has(self.servicePrincipalID) == (has(self.creationPolicy) && self.creationPolicy == 'AdoptOnly')",message="servicePrincipalID goes with creationPolicy AdoptOnly and is required there"
type ApplicationSpec struct {
	// creationPolicy says where the application comes from. Create (the default): the operator makes it. AdoptOnly: the operator
	// takes up the one that servicePrincipalID names, marks it, and never makes or deletes one; a grant of the tenant has to
	// list it in adopt.
	// +optional
	CreationPolicy CreationPolicy `json:"creationPolicy,omitempty"`

	// servicePrincipalID is the object ID of the enterprise application to take up, with creationPolicy AdoptOnly. It cannot
	// be changed.
	// +optional
	ServicePrincipalID ObjectID `json:"servicePrincipalID,omitempty"`

	// displayName is the name that people and admins see. Default: this object's name; with creationPolicy AdoptOnly the
	// name that the application has.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=100
	DisplayName string `json:"displayName,omitempty"`

	// visibility says whether assigned people see a tile in My Apps. Hidden (the default) or Visible. With creationPolicy
	// AdoptOnly the default is what the application has.
	// +optional
	Visibility Visibility `json:"visibility,omitempty"`

	// owners are the object IDs of users or service principals that own the application beside the
	// operator. They are added, never removed. The tenant's grant has to allow each.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=90
	Owners []ObjectID `json:"owners,omitempty"`

	// notes is free text for the admins of the tenant. Empty leaves the application's notes alone.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	Notes string `json:"notes,omitempty"`

	// serviceManagementReference is the ID of the app in a service management database. Some tenants
	// demand it when an application is created. Empty leaves it out.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=256
	ServiceManagementReference string `json:"serviceManagementReference,omitempty"`

	// appRoles are the roles that assignments can give. Roles of the application that are not listed
	// stay as they are; one that was listed and is no more is first disabled, then removed.
	// +optional
	// +listType=map
	// +listMapKey=value
	// +kubebuilder:validation:MaxItems=100
	AppRoles []AppRole `json:"appRoles,omitempty"`
}

// CreationPolicy is where an application comes from.
// +kubebuilder:validation:Enum=Create;AdoptOnly
type CreationPolicy string

// The creation policies.
const (
	CreationCreate    CreationPolicy = "Create"
	CreationAdoptOnly CreationPolicy = "AdoptOnly"
)

// Visibility says whether an application has a tile.
// +kubebuilder:validation:Enum=Hidden;Visible
type Visibility string

// The visibilities.
const (
	VisibilityHidden  Visibility = "Hidden"
	VisibilityVisible Visibility = "Visible"
)

// AppRole is one role of the application.
type AppRole struct {
	// value is what the app receives as the role's value. No spaces; unique in the application.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=120
	// +kubebuilder:validation:Pattern=`^[A-Za-z0-9!#$%&'()*+,\-./:;<=>?@\[\]^_{|}~]+$`
	Value string `json:"value,omitempty"`

	// displayName is what admins see when they assign the role.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=100
	DisplayName string `json:"displayName,omitempty"`

	// description explains the role to admins. Default: displayName.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	Description string `json:"description,omitempty"`
}

// AuthenticationSpec is how Entra proves itself to the endpoint.
type AuthenticationSpec struct {
	// existingSecretRef names a token of yours in a Secret of this namespace. Nothing is minted or
	// rotated then; a changed Secret is sent to Entra. The operator may read it only if a RoleBinding in
	// this namespace gives it the ClusterRole scim-operator-app-secrets, and uses it only if the Secret has the
	// label scim-operator.io/token: "true".
	// +optional
	ExistingSecretRef *LocalSecretKeyReference `json:"existingSecretRef,omitempty"`
}

// AttributeMappingReference names an AttributeMapping of the same namespace, or a ClusterAttributeMapping.
//
// +kubebuilder:validation:XValidation:rule="has(self.name) != has(self.clusterName)",message="set one of name, for an AttributeMapping of this namespace, and clusterName, for a ClusterAttributeMapping"
type AttributeMappingReference struct {
	// name is the name of an AttributeMapping of this namespace.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name,omitempty"`

	// clusterName is the name of a ClusterAttributeMapping.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	ClusterName string `json:"clusterName,omitempty"`
}

// Assignment gives one user or group, with a role, to the application.
//
// +kubebuilder:validation:XValidation:rule="has(self.group) != has(self.user)",message="set exactly one of group and user"
type Assignment struct {
	// name is this entry's own name, unique in the list. It is not sent to Entra.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:Pattern=`^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`
	Name string `json:"name,omitempty"`

	// group is a group; its direct members are provisioned. Groups inside it are not expanded by Entra.
	// +optional
	Group *GroupReference `json:"group,omitempty"`

	// user is one person.
	// +optional
	User *UserReference `json:"user,omitempty"`

	// appRole is the value of a role in application.appRoles. Empty means the application's basic access.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=120
	AppRole string `json:"appRole,omitempty"`
}

// GroupReference names a group of the tenant.
//
// +kubebuilder:validation:XValidation:rule="has(self.objectID) || has(self.displayName)",message="set objectID, or displayName if the name is unique in the tenant"
type GroupReference struct {
	// objectID is the group's object ID. It wins over displayName, which then only explains it to readers.
	// +optional
	ObjectID ObjectID `json:"objectID,omitempty"`

	// displayName finds the group once, by its whole name; from then on its object ID is used, so a rename
	// changes nothing. Names are not unique in Entra: prefer objectID.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=256
	DisplayName string `json:"displayName,omitempty"`
}

// UserReference names a person of the tenant.
//
// +kubebuilder:validation:XValidation:rule="has(self.objectID) || has(self.userPrincipalName)",message="set objectID or userPrincipalName"
type UserReference struct {
	// objectID is the user's object ID. It wins over userPrincipalName, which then only explains it to readers.
	// +optional
	ObjectID ObjectID `json:"objectID,omitempty"`

	// userPrincipalName finds the user once; from then on the object ID is used.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=256
	UserPrincipalName string `json:"userPrincipalName,omitempty"`
}

// ProvisioningSpec holds the settings of the provisioning job.
type ProvisioningSpec struct {
	// state is whether the job runs. Running (the default) or Paused.
	// +optional
	State ProvisioningState `json:"state,omitempty"`

	// scope is who is provisioned. Assigned (the default): assigned users, assigned groups and their
	// direct members. All: everybody in the tenant; the tenant's grant has to allow it by name.
	// +optional
	Scope ProvisioningScope `json:"scope,omitempty"`

	// notificationEmail is where Entra writes when the job goes into quarantine: one address, which may
	// be a mail group. Empty means no mail.
	// +optional
	// +kubebuilder:validation:MinLength=3
	// +kubebuilder:validation:MaxLength=254
	// +kubebuilder:validation:Pattern=`^[^@\s;,]+@[^@\s;,]+$`
	NotificationEmail string `json:"notificationEmail,omitempty"`

	// accidentalDeletions makes Entra hold back a cycle that would remove or disable too many.
	// Empty means enabled with a threshold of 500.
	// +optional
	AccidentalDeletions *AccidentalDeletions `json:"accidentalDeletions,omitempty"`

	// outOfScope is what happens to people who are unassigned or fall out of scope. Disable (the default)
	// sets active to false in the app; Keep leaves their accounts as they are.
	// +optional
	OutOfScope OutOfScope `json:"outOfScope,omitempty"`
}

// ProvisioningState is whether a job runs.
// +kubebuilder:validation:Enum=Running;Paused
type ProvisioningState string

// The provisioning states.
const (
	ProvisioningRunning ProvisioningState = "Running"
	ProvisioningPaused  ProvisioningState = "Paused"
)

// ProvisioningScope is who is provisioned.
// +kubebuilder:validation:Enum=Assigned;All
type ProvisioningScope string

// The provisioning scopes.
const (
	ScopeAssigned ProvisioningScope = "Assigned"
	ScopeAll      ProvisioningScope = "All"
)

// OutOfScope is what happens to people who leave the scope.
// +kubebuilder:validation:Enum=Disable;Keep
type OutOfScope string

// The treatments of people out of scope.
const (
	OutOfScopeDisable OutOfScope = "Disable"
	OutOfScopeKeep    OutOfScope = "Keep"
)

// AccidentalDeletions is Entra's protection against mass removal.
type AccidentalDeletions struct {
	// protection is Enabled (the default) or Disabled.
	// +optional
	Protection Protection `json:"protection,omitempty"`

	// threshold is how many removals of one cycle are still carried out. Default 500.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=100000
	Threshold *int32 `json:"threshold,omitempty"`
}

// Protection switches a safeguard.
// +kubebuilder:validation:Enum=Enabled;Disabled
type Protection string

// The states of a safeguard.
const (
	ProtectionEnabled  Protection = "Enabled"
	ProtectionDisabled Protection = "Disabled"
)

// ScimApp connects one application to Microsoft Entra ID: a SCIM endpoint, an enterprise application and
// a provisioning job that keeps the app's users, groups and roles as Entra has them.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:path=scimapps,shortName=sapp,categories=scim
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Job",type=string,JSONPath=`.status.job.state`
// +kubebuilder:printcolumn:name="Users",type=integer,JSONPath=`.status.job.entries[?(@.type=="User")].count`
// +kubebuilder:printcolumn:name="Groups",type=integer,JSONPath=`.status.job.entries[?(@.type=="Group")].count`
// +kubebuilder:printcolumn:name="Problem",type=string,JSONPath=`.status.conditions[?(@.type=="Stalled")].reason`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="Endpoint",type=string,priority=1,JSONPath=`.status.endpoint.url`
// +kubebuilder:printcolumn:name="Suspended",type=boolean,priority=1,JSONPath=`.spec.suspend`
// +kubebuilder:printcolumn:name="Application ID",type=string,priority=1,JSONPath=`.status.application.appID`
// +kubebuilder:validation:XValidation:rule="self.metadata.name.size() <= 40 && self.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$')",message="metadata.name must begin with a letter, hold only a-z, 0-9 and -, and have at most 40 characters: the names of the Service and the pods are made from it"
type ScimApp struct {
	metav1.TypeMeta `json:",inline"`
	// metadata is the standard object's metadata.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty,omitzero"`

	// spec is what is wanted.
	// +required
	Spec ScimAppSpec `json:"spec,omitzero"`

	// status is what was found. The operator alone writes it.
	// +optional
	// +kubebuilder:default={"observedGeneration":-1}
	Status ScimAppStatus `json:"status,omitempty,omitzero"`
}

// ScimAppList is a list of ScimApps.
// +kubebuilder:object:root=true
type ScimAppList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []ScimApp `json:"items"`
}
