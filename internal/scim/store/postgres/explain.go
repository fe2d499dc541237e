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
	codeForbidden:        "make the user the owner of the database, or give it the right to make tables: GRANT CREATE ON SCHEMA public",
	"42P01":              "let search_path name the schema that has the store's tables, of which the user is the owner",
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
	{"timeout:", "see that PostgreSQL answers there: something took the connection and said nothing"},
	{"failed to receive message", "see that it is PostgreSQL that listens there"},
}

const (
	refusesTLS   = "server refused TLS connection"
	failureOfTLS = ": tls error: "
)

// explained is an error in words for who gave the address.
type explained struct {
	text  string
	cause error
}

// Error implements error.
func (e *explained) Error() string { return e.text }

// Unwrap gives the cause to errors.Is.
func (e *explained) Unwrap() error { return e.cause }

// explain says in one line what keeps the database from being opened, and what to do about it.
func explain(cause error) error {
	text, connecting := cause.Error(), false
	if connect, ok := errors.AsType[*pgconn.ConnectError](cause); ok {
		text, connecting = fmt.Sprintf("connecting to database %s as %s: %s", connect.Config.Database, connect.Config.User, attemptsOf(connect)), true
	}
	if remedy := remedyOf(cause, text, connecting); remedy != "" {
		text += ": " + remedy
	}
	return &explained{text: text, cause: translate(cause)}
}

// attemptsOf are the lines of an error of connecting: one for each address and mode of TLS that was tried, without
// repetitions, and without those in which TLS failed and it was tried without.
func attemptsOf(connect *pgconn.ConnectError) string {
	var told []string
	for line := range strings.Lines(errors.Unwrap(connect).Error()) {
		line = strings.TrimPrefix(strings.TrimSpace(line), "hostname resolving error: ")
		told = slices.DeleteFunc(told, func(earlier string) bool {
			address, _, ofTLS := strings.Cut(earlier, failureOfTLS)
			return ofTLS && strings.HasPrefix(line, address+": ")
		})
		if !slices.Contains(told, line) {
			told = append(told, line)
		}
	}
	return strings.Join(told, "; ")
}

// remedyOf is that of the server's own word, or else of what the text says.
func remedyOf(cause error, text string, connecting bool) string {
	if coded, ok := errors.AsType[*pgconn.PgError](cause); ok {
		if connecting && coded.Code == codeForbidden {
			return "give the user the right to connect: GRANT CONNECT ON DATABASE"
		}
		return remedies[coded.Code]
	}
	for _, known := range remediesOfConnecting {
		if strings.Contains(text, known.words) {
			return known.remedy
		}
	}
	return ""
}
