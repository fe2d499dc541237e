resource "azuread_user" "lead" {
  user_principal_name = "mara.holt@contoso.com"
  display_name        = "Mara Holt"
  password            = "Not-1-for-anybody"
  department          = var.department
}

resource "azuread_user" "writer" {
  user_principal_name = "tom.reed@contoso.com"
  display_name        = "Tom Reed"
  given_name          = "Tom"
  surname             = "Reed"
  mail                = "tom.reed@contoso.com"
  mail_nickname       = "tom.reed"
  password            = "Not-1-for-anybody"
  job_title           = "Writer"
  department          = var.department
  employee_id         = "4711"
  employee_type       = "Consultant"
  cost_center         = "12"
  business_phones     = ["+46 8 555 0142"]
  manager_id          = azuread_user.lead.object_id
}

resource "azuread_group" "writers" {
  display_name     = "Handbook Writers"
  description      = "Who writes the handbook in ${var.department}"
  security_enabled = true
  owners           = [data.azuread_client_config.current.object_id, azuread_user.lead.object_id]
  members          = [azuread_user.writer.object_id]
}

resource "azuread_group_member" "lead" {
  group_object_id  = azuread_group_without_members.readers.object_id
  member_object_id = azuread_user.lead.object_id
}

resource "azuread_group_without_members" "readers" {
  display_name     = "Handbook Readers"
  security_enabled = true
}

data "azuread_group" "writers" {
  display_name = azuread_group.writers.display_name
}

data "azuread_user" "writer" {
  user_principal_name = azuread_user.writer.user_principal_name
}
