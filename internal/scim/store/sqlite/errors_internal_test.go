package sqlite

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestAFileSystemWithoutLocksIsExplained(t *testing.T) {
	folder := t.TempDir()
	for _, refusal := range []error{syscall.ENOTSUP, syscall.ENOSYS, syscall.ENOLCK} {
		err := explain(filepath.Join(folder, "scim.db"), fmt.Errorf("locking: %w", &os.SyscallError{Syscall: "flock", Err: refusal}))
		if want := "the file system of " + folder + " has no locks: put it on"; !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q in it", err, want)
		}
	}
}
