package version

import (
	"runtime/debug"
	"testing"
)

func TestPick(t *testing.T) {
	built := func(version string) *debug.BuildInfo {
		return &debug.BuildInfo{Main: debug.Module{Version: version}}
	}
	for name, c := range map[string]struct {
		linked string
		info   *debug.BuildInfo
		want   string
	}{
		"what the linker was given wins":             {linked: "v0.2.0", info: built("v0.1.0"), want: "v0.2.0"},
		"go install leaves the module's version":     {info: built("v0.1.0"), want: "v0.1.0"},
		"a build in a checkout is a development one": {info: built("(devel)"), want: "dev"},
		"a binary without build information too":     {want: "dev"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := pick(c.linked, c.info); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
