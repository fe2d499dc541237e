package tenant

import (
	"time"

	"github.com/google/uuid"
)

// Here are the objects that applications consist of, with the properties that Graph shows of one that was just made.

func appRole(name string) Object {
	return Object{
		"id": uuid.NewString(), "displayName": name, "description": name, "value": nil, "isEnabled": true,
		"origin": "Application", "allowedMemberTypes": []any{"User"},
	}
}

func newApplication(appID, name, domain, template string, roles []any, now time.Time) Object {
	return Object{
		"id": uuid.NewString(), "appId": appID, "applicationTemplateId": orNull(template), "displayName": name,
		"createdDateTime": timestamp(now), "deletedDateTime": nil, "signInAudience": "AzureADMyOrg", "publisherDomain": domain,
		"identifierUris": []any{}, "tags": []any{}, "notes": nil, "description": nil, "appRoles": clone(Object{"r": roles})["r"],
		"api":          Object{"acceptMappedClaims": nil, "knownClientApplications": []any{}, "oauth2PermissionScopes": []any{}, "preAuthorizedApplications": []any{}, "requestedAccessTokenVersion": nil},
		"web":          Object{"homePageUrl": nil, "logoutUrl": nil, "redirectUris": []any{}, "redirectUriSettings": []any{}, "implicitGrantSettings": Object{"enableAccessTokenIssuance": false, "enableIdTokenIssuance": false}},
		"publicClient": Object{"redirectUris": []any{}}, "spa": Object{"redirectUris": []any{}},
		"isFallbackPublicClient": nil, "isDeviceOnlyAuthSupported": nil, "info": noAddresses(),
		"serviceManagementReference": nil, "groupMembershipClaims": nil, "keyCredentials": []any{}, "passwordCredentials": []any{},
		"requiredResourceAccess": []any{}, "optionalClaims": nil, "addIns": []any{}, "tokenEncryptionKeyId": nil, "samlMetadataUrl": nil,
		"disabledByMicrosoftStatus": nil, "parentalControlSettings": Object{"countriesBlockedForMinors": []any{}, "legalAgeGroupRule": "Allow"},
	}
}

func noAddresses() Object {
	return Object{"logoUrl": nil, "marketingUrl": nil, "privacyStatementUrl": nil, "supportUrl": nil, "termsOfServiceUrl": nil}
}

func newPrincipal(appID, name, tenantID, template string, roles []any) Object {
	return Object{
		"id": uuid.NewString(), "appId": appID, "applicationTemplateId": orNull(template), "displayName": name,
		"appDisplayName": name, "deletedDateTime": nil, "accountEnabled": true, "appRoleAssignmentRequired": template != "",
		"appOwnerOrganizationId": tenantID, "servicePrincipalType": "Application", "servicePrincipalNames": []any{appID},
		"signInAudience": "AzureADMyOrg", "tags": []any{}, "notes": nil, "description": nil, "appDescription": nil,
		"homepage": nil, "loginUrl": nil, "logoutUrl": nil, "preferredSingleSignOnMode": nil, "replyUrls": []any{},
		"samlSingleSignOnSettings": nil, "disabledByMicrosoftStatus": nil, "info": noAddresses(), "addIns": []any{},
		"tokenEncryptionKeyId": nil, "preferredTokenSigningKeyThumbprint": nil,
		"notificationEmailAddresses": []any{}, "alternativeNames": []any{}, "appRoles": clone(Object{"r": roles})["r"],
		"oauth2PermissionScopes": []any{Object{
			"id": uuid.NewString(), "value": "user_impersonation", "type": "User", "isEnabled": true,
			"adminConsentDisplayName": "Access " + name, "adminConsentDescription": "Allow the application to access " + name,
			"userConsentDisplayName": nil, "userConsentDescription": nil,
		}},
		"keyCredentials": []any{}, "passwordCredentials": []any{},
	}
}
