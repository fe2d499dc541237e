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
// +kubebuilder:validation:XValidation:rule="!has(self.replicas) || self.replicas == 1 || (has(self.storage) && has(self.storage.postgres))",message="spec.endpoint.managed.replicas above 1 needs spec.endpoint.managed.storage.postgres: a SQLite file has one writer; set storage.postgres, or leave replicas out"
// +kubebuilder:validation:XValidation:rule="!has(self.delivery) || !has(self.delivery.webhook) || !has(self.retention) || !has(self.retention.audit) || duration(self.retention.audit) == duration('0s') || ((!has(self.retention.outbox) || duration(self.retention.audit) >= duration(self.retention.outbox)) && (!has(self.retention.deadLetters) || duration(self.retention.audit) >= duration(self.retention.deadLetters)))",message="spec.endpoint.managed.retention.audit must not be shorter than retention.outbox and retention.deadLetters where delivery.webhook is set: an event is made of the record of its change; write the longest of them or more"
type ManagedEndpoint struct {
	// replicas is the number of pods. Default: 2 with PostgreSQL, 1 with SQLite, which allows no more.
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

	// delivery is where changes of people and groups are sent. Empty means nowhere: the app asks for them.
	// +optional
	Delivery *Delivery `json:"delivery,omitempty"`

	// readTokens are tokens of yours with which an app reads people and groups, and changes nothing: by SCIM,
	// from the change feed and the snapshot. Whoever is no longer in the list is refused.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=16
	// +kubebuilder:validation:XValidation:rule="self.all(a, self.exists_one(b, a.sha256 == b.sha256))",message="spec.endpoint.managed.readTokens has one sha256 twice: give each app a token of its own, made by `scim-endpoint token`"
	ReadTokens []ReadToken `json:"readTokens,omitempty"`

	// retention is how long the endpoint keeps what nobody needs any more. Empty means for ever.
	// +optional
	Retention *Retention `json:"retention,omitempty"`

	// podTemplate adjusts the endpoint's pods.
	// +optional
	PodTemplate *PodTemplate `json:"podTemplate,omitempty"`
}

// ReadToken is a token that may only read. The manifest has its hash, which is no secret; the token itself is given to
// the app alone.
type ReadToken struct {
	// name stands for the token in logs and metrics, such as the name of the app that reads.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$') && self != 'current' && !self.startsWith('previous-')",message="a name in spec.endpoint.managed.readTokens must be lower-case letters, digits and dashes, and neither current nor begin with previous-, which are Entra's tokens; name the app that reads, such as wiki"
	Name string `json:"name,omitempty"`

	// sha256 is the SHA-256 of the token as 64 hexadecimal digits in lower case; `scim-endpoint token` prints a
	// new token and its hash.
	// +required
	// +kubebuilder:validation:MinLength=64
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:XValidation:rule="self.matches('^[0-9a-f]{64}$')",message="a sha256 in spec.endpoint.managed.readTokens must be 64 hexadecimal digits in lower case: take the hash, not the token, that `scim-endpoint token` prints"
	SHA256 string `json:"sha256,omitempty"`
}

// Storage is where a managed endpoint keeps its data: at most one of sqlite and postgres; none means sqlite.
//
// +kubebuilder:validation:XValidation:rule="!(has(self.sqlite) && has(self.postgres))",message="set at most one of spec.endpoint.managed.storage.sqlite and spec.endpoint.managed.storage.postgres: an endpoint has one database; none means sqlite"
type Storage struct {
	// sqlite is an embedded database on a volume of its own, for one pod.
	// +optional
	SQLite *SQLiteStorage `json:"sqlite,omitempty"`

	// postgres is a PostgreSQL database of yours, version 15 or newer, for any number of pods.
	// +optional
	Postgres *PostgresStorage `json:"postgres,omitempty"`
}

// PostgresStorage is a database of yours.
type PostgresStorage struct {
	// connectionSecretRef names the Secret of this namespace that has the connection string. The kubelet
	// hands it to the pods; the operator never reads it. The database's owner has to be in it, since the
	// endpoint makes its own tables.
	// +required
	ConnectionSecretRef ConnectionSecretReference `json:"connectionSecretRef,omitzero"`

	// migrateFrom says that the accounts of another storage are moved into this database: SQLite is
	// required where sqlite was used before. Until they are there the endpoint answers 503. It may stay
	// set. Empty means that there is nothing to be moved.
	// +optional
	MigrateFrom StorageKind `json:"migrateFrom,omitempty"`
}

