// Command image packs one static Linux binary into an image archive that docker, podman and ctr load, with no container
// engine: image NAME BINARY OUT.tar. The same binary gives the same archive, byte for byte.
//
// Owns: what is in our images besides the binary. The Dockerfile makes the same image for who has an engine; change both.
// Never does: build a binary, or reach a registry. Called by: make image. Calls: go-containerregistry.
package main

import (
	"archive/tar"
	"bytes"
	"debug/elf"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// user is who the binary runs as, and whose group. Numeric, so that a kubelet can see it is not root.
const user = "65532:65532"

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: image NAME BINARY OUT.tar")
		os.Exit(2)
	}
	if err := pack(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, "image:", err)
		os.Exit(1)
	}
}

func pack(reference, binary, out string) error {
	tag, err := name.NewTag(reference)
	if err != nil {
		return fmt.Errorf("reading the image's name: %w", err)
	}
	architecture, err := staticLinux(binary)
	if err != nil {
		return err
	}
	layer, err := layerOf(binary)
	if err != nil {
		return err
	}
	image, err := mutate.AppendLayers(empty.Image, layer)
	if err != nil {
		return fmt.Errorf("adding the layer: %w", err)
	}
	file, err := image.ConfigFile()
	if err != nil {
		return fmt.Errorf("reading the empty image: %w", err)
	}
	file = file.DeepCopy()
	file.OS, file.Architecture = "linux", architecture
	file.Config = v1.Config{Entrypoint: []string{"/" + filepath.Base(binary)}, User: user}
	if image, err = mutate.ConfigFile(image, file); err != nil {
		return fmt.Errorf("configuring the image: %w", err)
	}
	if err := tarball.WriteToFile(out, tag, image); err != nil {
		return fmt.Errorf("writing %s: %w", out, err)
	}
	return nil
}

// architectures names an ELF machine as image configurations do.
var architectures = map[elf.Machine]string{elf.EM_X86_64: "amd64", elf.EM_AARCH64: "arm64"}

// staticLinux returns the architecture of a binary that runs on scratch. A binary that needs a dynamic loader would only
// fail in the cluster, as "no such file or directory".
func staticLinux(binary string) (string, error) {
	file, err := elf.Open(binary)
	if err != nil {
		return "", fmt.Errorf("reading %s as a Linux binary (build it with GOOS=linux): %w", binary, err)
	}
	defer file.Close()
	for _, segment := range file.Progs {
		if segment.Type == elf.PT_INTERP {
			return "", fmt.Errorf("%s is dynamically linked and cannot run on scratch: build it with CGO_ENABLED=0", binary)
		}
	}
	architecture, known := architectures[file.Machine]
	if !known {
		return "", fmt.Errorf("%s is for %s, which no image of ours is built for", binary, file.Machine)
	}
	return architecture, nil
}

// layerOf holds the binary and a writable /tmp, with no timestamps.
func layerOf(binary string) (v1.Layer, error) {
	content, err := os.ReadFile(binary)
	if err != nil {
		return nil, fmt.Errorf("reading the binary: %w", err)
	}
	var files bytes.Buffer
	writer := tar.NewWriter(&files)
	for _, header := range []*tar.Header{
		{Name: "tmp/", Typeflag: tar.TypeDir, Mode: 0o1777},
		{Name: filepath.Base(binary), Typeflag: tar.TypeReg, Mode: 0o755, Size: int64(len(content))},
	} {
		if err := writer.WriteHeader(header); err != nil {
			return nil, fmt.Errorf("packing %s: %w", header.Name, err)
		}
	}
	if _, err := writer.Write(content); err != nil {
		return nil, fmt.Errorf("packing the binary: %w", err)
	}
	if err := writer.Close(); err != nil {
		return nil, fmt.Errorf("packing the layer: %w", err)
	}
	layer, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(files.Bytes())), nil })
	if err != nil {
		return nil, fmt.Errorf("making the layer: %w", err)
	}
	return layer, nil
}
