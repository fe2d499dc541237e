package graph

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/scim-operator/scim-operator/internal/entra"
)

// endpoints are the addresses of a cloud.
type endpoints struct {
	authority string // token service, without the tenant
	graph     string // root of Graph, without a version
	template  string // ID of the application template for non-gallery applications
}

// scope asks for all application permissions that the client was granted.
func (e endpoints) scope() string { return e.graph + "/.default" }

// base is where the v1.0 resources are.
func (e endpoints) base() string { return e.graph + "/v1.0" }

// host is the only one that is ever given an access token.
func (e endpoints) host() string {
	u, err := url.Parse(e.graph)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// The application templates of non-gallery applications.
const (
	templatePublic       = "8adf8e6e-67b2-4cf2-a259-e3dc5476c621"
	templateUSGovernment = "4602d0b4-76bb-404b-bca9-2652e1a39c6d"
	templateChina        = "5a532e38-1581-4918-9658-008dc27c1d68"
)

// clouds are Microsoft's own (national cloud deployments in the Graph documentation).
var clouds = map[entra.Cloud]endpoints{
	entra.CloudPublic:          {"https://login.microsoftonline.com", entra.CloudPublic.GraphRoot(), templatePublic},
	entra.CloudUSGovernment:    {"https://login.microsoftonline.us", entra.CloudUSGovernment.GraphRoot(), templateUSGovernment},
	entra.CloudUSGovernmentDoD: {"https://login.microsoftonline.us", entra.CloudUSGovernmentDoD.GraphRoot(), templateUSGovernment},
	entra.CloudChina:           {"https://login.chinacloudapi.cn", entra.CloudChina.GraphRoot(), templateChina},
}

// endpointsOf gives the addresses for a connection. An empty cloud is the public one.
func endpointsOf(c entra.Connection) (endpoints, error) {
	cloud := c.Cloud
	if cloud == "" {
		cloud = entra.CloudPublic
	}
	if cloud != entra.CloudCustom {
		e, ok := clouds[cloud]
		if !ok {
			return endpoints{}, fmt.Errorf("spec.cloud: %q is not a cloud that is known", cloud)
		}
		return e, nil
	}
	graph, err := httpsRoot("spec.custom.graphURL", c.GraphURL)
	if err != nil {
		return endpoints{}, err
	}
	authority, err := httpsRoot("spec.custom.authorityURL", c.AuthorityURL)
	if err != nil {
		return endpoints{}, err
	}
	return endpoints{authority: authority, graph: graph, template: templatePublic}, nil
}

// httpsRoot checks an address that a person wrote. The token travels on both, so
// nothing but https will do.
func httpsRoot(field, raw string) (string, error) {
	u, err := url.Parse(raw)
	if err == nil && (u.Scheme != "https" || u.Hostname() == "") {
		err = errors.New("it has to be an https URL with a host")
	}
	if err != nil {
		return "", fmt.Errorf("%s: %w", field, err)
	}
	return strings.TrimRight(u.String(), "/"), nil
}
