//go:build bench

package perf

import (
	"context"
	"net/http"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/scim-operator/scim-operator/hack/lab/process"
	"github.com/scim-operator/scim-operator/test/scimkit"
)

// startFloor builds and starts the program that does as little for a GET by id as a server in Go can.
func startFloor(t *testing.T, store string) *scimkit.Endpoint {
	t.Helper()
	folder := t.TempDir()
	binary := filepath.Join(folder, "floor")
	if output, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "./floor").CombinedOutput(); err != nil {
		t.Fatalf("building the floor: %v\n%s", err, output)
	}
	addresses, err := process.FreeAddresses(1)
	if err != nil {
		t.Fatal(err)
	}
	child, err := process.Start(process.Command{
		Path: binary, Args: []string{"-listen=" + addresses[0], "-store=" + store}, Log: filepath.Join(folder, "log"),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { child.Stop(0) })
	floor := &scimkit.Endpoint{URL: "http://" + addresses[0]}
	client := scimkit.Client{BaseURL: floor.URL, HTTP: http.DefaultClient}
	err = scimkit.Await(t.Context(), child.Done(), func(ctx context.Context) bool {
		answer, err := client.Do(ctx, http.MethodGet, "/Users/"+userID(1), nil)
		return err == nil && answer.Status == http.StatusOK
	})
	if err != nil {
		t.Fatalf("starting the floor: %v", err)
	}
	return floor
}
