package version

import "runtime/debug"

// version is set by the linker: -X github.com/scim-operator/scim-operator/internal/version.version=v0.1.0.
var version string

// String returns the version: what the linker was given ("v0.1.0", or "v0.1.0-3-gabc1234" between releases), else the
// module version of a binary made by "go install", else "dev".
func String() string {
	info, _ := debug.ReadBuildInfo()
	return pick(version, info)
}

func pick(linked string, info *debug.BuildInfo) string {
	switch {
	case linked != "":
		return linked
	case info != nil && info.Main.Version != "" && info.Main.Version != "(devel)":
		return info.Main.Version
	default:
		return "dev"
	}
}
