package endpoint

import (
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
)

func TestErrorsOfTheStoreNeverShowItsPassword(t *testing.T) {
	for name, address := range map[string]string{
		"no scheme":                       "scim:Hunter2@db/scim",
		"a mistyped scheme":               "postgress://scim:Hunter2@db/scim",
		"one slash":                       "postgres:/scim:Hunter2@db/scim",
		"keys and values":                 "host=db password=Hunter2",
		"a port that is none":             "postgres://scim:Hunter2@127.0.0.1:port/scim",
		"a percent sign in the password":  "postgres://scim:100%Hunter2@127.0.0.1:1/scim",
		"a slash in the password":         "postgres://scim:1/Hunter2@127.0.0.1:1/scim",
		"a question mark in the password": "postgres://scim:1?Hunter2@127.0.0.1:1/scim",
		"a hash sign in the password":     "postgres://scim:1#Hunter2@127.0.0.1:1/scim",
		"a server that does not answer":   "postgres://scim:Hunter2@127.0.0.1:1/scim",
		"a mode of TLS that is none":      "postgres://scim:Hunter2@127.0.0.1:1/scim?sslmode=Hunter",
		"a password among the parameters": "postgres://scim@127.0.0.1:1/scim?password=Hunter2&sslmode=wrong",
		"a pool that is none":             "postgres://scim:Hunter2@127.0.0.1:1/scim?pool_max_conns=many",
		"another database":                "mysql://scim:Hunter2@db/scim",
	} {
		_, err := OpenStore(t.Context(), address)
		switch {
		case err == nil:
			t.Errorf("%s: it opened", name)
		case strings.Contains(err.Error(), "Hunter2") || !strings.Contains(err.Error(), "--store"):
			t.Errorf("%s: %q; want --store in it and not the password", name, err)
		}
	}
}

func TestRedactKnowsEveryFormOfAPassword(t *testing.T) {
	address, err := url.Parse("postgres://scim:p%40ss%2Fw+%25rd@db/scim?sslpassword=k%C3%A9y")
	if err != nil {
		t.Fatal(err)
	}
	cause := errors.New("p@ss/w+%rd p%40ss%2Fw+%25rd p%40ss%2Fw%2B%25rd kéy k%C3%A9y of scim")
	err = redact(fmt.Errorf("cannot connect: %w", cause), address)
	if text := err.Error(); strings.Contains(text, "ss") || strings.Contains(text, "y of") || !strings.Contains(text, "of scim") {
		t.Errorf("the text is %q", text)
	}
	if !errors.Is(err, cause) {
		t.Error("the cause is lost")
	}
}

func TestRedactHidesAPasswordOnce(t *testing.T) {
	address, err := url.Parse("postgres://scim:x@db/scim?password=x")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := redact(errors.New("max 1"), address).Error(), "maxxxxx 1"; got != want {
		t.Errorf("the text is %q, want %q", got, want)
	}
}

func TestACommandDoesNotMakeTheDatabaseThatItIsToRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "scim.db")
	if _, err := OpenExistingStore(t.Context(), "sqlite://"+path); err == nil || !strings.Contains(err.Error(), "--store: there is no database "+path+": correct the name") {
		t.Errorf("error %v, want flag, file and remedy in it", err)
	}
	if found, _ := filepath.Glob(path + "*"); len(found) > 0 {
		t.Errorf("it made %v", found)
	}
}

func TestThePublicURLOfAllAddressesNamesThisMachine(t *testing.T) {
	for addr, want := range map[string]string{
		"[::]:8080": "http://localhost:8080/scim/v2", "0.0.0.0:80": "http://localhost:80/scim/v2", "127.0.0.1:8080": "http://127.0.0.1:8080/scim/v2",
	} {
		if got, err := (Options{BasePath: "/scim/v2"}).publicURL(addr); err != nil || got != want {
			t.Errorf("%s: %s, %v; want %s", addr, got, err, want)
		}
	}
}
