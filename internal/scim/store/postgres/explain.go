package postgres

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// remedies tell what to do about an error that keeps a database from being opened, by its code, see PostgreSQL's manual,
// appendix A.
var remedies = map[string]string{
	"28P01":              "give the user and the password that the server knows",
	"28000":              "give a user that the server's pg_hba.conf lets in from here",
	"3D000":              "make the database, owned by this user, or name another one",
	"3F000":              "make the schema that search_path names, owned by this user",
	"42501":              "make the user the owner of the database, or give it the right to make tables: GRANT CREATE ON SCHEMA public",
	"53300":              "let the server take more connections (max_connections), or the endpoint hold fewer (pool_max_conns)",
	codeReadOnly:         "name the primary server, and a database that may be written",
	codeLockNotAvailable: "another process holds the lock of migrations: see that it ends",
}

// remediesOfConnecting are those of errors that come without a code, by words of pgx and of Go.
var remediesOfConnecting = []struct{ words, remedy string }{
	{"read only connection", remedies[codeReadOnly]},
	{refusesTLS, "sslmode asks for TLS and the server offers none: switch it on there"},
	{"x509:", "name the CA of the server's certificate by sslrootcert, and the server by the name in its certificate"},
	{"no such host", "see that the name of the server is spelled as it is known here"},
	{"dial error", "see that PostgreSQL listens there and can be reached from here"},
}

const refusesTLS = "server refused TLS connection"

// explain says in one line what keeps the database from being opened, and what to do about it.
func explain(cause error) error {
	err := cause
	var connect *pgconn.ConnectError
	if errors.As(cause, &connect) {
		err = fmt.Errorf("connecting to database %s as %s: %s", connect.Config.Database, connect.Config.User, attemptsOf(connect))
	}
	if remedy := remedyOf(cause, err.Error()); remedy != "" {
		return fmt.Errorf("%w: %s", err, remedy)
	}
	return err
}

// attemptsOf are the lines of an error of connecting: one for each address and mode of TLS that was tried, without
// repetitions, and without those in which the server refused the TLS that it need not have.
func attemptsOf(connect *pgconn.ConnectError) string {
	var lines []string
	for line := range strings.Lines(errors.Unwrap(connect).Error()) {
		line = strings.TrimPrefix(strings.TrimSpace(line), "hostname resolving error: ")
		if !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	told := slices.DeleteFunc(slices.Clone(lines), func(line string) bool { return strings.HasSuffix(line, refusesTLS) })
	if len(told) == 0 {
		told = lines
	}
	return strings.Join(told, "; ")
}

// remedyOf is that of the server's own word, or else of what the text says.
func remedyOf(cause error, text string) string {
	if coded, ok := errors.AsType[*pgconn.PgError](cause); ok {
		return remedies[coded.Code]
	}
	for _, known := range remediesOfConnecting {
		if strings.Contains(text, known.words) {
			return known.remedy
		}
	}
	return ""
}
