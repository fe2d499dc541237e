package config

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"sync"

	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/watch"
)

// Gates are the features that must be switched on by flag before the file may use them.
type Gates struct {
	// EntraTokens allows entraToken.
	EntraTokens bool
}

// Live is the configuration in force.
type Live struct {
	path    string
	gates   Gates
	log     *slog.Logger
	content []byte

	mu          sync.RWMutex
	file        File
	registry    *schema.Registry
	failed      error
	subscribers []func(File)
}

// Load reads the file at path; an empty path means the defaults.
func Load(path string, gates Gates, log *slog.Logger) (*Live, error) {
	l := &Live{path: path, gates: gates, log: log}
	if path != "" {
		var err error
		switch l.content, err = os.ReadFile(path); {
		case errors.Is(err, fs.ErrNotExist):
			return nil, fmt.Errorf("there is no file %s: correct the name, or leave it out for the defaults", path)
		case err != nil:
			return nil, fmt.Errorf("%s has to be a file that the user that runs scim-endpoint may read: %w", path, err)
		}
	}
	if err := l.apply(l.content); err != nil {
		return nil, fmt.Errorf("reading the configuration in %s: %w", path, err)
	}
	return l, nil
}

// apply tells the subscribers and then puts the content in force, so that who reads a revision on /statusz knows that
// nothing is still judged by the one before. It is called by one goroutine at a time.
func (l *Live) apply(content []byte) error {
	file, registry, err := Parse(content)
	if err != nil {
		return err
	}
	if file.EntraToken != nil && !l.gates.EntraTokens {
		return errors.New("entraToken is behind a feature gate: start with --feature-gates EntraTokens=true, or remove it")
	}
	l.mu.RLock()
	subscribers := l.subscribers
	l.mu.RUnlock()
	for _, tell := range subscribers {
		tell(file)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.file, l.registry = file, registry
	return nil
}

// Subscribe calls f now and after each reload that succeeded. It must come before Watch.
func (l *Live) Subscribe(f func(File)) {
	l.mu.Lock()
	l.subscribers = append(l.subscribers, f)
	file := l.file
	l.mu.Unlock()
	f(file)
}

// Watch applies the file whenever it changes, until the context ends. A file that cannot be read or is wrong leaves
// the last good configuration in force.
func (l *Live) Watch(ctx context.Context) error {
	if l.path == "" {
		return nil
	}
	return watch.File(ctx, l.path, l.content, func(content []byte, err error) {
		if err == nil {
			err = l.apply(content)
		}
		l.reloaded(err)
	})
}

func (l *Live) reloaded(err error) {
	l.mu.Lock()
	repeated := err != nil && l.failed != nil && err.Error() == l.failed.Error()
	l.failed = err
	revision := l.file.Revision
	l.mu.Unlock()
	switch {
	case err == nil:
		l.log.Info("configuration reloaded", "revision", revision)
	case !repeated:
		l.log.Error("configuration not reloaded: the last good one stays in force", "error", err)
	}
}

// File returns what is in force. It is not to be changed.
func (l *Live) File() File {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.file
}

// Registry returns the schemas in force.
func (l *Live) Registry() *schema.Registry {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.registry
}

// Revision returns the revision in force.
func (l *Live) Revision() string {
	return l.File().Revision
}

// Err returns why the last reload failed; nil when the file is in force.
func (l *Live) Err() error {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.failed
}
