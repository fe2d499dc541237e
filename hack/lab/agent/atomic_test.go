package agent

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAtomicWriter(t *testing.T) {
	w := &atomicWriter{directory: filepath.Join(t.TempDir(), "volume")}
	state := func() string {
		t.Helper()
		target, err := os.Readlink(filepath.Join(w.directory, dataLink))
		if err != nil {
			t.Fatal(err)
		}
		return target
	}
	write := func(files map[string]string) {
		t.Helper()
		modes := map[string]file{}
		for name, content := range files {
			modes[name] = file{content: []byte(content), mode: 0o644}
		}
		if err := w.write(modes); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(files, visible(t, w.directory)); diff != "" {
			t.Errorf("visible files (-want +got):\n%s", diff)
		}
	}

	write(map[string]string{"hashes": "one", "nested/key": "two"})
	first := state()
	write(map[string]string{"hashes": "one", "nested/key": "two"})
	if state() != first {
		t.Error("an unchanged volume was swapped")
	}
	write(map[string]string{"hashes": "three", "other": "four"})
	if state() == first {
		t.Error("a change was written in place")
	}
	if _, err := os.Stat(filepath.Join(w.directory, first)); !os.IsNotExist(err) {
		t.Errorf("the old state is still there: %v", err)
	}
	if target, err := os.Readlink(filepath.Join(w.directory, "hashes")); err != nil || target != "..data/hashes" {
		t.Errorf("hashes links to %q, %v; want a link through ..data", target, err)
	}
	write(map[string]string{})
}

// visible reads the files below a volume as a program in the container sees them.
func visible(t *testing.T, directory string) map[string]string {
	t.Helper()
	found := map[string]string{}
	var walk func(prefix string)
	walk = func(prefix string) {
		entries, err := os.ReadDir(filepath.Join(directory, prefix))
		if err != nil {
			t.Fatal(err)
		}
		for _, entry := range entries {
			name := filepath.Join(prefix, entry.Name())
			info, err := os.Stat(filepath.Join(directory, name))
			switch {
			case strings.HasPrefix(name, ".."):
			case err != nil:
				t.Errorf("%s leads nowhere: %v", name, err)
			case info.IsDir():
				walk(name)
			default:
				content, err := os.ReadFile(filepath.Join(directory, name))
				if err != nil {
					t.Fatal(err)
				}
				found[name] = string(content)
			}
		}
	}
	walk("")
	return found
}
