package v1alpha1

// Condition types of ScimApp. Each answers one question of its user; Ready is
// computed from the others and set nowhere else.
const (
	// ConditionReady says whether people are being provisioned as the manifest says.
	ConditionReady = "Ready"
	// ConditionReconciling is present only while the operator is working towards Ready (kstatus).
	ConditionReconciling = "Reconciling"
	// ConditionStalled is present only while a person has to act (kstatus).
	ConditionStalled = "Stalled"

	// ConditionAllowed says whether the tenant's grants allow what the manifest asks for.
	ConditionAllowed = "Allowed"
	// ConditionTokenReady says whether there is a token for Entra to present.
	ConditionTokenReady = "TokenReady"
	// ConditionEndpointReady says whether the SCIM endpoint answers and knows the token and the attributes.
	ConditionEndpointReady = "EndpointReady"
	// ConditionApplicationReady says whether the enterprise application and its job exist as declared.
	ConditionApplicationReady = "ApplicationReady"
	// ConditionCredentialsAccepted says whether Entra reached the endpoint with the token.
	ConditionCredentialsAccepted = "CredentialsAccepted"
	// ConditionMappingsApplied says whether Entra has the declared attribute mappings.
	ConditionMappingsApplied = "MappingsApplied"
	// ConditionAssignmentsApplied says whether the declared users and groups are assigned.
	ConditionAssignmentsApplied = "AssignmentsApplied"
	// ConditionInSync says whether Entra is as the operator left it. Today it looks at the attribute mappings.
	ConditionInSync = "InSync"
	// ConditionJobHealthy says how the provisioning job is doing.
	ConditionJobHealthy = "JobHealthy"
)

// Reasons of the computed Ready condition that do not stem from a single phase.
const (
	// ReasonProvisioning: everything is in place and cycles run.
	ReasonProvisioning = "Provisioning"
	// ReasonInitialCycle: the first cycle has not finished yet.
	ReasonInitialCycle = "InitialCycle"
	// ReasonPaused: spec.provisioning.state is Paused.
	ReasonPaused = "Paused"
	// ReasonPausedOutside: somebody paused the job in Entra.
	ReasonPausedOutside = "PausedOutside"
	// ReasonProgressing: the operator is working.
	ReasonProgressing = "Progressing"
	// ReasonQuarantineRecovering: Entra put the job into quarantine and tries again by itself.
	ReasonQuarantineRecovering = "QuarantineRecovering"
	// ReasonDeletionsHeld: Entra holds back deletions above the threshold.
	ReasonDeletionsHeld = "DeletionsHeld"
	// ReasonJobDisabled: Entra disabled the job.
	ReasonJobDisabled = "JobDisabled"
	// ReasonGraphUnreachable: the state in Entra could not be read.
	ReasonGraphUnreachable = "GraphUnreachable"
)

// Reasons of the conditions of ScimApp, in the order of the phases.
const (
	// ReasonGranted: a grant of the tenant covers the manifest.
	ReasonGranted = "Granted"
	// ReasonDenied: no grant covers something that the manifest asks for.
	ReasonDenied = "Denied"
	// ReasonTenantNotFound: spec.tenantRef names no EntraTenant.
	ReasonTenantNotFound = "TenantNotFound"
	// ReasonTenantNotReady: the EntraTenant's credentials do not work.
	ReasonTenantNotReady = "TenantNotReady"
	// ReasonInvalidSpec: the manifest cannot work as it is.
	ReasonInvalidSpec = "InvalidSpec"
	// ReasonTokenMinted: the operator made the token.
	ReasonTokenMinted = "TokenMinted"
	// ReasonTokenProvided: the token stems from authentication.existingSecretRef.
	ReasonTokenProvided = "TokenProvided"
	// ReasonSecretNotReadable: the Secret of existingSecretRef is missing, or the operator may not read or use it.
	ReasonSecretNotReadable = "SecretNotReadable"
	// ReasonEndpointServing: the endpoint is ready.
	ReasonEndpointServing = "EndpointServing"
	// ReasonEndpointStarting: the endpoint's pod is not ready yet.
	ReasonEndpointStarting = "EndpointStarting"
	// ReasonEndpointNotCurrent: a pod does not know the current token or configuration yet.
	ReasonEndpointNotCurrent = "EndpointNotCurrent"
	// ReasonStoreReplaced: a pod serves another database than the one that is known.
	ReasonStoreReplaced = "StoreReplaced"
	// ReasonStoreRestored: the database was restored from an older copy.
	ReasonStoreRestored = "StoreRestored"
	// ReasonStoreNotMoved: the accounts of the storage that was used before are not in the database yet.
	ReasonStoreNotMoved = "StoreNotMoved"
	// ReasonStoreAccepted: a database was accepted; an event.
	ReasonStoreAccepted = "StoreAccepted"
	// ReasonExposureRequired: Entra has no address for the endpoint.
	ReasonExposureRequired = "ExposureRequired"
	// ReasonApplicationReady: application, service principal and job exist as declared.
	ReasonApplicationReady = "ApplicationReady"
	// ReasonReplicating: Entra has not spread a new object yet.
	ReasonReplicating = "Replicating"
	// ReasonApplicationClaimed: the application belongs to another ScimApp, or to somebody else.
	ReasonApplicationClaimed = "ApplicationClaimed"
	// ReasonAdoptionHeld: taking up the application would change a job that has run, and nobody has approved that.
	ReasonAdoptionHeld = "AdoptionHeld"
	// ReasonNotAdoptable: the application that the manifest names cannot be taken up.
	ReasonNotAdoptable = "NotAdoptable"
	// ReasonCredentialsAccepted: Entra's own validation passed.
	ReasonCredentialsAccepted = "CredentialsAccepted"
	// ReasonCredentialsRejected: Entra could not use the endpoint.
	ReasonCredentialsRejected = "CredentialsRejected"
	// ReasonMappingsApplied: the schema in Entra is as declared.
	ReasonMappingsApplied = "MappingsApplied"
	// ReasonRolloutPending: a changed mapping has not been released to this app yet; the older one stays in force.
	ReasonRolloutPending = "RolloutPending"
	// ReasonMappingsNotKept: Entra took the mappings and never showed them.
	ReasonMappingsNotKept = "MappingsNotKept"
	// ReasonMappingsChanged: the operator wrote changed mappings; an event.
	ReasonMappingsChanged = "MappingsChanged"
	// ReasonInSync: Entra is as the operator left it.
	ReasonInSync = "InSync"
	// ReasonDrifted: somebody changed in Entra what the manifest declares, and driftPolicy says to report it.
	ReasonDrifted = "Drifted"
	// ReasonDefaultChanged: what the declared mappings come to has changed, and nobody changed the mappings.
	ReasonDefaultChanged = "DefaultChanged"
	// ReasonDriftCorrected: somebody changed in Entra what the manifest declares, and the operator set it back; an event.
	ReasonDriftCorrected = "DriftCorrected"
	// ReasonMappingInvalid: an AttributeMapping cannot be applied.
	ReasonMappingInvalid = "MappingInvalid"
	// ReasonMappingNotFound: an AttributeMapping does not exist.
	ReasonMappingNotFound = "MappingNotFound"
	// ReasonAssignmentsApplied: the assignments in Entra are as declared.
	ReasonAssignmentsApplied = "AssignmentsApplied"
	// ReasonPrincipalNotFound: a user or group of an assignment does not exist.
	ReasonPrincipalNotFound = "PrincipalNotFound"
	// ReasonPrincipalAmbiguous: several groups have the name of an assignment.
	ReasonPrincipalAmbiguous = "PrincipalAmbiguous"
	// ReasonJobHealthy: the last cycle ended well.
	ReasonJobHealthy = "JobHealthy"
	// ReasonEntriesFailing: cycles run, but some entries fail.
	ReasonEntriesFailing = "EntriesFailing"
	// ReasonJobRestarted: the operator had Entra match everybody anew; an event.
	ReasonJobRestarted = "JobRestarted"
	// ReasonRestartDelayed: a restart is due and has to wait.
	ReasonRestartDelayed = "RestartDelayed"
	// ReasonPermissionMissing: the operator's identity lacks a permission in Entra.
	ReasonPermissionMissing = "PermissionMissing"
)

