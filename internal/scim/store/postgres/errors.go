package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/puddle/v2"

	"github.com/scim-operator/scim-operator/internal/scim/store"
)

// The error codes of PostgreSQL that are told apart, see its manual, appendix A.
const (
	codeUniqueViolation      = "23505"
	codeForeignKeyViolation  = "23503"
	codeReadOnly             = "25006"
	codeSerializationFailure = "40001"
	codeDeadlock             = "40P01"
	codeLockNotAvailable     = "55P03"
	codeQueryCanceled        = "57014"
	codeForbidden            = "42501"
)

// passing are the classes of errors that say nothing against the statement: connection, resources, intervention of the
// operator (which holds shutdown), and input and output of the system.
var passing = []string{"08", "53", "57", "58"}

// userNameIndex is the one constraint that a client can violate by a document.
const userNameIndex = "resources_user_name"

// translate names the errors that the port knows.
func translate(err error) error {
	var e *pgconn.PgError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, pgx.ErrNoRows):
		return store.ErrNotFound
	case errors.As(err, &e):
		return translateCode(e, err)
	case isConnecting(err):
		return fmt.Errorf("%w: %w", store.ErrUnavailable, err)
	case errors.Is(err, context.Canceled):
		return err
	case isConnection(err):
		return fmt.Errorf("%w: %w", store.ErrUnavailable, err)
	}
	return err
}

func translateCode(e *pgconn.PgError, err error) error {
	switch {
	case e.Code == codeUniqueViolation && e.ConstraintName == userNameIndex:
		return store.ErrUserNameTaken
	case isPassing(e.Code), isConnecting(err):
		return fmt.Errorf("%w: %w", store.ErrUnavailable, err)
	}
	return err
}

func isPassing(code string) bool {
	switch code {
	case codeReadOnly, codeSerializationFailure, codeDeadlock, codeLockNotAvailable:
		return true
	}
	for _, class := range passing {
		if strings.HasPrefix(code, class) {
			return true
		}
	}
	return false
}

// isConnecting is true of whatever keeps us from connecting, be it a password that was changed a moment ago.
func isConnecting(err error) bool {
	var connect *pgconn.ConnectError
	return errors.As(err, &connect)
}

func isConnection(err error) bool {
	var network net.Error
	return errors.As(err, &network) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, net.ErrClosed) || errors.Is(err, context.DeadlineExceeded) || pgconn.SafeToRetry(err) ||
		errors.Is(err, pgconn.ErrConnClosed) || errors.Is(err, puddle.ErrClosedPool)
}

// attempts bounds how often a write is tried that fails through no fault of its own.
const attempts = 5

// retry runs f again when another writer came between, or a connection was dead before anything was sent.
func (s *Store) retry(ctx context.Context, f func() error) error {
	for attempt := 1; ; attempt++ {
		err := f()
		var e *pgconn.PgError
		if errors.As(err, &e) && e.Code == codeReadOnly {
			s.pool.Reset() // the server became a standby: its successor is behind the same address
		}
		if attempt == attempts || !again(err, e) {
			return err
		}
		wait := time.NewTimer(rand.N(time.Duration(attempt) * 10 * time.Millisecond))
		select {
		case <-ctx.Done():
			wait.Stop()
			return err
		case <-wait.C:
		}
	}
}

// again is true of errors that a second try has not. A foreign key is violated only by a member that was not there to be
// locked, came, and went again before it was written: the next time it is unknown.
func again(err error, e *pgconn.PgError) bool {
	if e != nil {
		return e.Code == codeSerializationFailure || e.Code == codeDeadlock || e.Code == codeForeignKeyViolation
	}
	return err != nil && pgconn.SafeToRetry(err)
}
