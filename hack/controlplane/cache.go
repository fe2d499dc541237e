package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

// cacheRoot is where built control planes are kept: SCIM_OPERATOR_CACHE, else scim-operator in XDG_CACHE_HOME, else in ~/.cache.
func cacheRoot() (string, error) {
	if root := os.Getenv("SCIM_OPERATOR_CACHE"); root != "" {
		absolute, err := filepath.Abs(root)
		return filepath.Join(absolute, "controlplane"), err
	}
	if root := os.Getenv("XDG_CACHE_HOME"); root != "" {
		return filepath.Join(root, "scim-operator", "controlplane"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("finding the cache directory (SCIM_OPERATOR_CACHE can name it): %w", err)
	}
	return filepath.Join(home, ".cache", "scim-operator", "controlplane"), nil
}

// stamp names a build by everything that decides what is in it. Go's own version is left out: another patch release of the
// compiler makes a control plane that is as good.
func stamp(module []byte, version string, given map[string]string) string {
	sum := sha256.New()
	fmt.Fprintln(sum, runtime.GOOS, runtime.GOARCH)
	sum.Write(module)
	for _, p := range programs(version) {
		fmt.Fprintln(sum, p.name, p.importPath, p.linkerFlags, p.environment, given[p.name])
	}
	return hex.EncodeToString(sum.Sum(nil))[:16]
}

// complete says whether directory holds every program.
func complete(directory, version string) bool {
	for _, p := range programs(version) {
		if !executable(filepath.Join(directory, p.name)) {
			return false
		}
	}
	return true
}

// prebuilt returns the programs that a KUBEBUILDER_ASSETS directory holds, name to absolute path. Such a directory usually lacks
// kube-controller-manager; without etcd and kube-apiserver it is a mistake.
func prebuilt(directory string) (map[string]string, error) {
	if directory == "" {
		return nil, nil
	}
	directory, err := filepath.Abs(directory)
	if err != nil {
		return nil, fmt.Errorf("finding KUBEBUILDER_ASSETS: %w", err)
	}
	found := map[string]string{}
	for _, p := range programs("") {
		if path := filepath.Join(directory, p.name); executable(path) {
			found[p.name] = path
		}
	}
	for _, needed := range []string{"etcd", "kube-apiserver"} {
		if found[needed] == "" {
			return nil, fmt.Errorf("KUBEBUILDER_ASSETS=%s holds no executable %s: unset it to have one built, or correct it", directory, needed)
		}
	}
	return found, nil
}

func executable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o111 != 0
}
