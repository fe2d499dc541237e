package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/scim-operator/scim-operator/internal/scim/store"
	"github.com/scim-operator/scim-operator/internal/scim/store/sqlite"
)

func TestADatabaseIsServedByOneEndpointAtATime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "scim.db")
	first, err := sqlite.OpenToServe(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(t.TempDir(), "link.db")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	for name, same := range map[string]string{"its own name": path, "a link": link} {
		impatient, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		_, err := sqlite.OpenToServe(impatient, same)
		cancel()
		if want := fmt.Sprintf("%s is held by process %d on ", same, os.Getpid()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("by %s: error %v, want %q in it", name, err, want)
		}
	}
	nothing := func() (store.Exported, error) { return store.Exported{}, io.EOF }
	beside := open(t, path)
	if err := beside.Import(t.Context(), store.Identity{StoreID: "x", CursorKey: []byte("key")}, nothing); !errors.Is(err, store.ErrServed) || !strings.Contains(err.Error(), path) {
		t.Errorf("error %v of an import beside the endpoint, want ErrServed with the file", err)
	}

	second := make(chan error, 1)
	go func() {
		s, err := sqlite.OpenToServe(t.Context(), path)
		if err == nil {
			err = s.Close()
		}
		second <- err
	}()
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-second; err != nil {
		t.Errorf("error %v of one that waits for the end of the first", err)
	}
	third := open(t, path)
	err = beside.Import(t.Context(), store.Identity{StoreID: "x", CursorKey: []byte("key")}, func() (store.Exported, error) {
		if err := third.Import(t.Context(), store.Identity{StoreID: "y", CursorKey: []byte("key")}, nothing); !errors.Is(err, store.ErrServed) {
			t.Errorf("error %v of an import beside another, want ErrServed", err)
		}
		return nothing()
	})
	if err != nil {
		t.Errorf("error %v of an import when nobody serves", err)
	}
}

func TestADatabaseThatCannotBeOpenedIsExplained(t *testing.T) {
	folder := t.TempDir()
	text := filepath.Join(folder, "notes.txt")
	if err := os.WriteFile(text, []byte(strings.Repeat("no database ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct{ path, says string }{
		"a folder that is missing":        {filepath.Join(folder, "missing", "scim.db"), "there is no folder " + filepath.Join(folder, "missing") + ": make it"},
		"a file of another kind":          {text, "something else than a SQLite database"},
		"a folder where a file should be": {folder, "a file that the user that runs scim-endpoint"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, open := range []func(context.Context, string) (*sqlite.Store, error){sqlite.Open, sqlite.OpenToServe} {
				if _, err := open(t.Context(), test.path); err == nil || !strings.Contains(err.Error(), test.says) {
					t.Errorf("error %v, want that %s", err, test.says)
				}
			}
		})
	}
}

// withoutRoot takes root's rights, to which every file is writable, from the process until the test ends, and gives it the
// folder. Who is not root has nothing to lose.
func withoutRoot(t *testing.T, folder string) {
	t.Helper()
	const nobody = 65534
	if os.Geteuid() != 0 {
		return
	}
	// The folder above it is the test's too, and closed to others.
	if err := errors.Join(os.Chown(filepath.Dir(folder), nobody, nobody), os.Chown(folder, nobody, nobody), syscall.Setreuid(0, nobody)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := syscall.Setreuid(0, 0); err != nil {
			t.Error(err)
		}
	})
}

func TestADatabaseThatMayOnlyBeReadIsExportedAndNotServed(t *testing.T) {
	folder := t.TempDir()
	withoutRoot(t, folder)
	path := filepath.Join(folder, "scim.db")
	if err := open(t, path).Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o400); err != nil {
		t.Fatal(err)
	}
	const says = "a file that the user that runs scim-endpoint"
	if _, err := sqlite.OpenToServe(t.Context(), path); err == nil || !strings.Contains(err.Error(), says) {
		t.Errorf("error %v of serving it, want %q in it", err, says)
	}
	read := open(t, path)
	if _, err := read.Identity(t.Context()); err != nil {
		t.Errorf("error %v of reading it", err)
	}
	nothing := func() (store.Exported, error) { return store.Exported{}, io.EOF }
	err := read.Import(t.Context(), store.Identity{StoreID: "x", CursorKey: []byte("key")}, nothing)
	if err == nil || !strings.Contains(err.Error(), says) {
		t.Errorf("error %v of importing into it, want %q in it", err, says)
	}
}
