# The application with provisioning. The non-gallery template has the same ID in every tenant of the public cloud.
data "azuread_application_template" "custom" {
  template_id = "8adf8e6e-67b2-4cf2-a259-e3dc5476c621"
}

resource "azuread_application_from_template" "handbook" {
  display_name = "Handbook"
  template_id  = data.azuread_application_template.custom.template_id
}

resource "azuread_application_app_role" "editor" {
  application_id       = azuread_application_from_template.handbook.application_id
  role_id              = "5d0fd2a9-7f0e-4c7b-9f1a-0b6f6f4bb1c1"
  allowed_member_types = ["User"]
  display_name         = "Editor"
  description          = "May change the handbook"
  value                = "editor"
}

data "azuread_service_principal" "handbook" {
  object_id  = azuread_application_from_template.handbook.service_principal_object_id
  depends_on = [azuread_application_app_role.editor]
}

resource "azuread_app_role_assignment" "writers" {
  app_role_id         = azuread_application_app_role.editor.role_id
  principal_object_id = azuread_group.writers.object_id
  resource_object_id  = data.azuread_service_principal.handbook.object_id
}

resource "azuread_app_role_assignment" "lead" {
  app_role_id         = azuread_application_app_role.editor.role_id
  principal_object_id = azuread_user.lead.object_id
  resource_object_id  = data.azuread_service_principal.handbook.object_id
}

resource "azuread_synchronization_secret" "handbook" {
  service_principal_id = data.azuread_service_principal.handbook.id

  credential {
    key   = "BaseAddress"
    value = var.scim_url
  }
  credential {
    key   = "SecretToken"
    value = var.scim_token
  }
}

resource "azuread_synchronization_job" "handbook" {
  service_principal_id = data.azuread_service_principal.handbook.id
  template_id          = "scim"
  enabled              = var.enabled
  depends_on           = [azuread_synchronization_secret.handbook]
}
