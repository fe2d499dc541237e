package entra

// Cloud is a national cloud of Microsoft.
type Cloud string

// The clouds, named as EntraTenant names them.
const (
	CloudPublic          Cloud = "Public"
	CloudUSGovernment    Cloud = "USGovernment"
	CloudUSGovernmentDoD Cloud = "USGovernmentDoD"
	CloudChina           Cloud = "China"
	CloudCustom          Cloud = "Custom"
)

// GraphRoot is where Microsoft Graph is, without a version (Graph's national cloud deployments). An empty cloud is the public
// one; CloudCustom and one that is not known have none.
func (c Cloud) GraphRoot() string {
	switch c {
	case CloudPublic, "":
		return "https://graph.microsoft.com"
	case CloudUSGovernment:
		return "https://graph.microsoft.us"
	case CloudUSGovernmentDoD:
		return "https://dod-graph.microsoft.us"
	case CloudChina:
		return "https://microsoftgraph.chinacloudapi.cn"
	default:
		return ""
	}
}

// AdminCenter is where people look at a directory of the cloud: the hosts that the Entra FAQ has firewalls allow. A custom
// cloud has none of its own.
func (c Cloud) AdminCenter() string {
	switch c {
	case CloudUSGovernment, CloudUSGovernmentDoD:
		return "https://entra.microsoft.us"
	case CloudChina:
		return "https://entra.microsoftonline.cn"
	default:
		return "https://entra.microsoft.com"
	}
}
