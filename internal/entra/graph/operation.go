package graph

// operation is one thing that is asked of Graph: how it is named in metrics and in
// messages, and what an error of it means.
type operation struct {
	name  string // for metrics
	doing string // how messages begin: what failed
	// permission is the least application permission (Graph's permissions reference).
	permission string
	// synchronization marks the segment that answers 401 UnknownError where a permission is missing.
	synchronization bool
	// callsEndpoint marks the operations in which Entra itself calls the SCIM endpoint.
	callsEndpoint bool
	// caller marks a call in the name of whoever runs the program, who has no EntraTenant to correct.
	caller bool
	// hide are values of this call that no message may repeat.
	hide []string
}

const (
	applicationRead  = "Application.Read.All"
	applicationWrite = "Application.ReadWrite.OwnedBy"
	assignmentWrite  = "AppRoleAssignment.ReadWrite.All"
	syncRead         = "Synchronization.Read.All"
	syncWrite        = "Synchronization.ReadWrite.All"
)

var (
	opIdentity = operation{name: "Identity", doing: "could not read the access token"}

	opInstantiate        = operation{name: "InstantiateApplication", doing: "could not create the enterprise application", permission: applicationWrite}
	opApplicationsByName = operation{name: "ApplicationsByDisplayName", doing: "could not find applications by name", permission: applicationRead}
	opApplicationsByTag  = operation{name: "ApplicationsByTag", doing: "could not find applications by tag", permission: applicationRead}
	opApplication        = operation{name: "Application", doing: "could not read the application", permission: applicationRead}
	opApplicationByAppID = operation{name: "ApplicationByAppID", doing: "could not read the application by appId", permission: applicationRead}
	opUpdateApplication  = operation{name: "UpdateApplication", doing: "could not update the application", permission: applicationWrite}
	opDeleteApplication  = operation{name: "DeleteApplication", doing: "could not delete the application", permission: applicationWrite}
	opApplicationOwners  = operation{name: "ApplicationOwners", doing: "could not list the application's owners", permission: applicationRead}
	opAddAppOwner        = operation{name: "AddApplicationOwner", doing: "could not add an owner to the application", permission: applicationWrite}

	opServicePrincipal        = operation{name: "ServicePrincipal", doing: "could not read the service principal", permission: applicationRead}
	opServicePrincipalByAppID = operation{name: "ServicePrincipalByAppID", doing: "could not read the service principal by appId", permission: applicationRead}
	opUpdateServicePrincipal  = operation{name: "UpdateServicePrincipal", doing: "could not update the service principal", permission: applicationWrite}
	opServicePrincipalOwners  = operation{name: "ServicePrincipalOwners", doing: "could not list the service principal's owners", permission: applicationRead}
	opAddPrincipalOwner       = operation{name: "AddServicePrincipalOwner", doing: "could not add an owner to the service principal", permission: applicationWrite}

	opUserByPrincipalName = operation{name: "UserByPrincipalName", doing: "could not find the user", permission: "User.Read.All"}
	opUser                = operation{name: "User", doing: "could not read the user", permission: "User.Read.All"}
	opUsers               = operation{name: "Users", doing: "could not list the users", permission: "User.Read.All"}
	opGroups              = operation{name: "Groups", doing: "could not list the groups", permission: "GroupMember.Read.All"}
	opMembers             = operation{name: "Members", doing: "could not list the group's members", permission: "GroupMember.Read.All"}
	opGroupsByName        = operation{name: "GroupsByDisplayName", doing: "could not find groups by name", permission: "GroupMember.Read.All"}
	opGroup               = operation{name: "Group", doing: "could not read the group", permission: "GroupMember.Read.All"}

	opListAssignments  = operation{name: "ListAssignments", doing: "could not list the assignments", permission: applicationRead}
	opCreateAssignment = operation{name: "CreateAssignment", doing: "could not create the assignment", permission: assignmentWrite}
	opDeleteAssignment = operation{name: "DeleteAssignment", doing: "could not delete the assignment", permission: assignmentWrite}

	opTemplates       = syncOperation("Templates", "could not list the synchronization templates", syncRead)
	opTemplateSchema  = syncOperation("TemplateSchema", "could not read the template's schema", syncRead)
	opJobs            = syncOperation("Jobs", "could not list the provisioning jobs", syncRead)
	opCreateJob       = syncOperation("CreateJob", "could not create the provisioning job", syncWrite)
	opJob             = syncOperation("Job", "could not read the provisioning job", syncRead)
	opStartJob        = syncOperation("StartJob", "could not start the provisioning job", syncWrite)
	opPauseJob        = syncOperation("PauseJob", "could not pause the provisioning job", syncWrite)
	opRestartJob      = syncOperation("RestartJob", "could not restart the provisioning job", syncWrite)
	opDeleteJob       = syncOperation("DeleteJob", "could not delete the provisioning job", syncWrite)
	opSecrets         = syncOperation("Secrets", "could not read the provisioning settings", syncWrite)
	opPutSecrets      = syncOperation("PutSecrets", "could not write the provisioning credentials and settings", syncWrite)
	opSchema          = syncOperation("Schema", "could not read the attribute mappings", syncRead)
	opPutSchema       = syncOperation("PutSchema", "could not write the attribute mappings", syncWrite)
	opFilterOperators = syncOperation("FilterOperators", "could not list the operators of scoping filters", syncWrite)
	opParseExpression = syncOperation("ParseExpression", "could not parse the mapping expression", syncWrite)
	opWritten         = operation{name: "Written", doing: "could not read the provisioning log", permission: "ProvisioningLog.Read.All"}
	opValidate        = validation("ValidateCredentials", "could not validate the endpoint's address and token")
	opValidateSaved   = validation("ValidateSavedCredentials", "could not validate the stored address and token")
)

func syncOperation(name, doing, permission string) operation {
	return operation{name: name, doing: doing, permission: permission, synchronization: true}
}

func validation(name, doing string) operation {
	op := syncOperation(name, doing, syncWrite)
	op.callsEndpoint = true
	return op
}

// hiding gives the same operation with values that must not be repeated in messages.
func (op operation) hiding(values ...string) operation {
	op.hide = values
	return op
}
