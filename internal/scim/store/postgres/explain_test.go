package postgres_test

import (
	"net"
	"net/url"
	"strings"
	"testing"

	"github.com/scim-operator/scim-operator/internal/scim/store/pgtest"
	"github.com/scim-operator/scim-operator/internal/scim/store/postgres"
)

// A role is the server's, not the database's.
const roleWithoutRights = `DO $$ BEGIN CREATE ROLE weak LOGIN; EXCEPTION WHEN duplicate_object THEN END $$`

// closedDatabase is the path of a database to which only its owner may connect.
func closedDatabase(t *testing.T) string {
	t.Helper()
	closed, err := url.Parse(pgtest.Database(t))
	if err != nil {
		t.Fatal(err)
	}
	exec(t, connect(t, closed.String()), `REVOKE CONNECT ON DATABASE `+closed.Path[1:]+` FROM PUBLIC`)
	return closed.Path
}

// mute is the address of a server that says so much whatever it is asked, and then waits.
func mute(t *testing.T, greeting string) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { _ = conn.Close() })
			_, _ = conn.Write([]byte(greeting))
		}
	}()
	return listener.Addr().String()
}

func TestADatabaseThatCannotBeOpenedIsExplainedInALine(t *testing.T) {
	database := pgtest.Database(t)
	exec(t, connect(t, database), roleWithoutRights)
	closed := closedDatabase(t)
	for name, test := range map[string]struct {
		change func(*url.URL)
		says   []string
	}{
		"a database that is not there": {
			func(u *url.URL) { u.Path = "/missing" },
			[]string{`connecting to database missing as postgres: `, `database "missing" does not exist`, ": make the database"},
		},
		"a user that is not there": {
			func(u *url.URL) { u.User = url.User("nobody") },
			[]string{`role "nobody" does not exist`},
		},
		"a user without rights": {
			func(u *url.URL) { u.User = url.User("weak") },
			[]string{"permission denied for schema public", "GRANT CREATE ON SCHEMA public"},
		},
		"a user who may not connect": {
			func(u *url.URL) { u.User, u.Path = url.User("weak"), closed },
			[]string{"permission denied for database", ": give the user the right to connect: GRANT CONNECT ON DATABASE"},
		},
		"a server that says nothing": {
			func(u *url.URL) { u.Host, u.RawQuery = mute(t, ""), "sslmode=prefer&connect_timeout=1" },
			[]string{": see that "},
		},
		"a server of something else": {
			func(u *url.URL) { u.Host = mute(t, "HTTP/1.1 400 Bad Request\r\n\r\n") },
			[]string{": see that it is PostgreSQL that listens there"},
		},
		"a parameter of the wrong form": {
			func(u *url.URL) { u.User, u.RawQuery = url.UserPassword("scim", "Hunter2"), "pool_max_conns=many" },
			[]string{`correct this in the URL of the PostgreSQL store: cannot parse pool_max_conns (strconv.ParseInt: parsing "many"`},
		},
		"a port at which nobody listens": {
			func(u *url.URL) { u.Host = "127.0.0.1:1" },
			[]string{"127.0.0.1:1 (127.0.0.1): dial error", ": see that PostgreSQL listens there"},
		},
		"a server without TLS where TLS is asked for": {
			func(u *url.URL) { u.RawQuery = "sslmode=verify-full" },
			[]string{"server refused TLS connection: sslmode asks for TLS"},
		},
		"a server without TLS where it is tried": {
			func(u *url.URL) { u.Path, u.RawQuery = "/missing", "sslmode=prefer" },
			[]string{" (127.0.0.1): server error: ", ": make the database"},
		},
		"a database that only reads": {
			func(u *url.URL) { u.RawQuery += "&default_transaction_read_only=on" },
			[]string{": name the primary server"},
		},
		"a schema that is not there": {
			func(u *url.URL) { u.RawQuery += "&search_path=missing" },
			[]string{": make the schema that search_path names"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			address, err := url.Parse(database)
			if err != nil {
				t.Fatal(err)
			}
			test.change(address)
			if _, err = postgres.Open(t.Context(), address.String()); err == nil {
				t.Fatal("it opened")
			}
			if strings.Contains(err.Error(), "\n") || strings.Contains(err.Error(), "Hunter2") || strings.Count(err.Error(), " (127.0.0.1): ") > 1 {
				t.Errorf("the error tells of more than what is to be done: %v", err)
			}
			for _, words := range test.says {
				if !strings.Contains(err.Error(), words) {
					t.Errorf("error %v, want %q in it", err, words)
				}
			}
		})
	}
}
