# An enterprise application with SCIM provisioning, who may use it, and an application beside it without provisioning.

terraform {
  required_providers {
    azuread = { source = "hashicorp/azuread", version = "~> 3.9" }
  }
}

# Where the cloud is and who logs in: ARM_METADATA_HOSTNAME, ARM_TENANT_ID, ARM_CLIENT_ID and ARM_CLIENT_SECRET.
provider "azuread" {}

variable "scim_url" { type = string }

variable "scim_token" {
  type      = string
  sensitive = true
}

# What the test changes.
variable "department" {
  type    = string
  default = "Documentation"
}

variable "enabled" {
  type    = bool
  default = true
}

data "azuread_client_config" "current" {}
