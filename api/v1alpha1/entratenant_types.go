package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// EntraTenantSpec is one Entra ID directory, the credentials for it, and what each namespace may do with it.
//
// +kubebuilder:validation:XValidation:rule="has(self.custom) == (has(self.cloud) && self.cloud == 'Custom')",message="spec.custom goes with spec.cloud Custom and is required there"
type EntraTenantSpec struct {
	// tenantID is the directory's ID, a GUID in lower case. It cannot be changed.
	// +required
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="spec.tenantID is immutable: create another EntraTenant for another directory"
	TenantID ObjectID `json:"tenantID,omitempty"`

	// instance is this installation's name in the marks that the operator puts on what it makes in Entra. Keep it in
	// Git: a rebuilt cluster finds its applications by it. It cannot be changed.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=40
	// +kubebuilder:validation:Pattern=`^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="spec.instance is immutable: the operator would no longer know its own applications"
	Instance string `json:"instance,omitempty"`

	// cloud is Microsoft's cloud that holds the directory: Public (the default), USGovernment,
	// USGovernmentDoD, China, or Custom for another server that speaks Microsoft Graph, such as the simulator.
	// +optional
	Cloud Cloud `json:"cloud,omitempty"`

	// custom gives the addresses of a Custom cloud.
	// +optional
	Custom *CustomCloud `json:"custom,omitempty"`

	// credentials are the operator's identity in the directory.
	// +required
	Credentials Credentials `json:"credentials,omitzero"`

	// grants say what the ScimApps of each namespace may do. A namespace that no grant names may do nothing;
	// several grants for one namespace add up.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=256
	Grants []Grant `json:"grants,omitempty"`
}

// Cloud is a cloud of Microsoft, or Custom.
// +kubebuilder:validation:Enum=Public;USGovernment;USGovernmentDoD;China;Custom
type Cloud string

// The clouds.
const (
	CloudPublic          Cloud = "Public"
	CloudUSGovernment    Cloud = "USGovernment"
	CloudUSGovernmentDoD Cloud = "USGovernmentDoD"
	CloudChina           Cloud = "China"
	CloudCustom          Cloud = "Custom"
)

// CustomCloud gives the addresses of a server that speaks Microsoft Graph.
type CustomCloud struct {
	// graphURL is the root of Graph without a version, such as https://entra-sim.example.com.
	// +required
	// +kubebuilder:validation:MinLength=9
	// +kubebuilder:validation:MaxLength=512
	// +kubebuilder:validation:XValidation:rule="isURL(self) && url(self).getScheme() == 'https'",message="spec.custom.graphURL must be an https URL"
	GraphURL string `json:"graphURL,omitempty"`

	// authorityURL is the root of the token service; the tenant's ID is appended to it.
	// +required
	// +kubebuilder:validation:MinLength=9
	// +kubebuilder:validation:MaxLength=512
	// +kubebuilder:validation:XValidation:rule="isURL(self) && url(self).getScheme() == 'https'",message="spec.custom.authorityURL must be an https URL"
	AuthorityURL string `json:"authorityURL,omitempty"`

	// caBundle are PEM certificates that are trusted for both. Empty means the roots that the operator's system trusts.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=65536
	CABundle string `json:"caBundle,omitempty"`
}

// Credentials are the operator's identity in a directory: exactly one kind.
//
// +kubebuilder:validation:XValidation:rule="has(self.workloadIdentity) != has(self.clientSecret)",message="set exactly one of workloadIdentity and clientSecret"
type Credentials struct {
	// workloadIdentity uses the operator's own ServiceAccount, federated with an app registration. Preferred: there is no
	// secret to leak or to expire.
	// +optional
	WorkloadIdentity *WorkloadIdentity `json:"workloadIdentity,omitempty"`

	// clientSecret uses a secret of an app registration.
	// +optional
	ClientSecret *ClientSecret `json:"clientSecret,omitempty"`
}

