package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// ScimAppStatus is what the operator found and did.
type ScimAppStatus struct {
	// observedGeneration is the generation that this status is about; -1 before the first pass.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// conditions answer the questions of who looks at this object; see docs/kinds/scimapp.md.
	// +optional
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=16
	Conditions []metav1.Condition `json:"conditions,omitempty"`

	// endpoint is the SCIM server as it was found.
	// +optional
	Endpoint *EndpointStatus `json:"endpoint,omitempty"`

	// token is the bearer token that Entra has. It never holds the token itself.
	// +optional
	Token *TokenStatus `json:"token,omitempty"`

	// application is the enterprise application.
	// +optional
	Application *ApplicationStatus `json:"application,omitempty"`

	// assignments are those that the operator made, by the entry's name.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=3000
	Assignments []AssignmentStatus `json:"assignments,omitempty"`

	// job is the provisioning job.
	// +optional
	Job *JobStatus `json:"job,omitempty"`

	// mappings are the attribute mappings that Entra has from us.
	// +optional
	Mappings *MappingsStatus `json:"mappings,omitempty"`

	// drift is what somebody changed in Entra and driftPolicy Report leaves as it is, twenty entries at most.
	// +optional
	// +listType=map
	// +listMapKey=path
	// +kubebuilder:validation:MaxItems=20
	Drift []Drift `json:"drift,omitempty"`

	// handledActions are the actions that were asked for by an annotation and done, each once for its value.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=16
	HandledActions []HandledAction `json:"handledActions,omitempty"`
}

// HandledAction is an action that was done.
type HandledAction struct {
	// name is the annotation's key after scim-operator.io/, such as accept-store.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	Name string `json:"name,omitempty"`

	// value is what the annotation said. The same value is not done again while the annotation stays.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=256
	Value string `json:"value,omitempty"`

	// at is when it was done.
	// +optional
	At *metav1.Time `json:"at,omitempty"`

	// result says what came of it.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	Result string `json:"result,omitempty"`
}

// EndpointStatus is the SCIM server as it was found.
type EndpointStatus struct {
	// url is the SCIM base that Entra was given.
	// +optional
	// +kubebuilder:validation:MaxLength=512
	URL string `json:"url,omitempty"`

	// readyReplicas is the number of ready pods of a managed endpoint.
	// +optional
	ReadyReplicas int32 `json:"readyReplicas,omitempty"`

	// configRevision is the configuration that every ready pod serves.
	// +optional
	// +kubebuilder:validation:MaxLength=64
	ConfigRevision string `json:"configRevision,omitempty"`

	// store is the database that the endpoint is to serve: the one that was first found, or a later one
	// that was accepted.
	// +optional
	Store *StoreStatus `json:"store,omitempty"`
}

// StoreStatus is the state that a managed endpoint's database has reached.
type StoreStatus struct {
	// id is the identity of the database, made together with it.
	// +optional
	// +kubebuilder:validation:MaxLength=64
	ID string `json:"id,omitempty"`

	// sequence is the highest number of a change that the operator has seen in it. A database that shows
	// less was restored from an older copy.
	// +optional
	Sequence int64 `json:"sequence,omitempty"`
}

// TokenStatus is the bearer token that Entra has.
type TokenStatus struct {
	// fingerprint is the beginning of the token's SHA-256, to compare with the endpoint's.
	// +optional
	// +kubebuilder:validation:MaxLength=16
	Fingerprint string `json:"fingerprint,omitempty"`

	// acceptedAt is when Entra proved that it has this token. Tokens that the endpoint accepted before stay accepted until a cycle
	// that began later has ended well.
	// +optional
	AcceptedAt *metav1.Time `json:"acceptedAt,omitempty"`

	// keptAt is when the operator took up an application and left Entra the token that it had, which worked. Absent once Entra has
	// been given the token of the Secret.
	// +optional
	KeptAt *metav1.Time `json:"keptAt,omitempty"`

	// issuedAt is when the operator minted it.
	// +optional
	IssuedAt *metav1.Time `json:"issuedAt,omitempty"`
}

// ApplicationStatus is the enterprise application.
type ApplicationStatus struct {
	// creating is the unique name under which the application is being created. It is saved before the
	// request, so that a lost answer leads to no second application.
	// +optional
	// +kubebuilder:validation:MaxLength=160
	Creating string `json:"creating,omitempty"`

	// creationAttempt counts the creation names that were given up, because nothing appeared under them.
	// +optional
	CreationAttempt int32 `json:"creationAttempt,omitempty"`

	// requestedAt is when the creation was asked for under that name.
	// +optional
	RequestedAt *metav1.Time `json:"requestedAt,omitempty"`

	// applicationID is the object ID of the app registration.
	// +optional
	// +kubebuilder:validation:MaxLength=36
	ApplicationID string `json:"applicationID,omitempty"`

	// appID is the client ID.
	// +optional
	// +kubebuilder:validation:MaxLength=36
	AppID string `json:"appID,omitempty"`

	// servicePrincipalID is the object ID of the enterprise application.
	// +optional
	// +kubebuilder:validation:MaxLength=36
	ServicePrincipalID string `json:"servicePrincipalID,omitempty"`

	// adoptedAt is since when the operator may change an application that it took up: nothing was to be changed there, nobody
	// was served by it, or the change was approved.
	// +optional
	AdoptedAt *metav1.Time `json:"adoptedAt,omitempty"`

	// portalURL opens the application's provisioning page.
	// +optional
	// +kubebuilder:validation:MaxLength=512
	PortalURL string `json:"portalURL,omitempty"`
}

