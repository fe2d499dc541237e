package entra

// The reasons of the classified errors that a Directory gives (fault.ReasonOf), spelt as the API spells them where it has
// the same.
const (
	// ReasonThrottled: Graph answered 429, or 503 with Retry-After. Class Throttled.
	ReasonThrottled = "Throttled"
	// ReasonGraphUnreachable: no usable answer from Graph or from the token endpoint. Class Retryable.
	ReasonGraphUnreachable = "GraphUnreachable"
	// ReasonServerError: Graph answered 5xx or 408. Class Retryable.
	ReasonServerError = "GraphServerError"
	// ReasonTokenRefused: Graph answered 401 outside of synchronization. Class Retryable.
	ReasonTokenRefused = "AccessTokenRefused"
	// ReasonCredentialsInvalid: the token endpoint refuses the EntraTenant's credentials. Class Terminal.
	ReasonCredentialsInvalid = "CredentialsInvalid"
	// ReasonPermissionMissing: our application lacks a permission. Class Terminal.
	ReasonPermissionMissing = "PermissionMissing"
	// ReasonSynchronizationDenied: 401 or 403 on a synchronization path, which means replication for a young service
	// principal and a missing permission for an old one. Class Waiting: only who knows its age can tell.
	ReasonSynchronizationDenied = "SynchronizationDenied"
	// ReasonNotFound: Graph answered 404. Class Retryable: the object may not be replicated yet; see IsNotFound.
	ReasonNotFound = "NotFoundInEntra"
	// ReasonConflict: 409, a concurrent change or replication. Class Waiting.
	ReasonConflict = "Conflict"
	// ReasonReplicating: 400 that stems from an object which is not everywhere yet. Class Waiting.
	ReasonReplicating = "Replicating"
	// ReasonCredentialsRejected: Entra called the SCIM endpoint and refuses its answer. Class Terminal; see IsCredentialProblem.
	ReasonCredentialsRejected = "CredentialsRejected"
	// ReasonRequestRefused: any other 4xx, which the same request would meet again. Class Terminal.
	ReasonRequestRefused = "RequestRefused"
	// ReasonInvalidConnection: the EntraTenant's addresses or credentials cannot be used as they are. Class Terminal.
	ReasonInvalidConnection = "InvalidConnection"
)
