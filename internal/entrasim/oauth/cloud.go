package oauth

import "net/http"

// cloud describes the simulator as an Azure cloud of its own, in the form of Azure Resource Manager's metadata endpoint:
// clients that take a metadata host, as the Terraform provider azuread does, learn from it where to log in and where Graph
// is. The version 2022-09-01 is one cloud; the ones before it are a list.
func (i *Issuer) cloud(w http.ResponseWriter, r *http.Request) {
	root := base(r)
	host := r.Host
	description := map[string]any{
		"name": "EntraSim", "portal": root, "resourceManager": root + "/", "graph": root + "/", "graphAudience": root + "/",
		"microsoftGraphResourceId": root + "/", "gallery": root + "/", "batch": root + "/", "media": root,
		"authentication": map[string]any{
			"loginEndpoint": root, "audiences": []string{root + "/"}, "tenant": i.tenantID, "identityProvider": "AAD",
		},
		"suffixes": map[string]any{"keyVaultDns": "vault." + host, "storage": "storage." + host, "sqlServerHostname": "sql." + host},
	}
	switch r.URL.Query().Get("api-version") {
	case "":
		refuse(w, http.StatusBadRequest, "MissingApiVersionParameter", 900144, "The api-version query parameter is required.")
	case "2015-01-01", "2018-05-01", "2019-05-01", "2020-06-01":
		answer(w, http.StatusOK, []any{description})
	default:
		answer(w, http.StatusOK, description)
	}
}
