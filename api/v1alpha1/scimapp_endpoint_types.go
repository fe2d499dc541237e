package v1alpha1

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// EndpointSpec is the SCIM server that Entra talks to: at most one of managed and external; none means
// managed.
//
// +kubebuilder:validation:XValidation:rule="!(has(self.managed) && has(self.external))",message="set at most one of spec.endpoint.managed and spec.endpoint.external: an app has one SCIM server; none means managed"
// +kubebuilder:validation:XValidation:rule="!(has(self.external) && has(self.exposure))",message="spec.endpoint.exposure does not go with spec.endpoint.external: an external server already has its address in external.url"
type EndpointSpec struct {
	// managed is a SCIM server that the operator runs in this namespace.
	// +optional
	Managed *ManagedEndpoint `json:"managed,omitempty"`

	// external is a SCIM server that is already reachable for Entra. It needs
	// authentication.existingSecretRef.
	// +optional
	External *ExternalEndpoint `json:"external,omitempty"`

	// exposure is how Entra reaches a managed endpoint. It may be left out only in a tenant with
	// cloud Custom, which is then given the address inside the cluster.
	// +optional
	Exposure *Exposure `json:"exposure,omitempty"`
}

// ManagedEndpoint is a SCIM server of ours.
//
// +kubebuilder:validation:XValidation:rule="!has(self.replicas) || self.replicas == 1",message="spec.endpoint.managed.replicas must be 1 with SQLite storage: its file has one writer; leave replicas out"
type ManagedEndpoint struct {
	// replicas is the number of pods. SQLite allows one, which is the default.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=20
	Replicas *int32 `json:"replicas,omitempty"`

	// image is the container image of the endpoint, with the host of its registry. Default: the one that the operator was
	// started with. Another has to be granted.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=512
	Image string `json:"image,omitempty"`

	// storage is where accounts, groups and memberships are kept. Empty means SQLite on a claim of 1Gi.
	// +optional
	Storage *Storage `json:"storage,omitempty"`

	// podTemplate adjusts the endpoint's pods.
	// +optional
	PodTemplate *PodTemplate `json:"podTemplate,omitempty"`
}

// Storage is where a managed endpoint keeps its data.
type Storage struct {
	// sqlite is an embedded database on a volume of its own.
	// +optional
	SQLite *SQLiteStorage `json:"sqlite,omitempty"`
}

// SQLiteStorage is a database file on a PersistentVolumeClaim.
//
// +kubebuilder:validation:XValidation:rule="!has(self.size) || quantity(string(self.size)).isGreaterThan(quantity('0'))",message="spec.endpoint.managed.storage.sqlite.size must be more than 0, such as 1Gi"
type SQLiteStorage struct {
	// size of the claim. Default 1Gi, enough for about 300,000 users. It can only grow.
	// +optional
	Size *resource.Quantity `json:"size,omitempty"`

	// storageClassName of the claim. Empty means the cluster's default class. It cannot be changed.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	StorageClassName string `json:"storageClassName,omitempty"`

	// whenDeleted is what happens to the claim when this ScimApp is deleted. Retain (the default) keeps it,
	// and a ScimApp of the same name takes it up again; Delete deletes all accounts with it.
	// +optional
	WhenDeleted WhenDeleted `json:"whenDeleted,omitempty"`
}

// WhenDeleted is what happens to a claim.
// +kubebuilder:validation:Enum=Retain;Delete
type WhenDeleted string

// The fates of a claim.
const (
	WhenDeletedRetain WhenDeleted = "Retain"
	WhenDeletedDelete WhenDeleted = "Delete"
)

// PodTemplate adjusts the pods of a managed endpoint.
type PodTemplate struct {
	// labels are added to the pods. Each key has to be granted.
	// +optional
	// +kubebuilder:validation:MaxProperties=32
	// +kubebuilder:validation:XValidation:rule="self.all(k, !k.startsWith('scim-operator.io/') && !k.startsWith('app.kubernetes.io/') && !k.startsWith('apps.kubernetes.io/') && !k.startsWith('statefulset.kubernetes.io/') && k != 'controller-revision-hash')",message="spec.endpoint.managed.podTemplate.labels must have no key under scim-operator.io, app.kubernetes.io, apps.kubernetes.io or statefulset.kubernetes.io, nor controller-revision-hash: the operator and Kubernetes set these; use a key of your own"
	Labels map[string]string `json:"labels,omitempty"`

	// annotations are added to the pods. Each key has to be granted.
	// +optional
	// +kubebuilder:validation:MaxProperties=32
	Annotations map[string]string `json:"annotations,omitempty"`

	// resources of the endpoint's container. Default: requests of 20m CPU and 64Mi, a memory limit of 512Mi.
	// +optional
	Resources *corev1.ResourceRequirements `json:"resources,omitempty"`

	// nodeSelector restricts the nodes.
	// +optional
	// +kubebuilder:validation:MaxProperties=32
	NodeSelector map[string]string `json:"nodeSelector,omitempty"`

	// tolerations of the pods. Each key has to be granted.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=32
	Tolerations []corev1.Toleration `json:"tolerations,omitempty"`

	// affinity of the pods.
	// +optional
	Affinity *corev1.Affinity `json:"affinity,omitempty"`

	// priorityClassName of the pods. It has to be granted.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	PriorityClassName string `json:"priorityClassName,omitempty"`

	// imagePullSecrets are Secrets of this namespace for pulling the image.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=8
	ImagePullSecrets []corev1.LocalObjectReference `json:"imagePullSecrets,omitempty"`
}

// ExternalEndpoint is a SCIM server elsewhere.
type ExternalEndpoint struct {
	// url is the SCIM base URL, with the version and without a query, such as
	// https://wiki.example.com/scim/v2. Entra accepts https only.
	// +required
	// +kubebuilder:validation:MinLength=9
	// +kubebuilder:validation:MaxLength=512
	// +kubebuilder:validation:XValidation:rule="isURL(self) && self.matches('^https://[A-Za-z0-9]([-A-Za-z0-9.]*[A-Za-z0-9])?(:[0-9]{1,5})?(/[-A-Za-z0-9._~/%]*)?$')",message="spec.endpoint.external.url must be an https URL of an ASCII host name, with a port and a path if you like and without a user, query, fragment or backslash, such as https://wiki.example.com/scim/v2"
	URL string `json:"url,omitempty"`
}

// Exposure is how Entra reaches a managed endpoint.
type Exposure struct {
	// url is the address that you made lead to the endpoint's Service, with the base path /scim/v2, such
	// as https://scim.wiki.example.com/scim/v2.
	// +required
	// +kubebuilder:validation:MinLength=9
	// +kubebuilder:validation:MaxLength=512
	// +kubebuilder:validation:XValidation:rule="isURL(self) && self.matches('^https://[A-Za-z0-9]([-A-Za-z0-9.]*[A-Za-z0-9])?(:[0-9]{1,5})?(/[-A-Za-z0-9._~/%]*)?$')",message="spec.endpoint.exposure.url must be an https URL of an ASCII host name, with a port and a path if you like and without a user, query, fragment or backslash, such as https://scim.wiki.example.com/scim/v2"
	URL string `json:"url,omitempty"`
}
