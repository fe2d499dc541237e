package sqlite

import (
	"errors"
	"fmt"
	"strings"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/scim-operator/scim-operator/internal/scim/store"
)

// unavailable marks the errors that pass: another process holds the lock, as while a pod is replaced, or the disk is
// full or fails.
func unavailable(err error) error {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.Code() & primaryCode {
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
