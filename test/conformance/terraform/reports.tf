# An application without a template, and what its administrators say about it.
resource "azuread_application" "reports" {
  display_name     = "Handbook Reports"
  identifier_uris  = ["api://handbook-reports"]
  owners           = [data.azuread_client_config.current.object_id]
  sign_in_audience = "AzureADMyOrg"
  notes            = "Looked after by ${var.department}"

  app_role {
    id                   = "0d0cf8b6-5b8e-4b53-8c34-9e4b8f2a54ad"
    allowed_member_types = ["User", "Application"]
    display_name         = "Reader"
    description          = "May read reports"
    value                = "reader"
  }

  web {
    homepage_url  = "https://reports.contoso.com"
    redirect_uris = ["https://reports.contoso.com/signed-in"]
  }
}

resource "azuread_service_principal" "reports" {
  client_id                    = azuread_application.reports.client_id
  owners                       = [data.azuread_client_config.current.object_id]
  app_role_assignment_required = true
}

resource "azuread_app_role_assignment" "reports" {
  app_role_id         = azuread_service_principal.reports.app_role_ids["reader"]
  principal_object_id = azuread_group.writers.object_id
  resource_object_id  = azuread_service_principal.reports.object_id
}
