package main

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestKubernetesVersion(t *testing.T) {
	tests := map[string]struct {
		module string
		want   string
		fails  bool
	}{
		"a line of a require block is read":       {module: "require (\n\tk8s.io/kubernetes v1.37.2\n)", want: "v1.37.2"},
		"a require line of its own is read":       {module: "require k8s.io/kubernetes v1.37.2\n", want: "v1.37.2"},
		"a staging module is not Kubernetes":      {module: "require k8s.io/kubernetes-extra v1.2.3\n", fails: true},
		"a pseudo version is not a release":       {module: "require k8s.io/kubernetes v1.37.2-0.2026\n", fails: true},
		"a module without Kubernetes is an error": {module: "module x\n", fails: true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := kubernetesVersion([]byte(test.module))
			if got != test.want || (err != nil) != test.fails {
				t.Errorf("kubernetesVersion = %q, %v; want %q, error %v", got, err, test.want, test.fails)
			}
		})
	}
}

func TestGivenBinaries(t *testing.T) {
	all := []string{"etcd", "kubectl", "kube-apiserver", "kube-controller-manager"}
	tests := map[string]struct {
		holds   []string
		want    int
		message string
	}{
		"a complete directory is taken as it is":          {holds: all, want: 4},
		"without kube-controller-manager the rest counts": {holds: all[:3], want: 3},
		"without kube-apiserver it is a mistake":          {holds: all[:1], message: "no executable kube-apiserver"},
		"an empty directory is a mistake":                 {message: "unset it"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			directory := t.TempDir()
			writeExecutables(t, directory, test.holds)
			found, err := prebuilt(directory)
			if message := text(err); len(found) != test.want || !strings.Contains(message, test.message) || (err != nil) != (test.message != "") {
				t.Errorf("prebuilt = %v, %q; want %d programs and an error with %q", found, message, test.want, test.message)
			}
		})
	}
}

func TestEnsureTakesWhatIsThere(t *testing.T) {
	module, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	version, err := kubernetesVersion(module)
	if err != nil {
		t.Fatal(err)
	}
	names := []string{"etcd", "kubectl", "kube-apiserver", "kube-controller-manager"}

	t.Run("a cache with all binaries is used without a build", func(t *testing.T) {
		cache := t.TempDir()
		t.Setenv("SCIM_OPERATOR_CACHE", cache)
		t.Setenv("KUBEBUILDER_ASSETS", "")
		want := filepath.Join(cache, "controlplane", version+"-"+stamp(module, version, nil))
		writeExecutables(t, want, names)
		if got, err := ensure(context.Background(), io.Discard); got != want || err != nil {
			t.Errorf("ensure = %q, %v; want %q", got, err, want)
		}
	})
	t.Run("complete KUBEBUILDER_ASSETS are used without a cache", func(t *testing.T) {
		given := t.TempDir()
		writeExecutables(t, given, names)
		t.Setenv("KUBEBUILDER_ASSETS", given)
		if got, err := ensure(context.Background(), io.Discard); got != given || err != nil {
			t.Errorf("ensure = %q, %v; want %q", got, err, given)
		}
	})
}

func TestStampFollowsWhatIsBuilt(t *testing.T) {
	base := stamp([]byte("require k8s.io/kubernetes v1.37.2"), "v1.37.2", nil)
	if other := stamp([]byte("require k8s.io/kubernetes v1.37.3"), "v1.37.3", nil); other == base {
		t.Error("another version has the same stamp")
	}
	if other := stamp([]byte("require k8s.io/kubernetes v1.37.2"), "v1.37.2", map[string]string{"etcd": "/opt/etcd"}); other == base {
		t.Error("a given etcd has the stamp of a built one")
	}
}

func writeExecutables(t *testing.T, directory string, names []string) {
	t.Helper()
	if err := os.MkdirAll(directory, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if err := os.WriteFile(filepath.Join(directory, name), []byte("#!/bin/sh\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