// WorkloadIdentity is a federated identity.
type WorkloadIdentity struct {
	// clientID of the app registration.
	// +required
	ClientID ObjectID `json:"clientID,omitempty"`
}

// ClientSecret is a client ID with its secret.
type ClientSecret struct {
	// clientID of the app registration.
	// +required
	ClientID ObjectID `json:"clientID,omitempty"`

	// secretRef names the Secret in the operator's namespace.
	// +required
	SecretRef LocalSecretKeyReference `json:"secretRef,omitzero"`
}

// Grant is what the ScimApps of some namespaces may do.
type Grant struct {
	// name of the grant.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	Name string `json:"name,omitempty"`

	// namespaces are those that the grant is for.
	// +required
	Namespaces NamespaceSelection `json:"namespaces,omitzero"`

	// scopes are the provisioning scopes that are allowed. Empty means Assigned only; All must be named, and includes Assigned.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=2
	Scopes []ProvisioningScope `json:"scopes,omitempty"`

	// groups that may be assigned. Empty means none.
	// +optional
	Groups *GroupGrant `json:"groups,omitempty"`

	// users that may be assigned one by one. Empty means none.
	// +optional
	Users *UserGrant `json:"users,omitempty"`

	// owners that an application may have beside the operator. Empty means none. An owner can change in Entra all that the
	// operator set, the SCIM address, the assignments and the mappings among it, so whoever may name one gets past the other
	// members of this grant.
	// +optional
	Owners *OwnerGrant `json:"owners,omitempty"`

	// endpointHosts are the host names that may be given to Entra as a SCIM address: a name, or *.domain for every name under
	// it. Empty means none.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=64
	// +kubebuilder:validation:items:MaxLength=253
	// +kubebuilder:validation:items:Pattern=`^(\*\.)?[a-z0-9]([-a-z0-9.]*[a-z0-9])?$`
	EndpointHosts []string `json:"endpointHosts,omitempty"`

	// webhookHosts are the host names to which a managed endpoint may send changes of people: a name, or *.domain for every
	// name under it. A Service of the ScimApp's own namespace needs no grant. Empty means nothing else.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=64
	// +kubebuilder:validation:items:MaxLength=253
	// +kubebuilder:validation:items:Pattern=`^(\*\.)?[a-z0-9]([-a-z0-9.]*[a-z0-9])?$`
	WebhookHosts []string `json:"webhookHosts,omitempty"`

	// images are the container images that managed endpoints may run beside the operator's own, with the host of their
	// registry: registry.example.com/scim/endpoint for every tag and digest of one repository, registry.example.com/scim/*
	// for every repository under it. Empty means the operator's own image only.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=64
	// +kubebuilder:validation:items:MaxLength=512
	// +kubebuilder:validation:items:Pattern=`^(localhost|[a-z0-9][-a-z0-9.]*\.[-a-z0-9.]*[a-z0-9]|[a-z0-9][-a-z0-9.]*:[0-9]{1,5})(:[0-9]{1,5})?(/[a-z0-9][-a-z0-9._]*)*/(\*|[a-z0-9][-a-z0-9._]*)$`
	Images []string `json:"images,omitempty"`

	// podTemplate says what a ScimApp may put into the pods of its endpoint. Empty means nothing that other parts of the cluster
	// act on: no labels, annotations, tolerations or priority class.
	// +optional
	PodTemplate *PodTemplateGrant `json:"podTemplate,omitempty"`

	// adopt are the applications that may be taken up, each by one ScimApp. Whoever takes one up may change its provisioning,
	// its mappings and its assignments. Empty means none.
	// +optional
	// +listType=map
	// +listMapKey=servicePrincipalID
	// +kubebuilder:validation:MaxItems=256
	Adopt []AdoptGrant `json:"adopt,omitempty"`

	// sourceAttributes limits what may be sent to the app. Empty means that every attribute may be.
	// +optional
	SourceAttributes *SourceAttributeGrant `json:"sourceAttributes,omitempty"`
}

