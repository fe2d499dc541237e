package endpoint

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/scim-operator/scim-operator/internal/scim/store"
	"github.com/scim-operator/scim-operator/internal/scim/store/postgres"
	"github.com/scim-operator/scim-operator/internal/scim/store/sqlite"
)

var errStore = errors.New("--store is missing or of no such form: write sqlite:///absolute/path/to/scim.db or postgres://user:password@host/database")

// OpenStore opens the store that an address names and brings its schema up to date. An endpoint may serve it meanwhile. The
// address may hold a password, so no error repeats it.
func OpenStore(ctx context.Context, address string) (store.Store, error) {
	return openStore(ctx, address, sqlite.Open)
}

// openStore opens a SQLite file in the way that is given.
func openStore(ctx context.Context, address string, openSQLite func(ctx context.Context, path string) (*sqlite.Store, error)) (store.Store, error) {
	if file, ok := strings.CutPrefix(address, "sqlite://"); ok && path.IsAbs(file) {
		opened, err := openSQLite(ctx, file)
		if err != nil {
			return nil, fmt.Errorf("--store: %w", err)
		}
		return opened, nil
	}
	if !strings.HasPrefix(address, "postgres://") && !strings.HasPrefix(address, "postgresql://") {
		return nil, errStore
	}
	parsed, err := url.Parse(address)
	if err != nil || parsed.User == nil && strings.Contains(address, "@") { // a password such as 1/2 ends the host, and is shown as a port and a path
		return nil, errors.New("--store is no URL that can be read: percent-encode what is special in user and password")
	}
	opened, err := postgres.Open(ctx, address)
	if err != nil {
		return nil, fmt.Errorf("--store: %w", redact(err, parsed))
	}
	return opened, nil
}

// OpenExistingStore is OpenStore for a store that is there: a SQLite file with a mistyped name must not be made.
func OpenExistingStore(ctx context.Context, address string) (store.Store, error) {
	if file, ok := strings.CutPrefix(address, "sqlite://"); ok {
		switch _, err := os.Stat(file); {
		case errors.Is(err, fs.ErrNotExist):
			return nil, fmt.Errorf("--store: there is no database %s: correct the name, or make one by serve, migrate or import", file)
		case err != nil:
			return nil, fmt.Errorf("--store: the database cannot be read by the user that runs scim-endpoint: %w", err)
		}
	}
	return OpenStore(ctx, address)
}

// redacted is an error whose text had a secret in it.
type redacted struct {
	text  string
	cause error
}

// Error implements error.
func (r *redacted) Error() string { return r.text }

// Unwrap gives the cause to errors.Is, whose text is never shown.
func (r *redacted) Unwrap() error { return r.cause }

// redact takes the passwords of a URL, in every form that it may be written in, out of an error's text.
func redact(err error, address *url.URL) error {
	forms := secretForms(address)
	slices.SortFunc(forms, func(a, b string) int { return len(b) - len(a) }) // a form may begin with another
	var pairs []string
	for _, form := range forms {
		pairs = append(pairs, form, "xxxxx")
	}
	text := strings.NewReplacer(pairs...).Replace(err.Error()) // in one pass: a password may be in what it is replaced by
	if text == err.Error() {
		return err
	}
	return &redacted{text: text, cause: err}
}

// secretForms are the passwords of a URL as they may be spelled in a text.
func secretForms(address *url.URL) (forms []string) {
	var secrets []string
	if password, ok := address.User.Password(); ok {
		secrets = append(secrets, password)
	}
	for name, values := range address.Query() {
		if strings.Contains(strings.ToLower(name), "password") {
			secrets = append(secrets, values...)
		}
	}
	for _, secret := range secrets {
		if secret != "" {
			forms = append(forms, secret, url.QueryEscape(secret), url.PathEscape(secret), strings.TrimPrefix(url.UserPassword("", secret).String(), ":"))
		}
	}
	return forms
}
