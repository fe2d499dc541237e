package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAnEditorWritesNamespacedKindsAndOnlyReadsClusterScopedOnes(t *testing.T) {
	crds, out := t.TempDir(), t.TempDir()
	for file, spec := range map[string]string{
		"a.yaml": "spec: {group: scim-operator.io, scope: Namespaced, names: {plural: scimapps, kind: ScimApp}, versions: []}",
		"b.yaml": "spec: {group: scim-operator.io, scope: Cluster, names: {plural: entratenants, kind: EntraTenant}, versions: []}",
	} {
		if err := os.WriteFile(filepath.Join(crds, file), []byte(spec), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := run(crds, out); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"scim_editor_role.yaml", "scim_viewer_role.yaml"} {
		got, err := os.ReadFile(filepath.Join(out, file))
		if err != nil {
			t.Fatal(err)
		}
		want, err := os.ReadFile(filepath.Join("testdata", file))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", file, diff)
		}
	}
}

func TestAFolderWithoutCRDsIsAnError(t *testing.T) {
	if err := run(t.TempDir(), t.TempDir()); err == nil {
		t.Error("roles were written for no kinds")
	}
}
