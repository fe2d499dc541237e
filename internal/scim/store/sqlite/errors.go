package sqlite

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/scim-operator/scim-operator/internal/scim/store"
)

// unavailable marks the errors that pass: another process holds the lock, as while a pod is replaced, or the disk is
// full or fails.
func unavailable(err error) error {
	switch codeOf(err) {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR:
		return fmt.Errorf("%w: %w", store.ErrUnavailable, err)
	}
	return err
}

// primaryCode masks the primary code out of an extended one.
const primaryCode = 0xff

// translate names the one constraint that a client can violate by a document.
func translate(err error) error {
	if isConstraint(err, sqlite3.SQLITE_CONSTRAINT_UNIQUE) && strings.Contains(err.Error(), "user_name_key") {
		return store.ErrUserNameTaken
	}
	return unavailable(err)
}

// isConstraint tells whether an error is the violation of a constraint of that extended code.
func isConstraint(err error, code int) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && e.Code() == code
}

func isUnknownMember(err error) bool {
	return isConstraint(err, sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY)
}

// explain says what to do about an error that keeps a database from being opened.
func explain(path string, err error) error {
	folder := filepath.Dir(path)
	if _, missing := os.Stat(folder); errors.Is(missing, fs.ErrNotExist) {
		return fmt.Errorf("there is no folder %s: make it, writable for the user that runs scim-endpoint", folder)
	}
	switch code := codeOf(err); {
	case code == sqlite3.SQLITE_NOTADB:
		return fmt.Errorf("%w: %s is something else than a SQLite database; name another file", err, path)
	case code == sqlite3.SQLITE_CANTOPEN, code == sqlite3.SQLITE_READONLY, errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return fmt.Errorf("%w: %s has to be a file that the user that runs scim-endpoint (uid %d) may write, in a folder where it may make others", err, path, os.Geteuid())
	case lockless(err):
		return fmt.Errorf("%w: the file system of %s has no locks: put it on a local disk or a volume that has them, or use PostgreSQL", err, folder)
	}
	return err
}

// lockless tells whether a file system refuses to lock at all. To serve without the lock is no way out: SQLite asks the same
// file system for its own, and damages the database where two processes seem to have them.
func lockless(err error) bool {
	return slices.ContainsFunc([]error{syscall.ENOTSUP, syscall.ENOSYS, syscall.ENOLCK}, func(refusal error) bool { return errors.Is(err, refusal) })
}

// codeOf is the primary code of an error of SQLite; 0 of others.
func codeOf(err error) int {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return 0
	}
	return e.Code() & primaryCode
}