// AssignmentStatus is one assignment that the operator made.
type AssignmentStatus struct {
	// name of the entry in spec.assignments; one that is to be removed has a suffix.
	// +required
	// +kubebuilder:validation:MaxLength=80
	Name string `json:"name,omitempty"`

	// kind is User or Group.
	// +optional
	// +kubebuilder:validation:MaxLength=16
	Kind string `json:"kind,omitempty"`

	// reference is the name in the manifest that principalID was resolved from; empty where the manifest gives the object ID.
	// +optional
	// +kubebuilder:validation:MaxLength=256
	Reference string `json:"reference,omitempty"`

	// principalID is the object ID that is assigned, resolved once.
	// +required
	// +kubebuilder:validation:MaxLength=36
	PrincipalID string `json:"principalID,omitempty"`

	// appRoleID is the role that is given.
	// +optional
	// +kubebuilder:validation:MaxLength=36
	AppRoleID string `json:"appRoleID,omitempty"`

	// assignmentID is Entra's ID of the assignment.
	// +optional
	// +kubebuilder:validation:MaxLength=128
	AssignmentID string `json:"assignmentID,omitempty"`

	// absentSince is since when an assignment that is to be removed has not been seen in Entra.
	// +optional
	AbsentSince *metav1.Time `json:"absentSince,omitempty"`
}

// JobStatus is the provisioning job.
type JobStatus struct {
	// id of the job.
	// +optional
	// +kubebuilder:validation:MaxLength=256
	ID string `json:"id,omitempty"`

	// requestedAt is when the job's creation was asked for.
	// +optional
	RequestedAt *metav1.Time `json:"requestedAt,omitempty"`

	// state in words: Created, InitialCycle, Active, Paused, Quarantine or Disabled.
	// +optional
	// +kubebuilder:validation:MaxLength=32
	State string `json:"state,omitempty"`

	// startedAt is when the operator last started the job; absent while it is paused by the operator.
	// +optional
	StartedAt *metav1.Time `json:"startedAt,omitempty"`

	// pausedAt is when the operator paused the job; absent once it has started it again.
	// +optional
	PausedAt *metav1.Time `json:"pausedAt,omitempty"`

	// startedGeneration is the generation of this object for which the operator last started the job.
	// +optional
	StartedGeneration int64 `json:"startedGeneration,omitempty"`

	// restart is present while a restart is due.
	// +optional
	Restart *RestartStatus `json:"restart,omitempty"`

	// restartedAt is when the operator last restarted the job.
	// +optional
	RestartedAt *metav1.Time `json:"restartedAt,omitempty"`

	// steadySince is when the initial cycle was first complete.
	// +optional
	SteadySince *metav1.Time `json:"steadySince,omitempty"`

	// lastCycle is the newest cycle.
	// +optional
	LastCycle *CycleStatus `json:"lastCycle,omitempty"`

	// entries are the counts of what is provisioned.
	// +optional
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=16
	Entries []EntryCount `json:"entries,omitempty"`

	// quarantine is present while Entra holds the job back.
	// +optional
	Quarantine *QuarantineStatus `json:"quarantine,omitempty"`
}

// RestartStatus is a restart of the job with scope Full that is due: Entra has to match everybody anew, because the
// accounts that it knows are not those of the endpoint any more.
type RestartStatus struct {
	// reason is why: StoreReplaced or StoreRestored.
	// +optional
	// +kubebuilder:validation:MaxLength=64
	Reason string `json:"reason,omitempty"`

	// store is the database for which it is due, as <id>:<sequence>.
	// +optional
	// +kubebuilder:validation:MaxLength=128
	Store string `json:"store,omitempty"`

	// approved is Automatic or Annotation: who accepted the database.
	// +optional
	// +kubebuilder:validation:MaxLength=16
	Approved string `json:"approved,omitempty"`
}

// CycleStatus is one cycle of the job.
type CycleStatus struct {
	// startedAt is when it began.
	// +optional
	StartedAt *metav1.Time `json:"startedAt,omitempty"`

	// finishedAt is when it ended.
	// +optional
	FinishedAt *metav1.Time `json:"finishedAt,omitempty"`

	// result is Succeeded, Failed or EntryLevelErrors.
	// +optional
	// +kubebuilder:validation:MaxLength=64
	Result string `json:"result,omitempty"`

	// exported is the number of entries that the cycle wrote to the endpoint.
	// +optional
	Exported int64 `json:"exported,omitempty"`

	// failed is the number of entries that wait for another try.
	// +optional
	Failed int64 `json:"failed,omitempty"`
}

