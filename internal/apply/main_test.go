package apply_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/scim-operator/scim-operator/test/envtest"
)

// server is a real API server: only one knows what it makes of an object, and so what a second apply compares with.
var server *envtest.Server

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "internal/apply:", err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (int, error) {
	var err error
	if server, err = envtest.Start(); err != nil {
		return 0, err
	}
	return m.Run(), server.Stop()
}
