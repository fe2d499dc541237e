package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	directory, err := ensure(ctx, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "controlplane:", err)
		os.Exit(1)
	}
	fmt.Println(directory)
}

// ensure returns a directory with all four programs. It prefers, in this order: KUBEBUILDER_ASSETS as it is, the cache,
// a build of what neither has.
func ensure(ctx context.Context, progress io.Writer) (string, error) {
	module, err := os.ReadFile("go.mod")
	if errors.Is(err, fs.ErrNotExist) {
		return "", errors.New("go.mod is not in the working directory; run it as 'go -C hack/controlplane run .'")
	} else if err != nil {
		return "", err
	}
	version, err := kubernetesVersion(module)
	if err != nil {
		return "", err
	}
	given, err := prebuilt(os.Getenv("KUBEBUILDER_ASSETS"))
	if err != nil {
		return "", err
	}
	if len(given) == len(programs(version)) {
		return os.Getenv("KUBEBUILDER_ASSETS"), nil
	}
	root, err := cacheRoot()
	if err != nil {
		return "", err
	}
	target := filepath.Join(root, version+"-"+stamp(module, version, given))
	if complete(target, version) {
		return target, nil
	}
	return target, fill(ctx, progress, target, version, given)
}

// fill builds into a directory beside the target and moves it there at the end, so that the target is always whole and two
// runs at a time do not disturb each other.
func fill(ctx context.Context, progress io.Writer, target, version string, given map[string]string) error {
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		return fmt.Errorf("making the cache directory: %w", err)
	}
	partial, err := os.MkdirTemp(filepath.Dir(target), ".partial-")
	if err != nil {
		return fmt.Errorf("making a build directory: %w", err)
	}
	defer os.RemoveAll(partial)
	fmt.Fprintf(progress, "controlplane: building Kubernetes %s; the first time takes some five minutes on 2 cores\n", version)
	for _, program := range programs(version) {
		output := filepath.Join(partial, program.name)
		if path, ok := given[program.name]; ok {
			err = os.Symlink(path, output)
		} else {
			err = program.build(ctx, progress, output)
		}
		if err != nil {
			return err
		}
	}
	if err := os.Chmod(partial, 0o755); err != nil {
		return fmt.Errorf("opening the build directory to readers: %w", err)
	}
	if err := os.Rename(partial, target); err != nil && !complete(target, version) {
		return fmt.Errorf("putting the binaries in place: %w", err)
	}
	return nil
}

// elapsed is what a progress line says of a duration.
func elapsed(since time.Time) string {
	return time.Since(since).Round(time.Second).String()
}
