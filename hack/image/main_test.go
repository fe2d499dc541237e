package main

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// build compiles the smallest program there is for linux/arm64, so that the architecture cannot come from this machine.
func build(t *testing.T) string {
	t.Helper()
	directory := t.TempDir()
	source := filepath.Join(directory, "main.go")
	if err := os.WriteFile(source, []byte("package main\n\nfunc main() {}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(directory, "hello")
	command := exec.Command("go", "build", "-o", binary, source)
	command.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=arm64")
	if said, err := command.CombinedOutput(); err != nil {
		t.Fatalf("building the program: %v\n%s", err, said)
	}
	return binary
}

func TestPack(t *testing.T) {
	binary := build(t)
	first, second := filepath.Join(t.TempDir(), "1.tar"), filepath.Join(t.TempDir(), "2.tar")
	for _, out := range []string{first, second} {
		if err := pack("docker.io/scim-operator/hello:dev", binary, out); err != nil {
			t.Fatal(err)
		}
	}
	image, err := tarball.ImageFromPath(first, nil)
	if err != nil {
		t.Fatal(err)
	}
	file, err := image.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}

	t.Run("it runs the binary as a user who is not root", func(t *testing.T) {
		want := v1.Config{Entrypoint: []string{"/hello"}, User: "65532:65532"}
		if diff := cmp.Diff(want, file.Config); diff != "" {
			t.Errorf("configuration (-want +got):\n%s", diff)
		}
	})
	t.Run("it is for the binary's architecture", func(t *testing.T) {
		if got := file.OS + "/" + file.Architecture; got != "linux/arm64" {
			t.Errorf("got %s", got)
		}
	})
	t.Run("it holds the binary and a /tmp that anybody may write", func(t *testing.T) {
		want := map[string]int64{"tmp": 0o1777, "hello": 0o755}
		if diff := cmp.Diff(want, modes(t, image)); diff != "" {
			t.Errorf("modes (-want +got):\n%s", diff)
		}
	})
	t.Run("the same binary gives the same archive", func(t *testing.T) {
		if !bytes.Equal(content(t, first), content(t, second)) {
			t.Error("two runs differ")
		}
	})
}

func TestPackRefuses(t *testing.T) {
	script := filepath.Join(t.TempDir(), "script")
	if err := os.WriteFile(script, []byte("#!/bin/sh\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ reference, binary string }{
		"what is no Linux binary":     {"docker.io/scim-operator/x:dev", script},
		"a binary that is not there":  {"docker.io/scim-operator/x:dev", script + "-missing"},
		"a name that no registry has": {"Not A Name", script},
	} {
		t.Run(name, func(t *testing.T) {
			out := filepath.Join(t.TempDir(), "out.tar")
			if err := pack(c.reference, c.binary, out); err == nil {
				t.Error("it was packed")
			}
			if _, err := os.Stat(out); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("an archive was left behind (%v)", err)
			}
		})
	}
}

func content(t *testing.T, path string) []byte {
	t.Helper()
	read, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return read
}

func modes(t *testing.T, image v1.Image) map[string]int64 {
	t.Helper()
	found := map[string]int64{}
	files := mutate.Extract(image)
	defer files.Close()
	for reader := tar.NewReader(files); ; {
		header, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return found
		} else if err != nil {
			t.Fatal(err)
		}
		found[header.Name] = header.Mode
	}
}