// NamespaceSelection selects namespaces by name, by label, or both.
type NamespaceSelection struct {
	// names of namespaces.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=256
	// +kubebuilder:validation:items:MaxLength=63
	Names []string `json:"names,omitempty"`

	// selector selects by the namespaces' labels. An empty selector names nobody.
	// +optional
	Selector *metav1.LabelSelector `json:"selector,omitempty"`
}

// GroupGrant says which groups may be assigned.
//
// +kubebuilder:validation:XValidation:rule="self.allowed == 'Listed' || (!has(self.objectIDs) && !has(self.displayNamePrefixes))",message="objectIDs and displayNamePrefixes go with allowed: Listed"
type GroupGrant struct {
	// allowed is None, Listed or Any.
	// +required
	Allowed GroupsAllowed `json:"allowed,omitempty"`

	// objectIDs of the groups, with allowed Listed.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=1024
	ObjectIDs []ObjectID `json:"objectIDs,omitempty"`

	// displayNamePrefixes allow every group whose name begins with one of them, with allowed Listed. Whoever may name groups
	// in the directory can widen such a grant.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=64
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=256
	DisplayNamePrefixes []string `json:"displayNamePrefixes,omitempty"`
}

// GroupsAllowed is which groups may be assigned.
// +kubebuilder:validation:Enum=None;Listed;Any
type GroupsAllowed string

// The values of GroupsAllowed.
const (
	GroupsNone   GroupsAllowed = "None"
	GroupsListed GroupsAllowed = "Listed"
	GroupsAny    GroupsAllowed = "Any"
)

// UserGrant says whether users may be assigned one by one.
type UserGrant struct {
	// allowed is None or Any.
	// +required
	Allowed UsersAllowed `json:"allowed,omitempty"`
}

// UsersAllowed is which users may be assigned.
// +kubebuilder:validation:Enum=None;Any
type UsersAllowed string

// The values of UsersAllowed.
const (
	UsersNone UsersAllowed = "None"
	UsersAny  UsersAllowed = "Any"
)

// AdoptGrant lets one ScimApp take up an application.
type AdoptGrant struct {
	// servicePrincipalID is the object ID of the enterprise application.
	// +required
	ServicePrincipalID ObjectID `json:"servicePrincipalID,omitempty"`

	// app is the name of the ScimApp that may take it up, in the namespaces of the grant.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	App string `json:"app,omitempty"`
}

// OwnerGrant says who may own applications beside the operator.
//
// +kubebuilder:validation:XValidation:rule="self.allowed == 'Listed' || !has(self.objectIDs)",message="spec.grants[].owners.objectIDs goes with allowed: Listed; set it, or remove objectIDs"
type OwnerGrant struct {
	// allowed is None, Listed or Any. With Any, whoever may write a ScimApp may make himself owner.
	// +required
	Allowed OwnersAllowed `json:"allowed,omitempty"`

	// objectIDs of the users or service principals, with allowed Listed.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=1024
	ObjectIDs []ObjectID `json:"objectIDs,omitempty"`
}

// OwnersAllowed is who may own applications.
// +kubebuilder:validation:Enum=None;Listed;Any
type OwnersAllowed string

// The values of OwnersAllowed.
const (
	OwnersNone   OwnersAllowed = "None"
	OwnersListed OwnersAllowed = "Listed"
	OwnersAny    OwnersAllowed = "Any"
)

