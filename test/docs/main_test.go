package docs_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/scim-operator/scim-operator/test/envtest"
)

// server is the API server. It starts when the first test wants it: most tests only read files.
var server = sync.OnceValues(func() (*envtest.Server, error) {
	s, err := envtest.Start()
	started = s
	return s, err
})

var started *envtest.Server

func TestMain(m *testing.M) {
	code := m.Run()
	if started != nil {
		if err := started.Stop(); err != nil {
			fmt.Fprintln(os.Stderr, "test/docs: stopping the API server:", err)
			code = 1
		}
	}
	os.Exit(code)
}

// root is the folder of the repository.
func root(t *testing.T) string {
	t.Helper()
	dir, err := envtest.Root()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// read gives a file of the repository.
func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(root(t), filepath.FromSlash(path)))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// pages gives README.md and all of docs/, by path.
func pages(t *testing.T) map[string]page {
	t.Helper()
	found := map[string]page{"README.md": parsePage(read(t, "README.md"))}
	base := root(t)
	err := filepath.WalkDir(filepath.Join(base, "docs"), func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".md" {
			return err
		}
		name, err := filepath.Rel(base, path)
		if err != nil {
			return err
		}
		name = filepath.ToSlash(name)
		found[name] = parsePage(read(t, name))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// oneLine makes texts comparable that are wrapped or indented differently.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
