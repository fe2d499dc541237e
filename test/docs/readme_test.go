package docs_test

import (
	"regexp"
	"strings"
	"testing"
)

var makeTarget = regexp.MustCompile(`(?m)^make ([a-z-]+)`)

// TestTheReadmesFirstCommandsAreWhatCIRuns, and every make target that the docs name exists.
func TestTheReadmesFirstCommandsAreWhatCIRuns(t *testing.T) {
	all := pages(t)
	ci, makefile := read(t, ".ci/run"), read(t, "Makefile")
	first := makeTarget.FindAllStringSubmatch(all["README.md"].blocks[0].content, -1)
	if len(first) != 2 {
		t.Fatalf("README.md begins with %d make commands, want two", len(first))
	}
	for _, command := range first {
		if !strings.Contains(ci, "make "+command[1]) {
			t.Errorf("README.md begins with make %s, which .ci/run does not run", command[1])
		}
	}
	for path, p := range all {
		for _, b := range p.blocks {
			for _, command := range makeTarget.FindAllStringSubmatch(b.content, -1) {
				if !strings.Contains(makefile, "\n"+command[1]+":") {
					t.Errorf("%s:%d: there is no make target %s", path, b.line, command[1])
				}
			}
		}
	}
}