// PodTemplateGrant says what may be in spec.endpoint.managed.podTemplate. Each list has names, or beginnings of names followed
// by *; * alone is every name.
type PodTemplateGrant struct {
	// labels are keys of labels, such as team or example.com/*. A label can make Services, NetworkPolicies and webhooks of
	// others take the pod for one of theirs. Empty means none.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=64
	// +kubebuilder:validation:items:MaxLength=317
	// +kubebuilder:validation:items:Pattern=`^(\*|[A-Za-z0-9][-A-Za-z0-9._/]*\*?)$`
	Labels []string `json:"labels,omitempty"`

	// annotations are keys of annotations, such as prometheus.io/*. An annotation can make webhooks and network plugins change
	// the pod. Empty means none.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=64
	// +kubebuilder:validation:items:MaxLength=317
	// +kubebuilder:validation:items:Pattern=`^(\*|[A-Za-z0-9][-A-Za-z0-9._/]*\*?)$`
	Annotations []string `json:"annotations,omitempty"`

	// tolerations are keys of taints that pods may tolerate, and so nodes that are kept for others. A toleration without a key
	// is for every taint and needs * alone. Empty means none.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=64
	// +kubebuilder:validation:items:MaxLength=317
	// +kubebuilder:validation:items:Pattern=`^(\*|[A-Za-z0-9][-A-Za-z0-9._/]*\*?)$`
	Tolerations []string `json:"tolerations,omitempty"`

	// priorityClassNames are the priority classes that pods may have. One above others takes their place on a full node.
	// Empty means none.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=64
	// +kubebuilder:validation:items:MaxLength=253
	// +kubebuilder:validation:items:Pattern=`^(\*|[a-z0-9][-a-z0-9.]*\*?)$`
	PriorityClassNames []string `json:"priorityClassNames,omitempty"`
}

// SourceAttributeGrant limits what may be sent to apps.
type SourceAttributeGrant struct {
	// deny lists source attributes that no mapping may use, neither directly nor inside an expression nor in a scope.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=256
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=256
	Deny []string `json:"deny,omitempty"`
}

// EntraTenantStatus is whether the credentials work and what they may do.
type EntraTenantStatus struct {
	// observedGeneration is the generation that this status is about; -1 before the first pass.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// conditions hold Ready: whether the credentials work.
	// +optional
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=8
	Conditions []metav1.Condition `json:"conditions,omitempty"`

	// identity is the object ID of the operator's own service principal.
	// +optional
	// +kubebuilder:validation:MaxLength=36
	Identity string `json:"identity,omitempty"`

	// permissions are those that the operator needs, granted or missing, and what stops working without each.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=32
	Permissions []PermissionStatus `json:"permissions,omitempty"`

	// usedBy tells which ScimApps use this tenant.
	// +optional
	UsedBy *UsedBy `json:"usedBy,omitempty"`
}

// PermissionStatus is one application permission of Microsoft Graph.
type PermissionStatus struct {
	// name of the permission, such as Synchronization.ReadWrite.All.
	// +required
	// +kubebuilder:validation:MaxLength=128
	Name string `json:"name,omitempty"`

	// state is Granted or Missing.
	// +optional
	State PermissionState `json:"state,omitempty"`

	// neededFor says what does not work without it.
	// +optional
	// +kubebuilder:validation:MaxLength=256
	NeededFor string `json:"neededFor,omitempty"`
}

// PermissionState is whether a permission is there.
// +kubebuilder:validation:Enum=Granted;Missing
type PermissionState string

// The permission states.
const (
	PermissionGranted PermissionState = "Granted"
	PermissionMissing PermissionState = "Missing"
)

// EntraTenant is one Entra ID directory that ScimApps may use.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:path=entratenants,scope=Cluster,shortName=etenant,categories=scim
// +kubebuilder:printcolumn:name="Tenant",type=string,JSONPath=`.spec.tenantID`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Apps",type=integer,JSONPath=`.status.usedBy.count`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type EntraTenant struct {
	metav1.TypeMeta `json:",inline"`
	// metadata is the standard object's metadata.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty,omitzero"`

	// spec is what is wanted.
	// +required
	Spec EntraTenantSpec `json:"spec,omitzero"`

	// status is what was found. The operator alone writes it.
	// +optional
	// +kubebuilder:default={"observedGeneration":-1}
	Status EntraTenantStatus `json:"status,omitempty,omitzero"`
}

// EntraTenantList is a list of EntraTenants.
// +kubebuilder:object:root=true
type EntraTenantList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []EntraTenant `json:"items"`
}