// EntryCount is how many entries of one type are provisioned.
type EntryCount struct {
	// type is User or Group, or Entra's own word where it is neither.
	// +required
	// +kubebuilder:validation:MaxLength=256
	Type string `json:"type,omitempty"`

	// count of entries. None is written as 0, so that kubectl shows it.
	// +optional
	Count *int64 `json:"count,omitempty"`
}

// QuarantineStatus is why and until when Entra holds the job back.
type QuarantineStatus struct {
	// reason in Entra's word.
	// +optional
	// +kubebuilder:validation:MaxLength=128
	Reason string `json:"reason,omitempty"`

	// since is when the quarantine began.
	// +optional
	Since *metav1.Time `json:"since,omitempty"`

	// message is what Entra saw.
	// +optional
	// +kubebuilder:validation:MaxLength=1024
	Message string `json:"message,omitempty"`

	// nextAttempt is when Entra tries again.
	// +optional
	NextAttempt *metav1.Time `json:"nextAttempt,omitempty"`
}

// MappingsStatus are the attribute mappings that Entra has from us.
type MappingsStatus struct {
	// applied names them.
	// +optional
	// +listType=map
	// +listMapKey=kind
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=8
	Applied []AppliedMapping `json:"applied,omitempty"`

	// objects tell what was last written for each object type.
	// +optional
	// +listType=map
	// +listMapKey=object
	// +kubebuilder:validation:MaxItems=2
	Objects []MappedObjectStatus `json:"objects,omitempty"`
}

// MappedObjectStatus is what Entra was last given, or seen to have, for one object type.
type MappedObjectStatus struct {
	// object is User or Group.
	// +required
	Object MappedObject `json:"object,omitempty"`

	// revision is a digest of the names and revisions of the object's mappings; empty where it has none, or where it is not
	// known which are in force.
	// +optional
	// +kubebuilder:validation:MaxLength=16
	Revision string `json:"revision,omitempty"`

	// roles is how app roles reach the app; empty for Group.
	// +optional
	Roles RoleMapping `json:"roles,omitempty"`

	// meaning is a digest of what the mappings came to: with Entra's default mapping, and with what the operator made of both.
	// +optional
	// +kubebuilder:validation:MaxLength=16
	Meaning string `json:"meaning,omitempty"`

	// appliedAt is when it was last written; absent where Entra had it already.
	// +optional
	AppliedAt *metav1.Time `json:"appliedAt,omitempty"`

	// inForceSince is when Entra was first seen to have it; absent while it was not.
	// +optional
	InForceSince *metav1.Time `json:"inForceSince,omitempty"`
}

// AppliedMapping is one mapping in force.
type AppliedMapping struct {
	// kind is AttributeMapping or ClusterAttributeMapping.
	// +required
	Kind MappingKind `json:"kind,omitempty"`

	// name of the mapping.
	// +required
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name,omitempty"`

	// object is User or Group.
	// +optional
	Object MappedObject `json:"object,omitempty"`

	// attributes is the number of attributes that it declares.
	// +optional
	Attributes int32 `json:"attributes,omitempty"`

	// revision of the mapping that is in force, as its own status names it; empty where it is not known. While appliedAt is
	// absent it is being written.
	// +optional
	// +kubebuilder:validation:MaxLength=16
	Revision string `json:"revision,omitempty"`

	// claimedAt is when the revision that came in a wave was about to be written.
	// +optional
	ClaimedAt *metav1.Time `json:"claimedAt,omitempty"`

	// appliedAt is when the revision was first seen in force.
	// +optional
	AppliedAt *metav1.Time `json:"appliedAt,omitempty"`

	// wave in which the revision came; absent where it came in none.
	// +optional
	Wave int32 `json:"wave,omitempty"`

	// before is the last cycle before the revision came in a wave.
	// +optional
	Before *CycleFigures `json:"before,omitempty"`

	// after is the first whole cycle that began after the revision had come in a wave.
	// +optional
	After *CycleFigures `json:"after,omitempty"`

	// refusedRevision is a revision that could not be applied to this ScimApp.
	// +optional
	// +kubebuilder:validation:MaxLength=16
	RefusedRevision string `json:"refusedRevision,omitempty"`

	// refusal says why.
	// +optional
	// +kubebuilder:validation:MaxLength=512
	Refusal string `json:"refusal,omitempty"`
}

// MappingKind is a kind of mapping.
// +kubebuilder:validation:Enum=AttributeMapping;ClusterAttributeMapping
type MappingKind string

// The kinds of mappings.
const (
	KindAttributeMapping        MappingKind = "AttributeMapping"
	KindClusterAttributeMapping MappingKind = "ClusterAttributeMapping"
)

// Drift is one difference between what the manifest declares and what Entra has.
type Drift struct {
	// path of what differs, such as mappings.User.userName.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=256
	Path string `json:"path,omitempty"`

	// want is what the manifest declares, in words.
	// +optional
	// +kubebuilder:validation:MaxLength=256
	Want string `json:"want,omitempty"`

	// have is what Entra has, in words.
	// +optional
	// +kubebuilder:validation:MaxLength=256
	Have string `json:"have,omitempty"`

	// since is when it was first seen.
	// +optional
	Since *metav1.Time `json:"since,omitempty"`
}
