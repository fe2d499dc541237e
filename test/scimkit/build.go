package scimkit

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Build builds scim-endpoint into the folder with the flags of `make build`, so that the compile cache serves both.
func Build(ctx context.Context, folder string) (string, error) {
	path := filepath.Join(folder, "scim-endpoint")
	command := exec.CommandContext(ctx, "go", "build", "-ldflags", "-s -w", "-o", path, "github.com/scim-operator/scim-operator/cmd/scim-endpoint")
	command.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-trimpath -buildvcs=false")
	if output, err := command.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building scim-endpoint: %w\n%s", err, strings.TrimSpace(string(output)))
	}
	return path, nil
}