// Reasons of Ready of an AttributeMapping or ClusterAttributeMapping, beside MappingInvalid.
const (
	// ReasonMappingValid: it could be applied by itself.
	ReasonMappingValid = "MappingValid"
	// ReasonRollingOut: a change of it reaches its apps in waves.
	ReasonRollingOut = "RollingOut"
	// ReasonRolloutHalted: an app got worse with the change, and no further app gets it. That app has it in MappingsApplied.
	ReasonRolloutHalted = "RolloutHalted"
)

// Condition reasons of EntraTenant.
const (
	// ReasonCredentialsValid: Entra issued a token.
	ReasonCredentialsValid = "CredentialsValid"
	// ReasonCredentialsInvalid: Entra refused the credentials.
	ReasonCredentialsInvalid = "CredentialsInvalid"
	// ReasonSecretNotFound: the Secret with the credentials does not exist.
	ReasonSecretNotFound = "SecretNotFound"
	// ReasonInUse: the tenant cannot go while ScimApps use it.
	ReasonInUse = "InUse"
)

// ActionAcceptStore is the action that accepts a database which is not the expected one.
const ActionAcceptStore = "accept-store"

// AnnotationAcceptStore asks for ActionAcceptStore; its value is <id>:<sequence> as the condition's message names it.
const AnnotationAcceptStore = "scim-operator.io/" + ActionAcceptStore

// ActionApproveAdoption is the action that lets the operator change an application that others set up and run.
const ActionApproveAdoption = "approve-adoption"

// AnnotationApproveAdoption asks for ActionApproveAdoption; its value is the digest of the changes that the condition's
// message lists.
const AnnotationApproveAdoption = "scim-operator.io/" + ActionApproveAdoption

// ActionAcceptDefault is the action that writes mappings which come to something else than before without having changed.
const ActionAcceptDefault = "accept-default"

// AnnotationAcceptDefault asks for ActionAcceptDefault; its value is the digest that the condition's message names.
const AnnotationAcceptDefault = "scim-operator.io/" + ActionAcceptDefault

// AnnotationContinueRollout continues the rollout of a mapping that has halted; its value is <revision>:<wave>:<app> as the
// message of Ready names it.
const AnnotationContinueRollout = "scim-operator.io/continue-rollout"

// Finalizer keeps an object until the operator has done its part in Entra.
const Finalizer = "scim-operator.io/finalizer"

// FieldManager is the operator's name in server-side apply and in status.
const FieldManager = "scim-operator"

// Label keys of the objects that the operator makes.
const (
	// LabelManagedBy is app.kubernetes.io/managed-by.
	LabelManagedBy = "app.kubernetes.io/managed-by"
	// LabelApp carries the ScimApp's name on everything made for it.
	LabelApp = "scim-operator.io/scimapp"
	// LabelAppNamespace carries the ScimApp's namespace on what lives in the operator's.
	LabelAppNamespace = "scim-operator.io/scimapp-namespace"
)

// LabelToken is set to "true" on a Secret by whoever may write it, and lets ScimApps of its namespace send what is in it
// to Entra. Without it, whoever may write a ScimApp could read any Secret of the namespace by way of Entra.
const LabelToken = "scim-operator.io/token"