// StorageKind is a kind of storage.
// +kubebuilder:validation:Enum=SQLite
type StorageKind string

// StorageSQLite is a SQLite database on a claim.
const StorageSQLite StorageKind = "SQLite"

// ConnectionSecretReference names a connection string in a Secret of the object's own namespace.
type ConnectionSecretReference struct {
	// name is the Secret's name, such as wiki-db-app for a CloudNativePG cluster wiki-db.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name,omitempty"`

	// key is the key inside the Secret whose value is a URL, postgres://user:password@host:5432/database.
	// Default uri, as CloudNativePG names it.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Key string `json:"key,omitempty"`
}

// Delivery is where changes of people and groups are sent.
type Delivery struct {
	// webhook receives each change as a signed CloudEvent. Empty means that nothing is sent.
	// +optional
	Webhook *Webhook `json:"webhook,omitempty"`
}

// Webhook is an HTTP receiver.
type Webhook struct {
	// url is where events are sent by POST, mostly a Service of the app, such as
	// http://wiki.docs.svc/hooks/scim. Name a Service with its namespace and .svc, so that the network
	// policy of the endpoint's pods can let the calls out to that namespace alone.
	// +required
	// +kubebuilder:validation:MinLength=8
	// +kubebuilder:validation:MaxLength=512
	// +kubebuilder:validation:XValidation:rule="isURL(self) && self.matches('^https?://[A-Za-z0-9]([-A-Za-z0-9.]*[A-Za-z0-9])?(:[0-9]{1,5})?(/[-A-Za-z0-9._~/%]*)?$')",message="spec.endpoint.managed.delivery.webhook.url must be an http or https URL of an ASCII host name, with a port and a path if you like and without a user, query, fragment or backslash, such as http://wiki.docs.svc/hooks/scim"
	URL string `json:"url,omitempty"`

	// signingSecretRef names the Secret of this namespace that has the secret of Standard Webhooks,
	// whsec_ and then base64. The kubelet hands it to the pods; the operator never reads it.
	// +required
	SigningSecretRef LocalSecretKeyReference `json:"signingSecretRef,omitzero"`
}

// Retention is how long the endpoint keeps what nobody needs any more.
//
// +kubebuilder:validation:XValidation:rule="!has(self.inactive) || duration(self.inactive) >= duration('24h')",message="spec.endpoint.managed.retention.inactive must be at least 24h: an account that is purged cannot be enabled again when its person comes back"
type Retention struct {
	// inactive is for accounts that are not active, counted from their last change: they are purged with
	// their memberships. Default: never.
	// +optional
	Inactive *Duration `json:"inactive,omitempty"`

	// outbox is for events that wait to be delivered: one that waited longer becomes a dead letter. Make it
	// longer than the app may ever be down. Default: for ever.
	// +optional
	Outbox *Duration `json:"outbox,omitempty"`

	// deadLetters is for events that were given up: until then they can be sent again. Default: for ever.
	// +optional
	DeadLetters *Duration `json:"deadLetters,omitempty"`

	// audit is for the record of changes, which the change feed reads: an app that was away for longer
	// begins with a snapshot again. Default: for ever.
	// +optional
	Audit *Duration `json:"audit,omitempty"`
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

	// env are environment variables for the endpoint's container, such as those of a proxy or of a tracing
	// agent. Names that begin with SCIM_ENDPOINT_ are the operator's.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=64
	// +kubebuilder:validation:XValidation:rule="self.all(e, !e.name.startsWith('SCIM_ENDPOINT_'))",message="spec.endpoint.managed.podTemplate.env may not name a variable that begins with SCIM_ENDPOINT_: the operator sets the endpoint's flags; use the fields of spec.endpoint.managed"
	Env []corev1.EnvVar `json:"env,omitempty"`

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

	// topologySpreadConstraints of the pods. One without labelSelector is about the pods of this app.
	// Default with PostgreSQL: spread over nodes where that is possible.
	// +optional
	// +listType=map
	// +listMapKey=topologyKey
	// +listMapKey=whenUnsatisfiable
	// +kubebuilder:validation:MaxItems=8
	TopologySpreadConstraints []corev1.TopologySpreadConstraint `json:"topologySpreadConstraints,omitempty"`

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
