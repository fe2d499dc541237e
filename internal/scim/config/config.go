package config

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"

	"go.yaml.in/yaml/v3"

	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/watch"
)

// File is the configuration file.
type File struct {
	// Revision is echoed on /statusz, so that who wrote the file knows that it is in force.
	Revision string `yaml:"revision"`
	// Schemas are the extensions that are served in /Schemas and accepted in data.
	Schemas []schema.ExtensionSchema `yaml:"schemas"`
	// ExpectedStore names the only store that may be served; nil takes any.
	ExpectedStore *ExpectedStore `yaml:"expectedStore"`
	Retention     Retention      `yaml:"retention"`
	Delivery      Delivery       `yaml:"delivery"`
}

// ExpectedStore is the state that a store must have reached, or it was lost or restored.
type ExpectedStore struct {
	ID       string `yaml:"id"`
	Sequence int64  `yaml:"sequence"`
}

// Retention says how long things are kept; 0 is for ever.
type Retention struct {
	Inactive    Duration `yaml:"inactive"`
	Outbox      Duration `yaml:"outbox"`
	DeadLetters Duration `yaml:"deadLetters"`
	Audit       Duration `yaml:"audit"`
}

// Delivery says where changes are sent.
type Delivery struct {
	Webhook *Webhook `yaml:"webhook"`
}

// Webhook receives events.
type Webhook struct {
	URL               string `yaml:"url"`
	SigningSecretFile string `yaml:"signingSecretFile"`
}

// Parse reads a configuration file. A key that it does not know is an error: what is not understood must not be
// taken for being in force.
func Parse(content []byte) (File, *schema.Registry, error) {
	var file File
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	decoder.KnownFields(true)
	if err := decoder.Decode(&file); err != nil && !errors.Is(err, io.EOF) {
		return File{}, nil, fmt.Errorf("parsing YAML: %w", err)
	}
	registry, err := schema.NewRegistry(file.Schemas...)
	if err != nil {
		return File{}, nil, err
	}
	return file, registry, nil
}

// Live is the configuration in force.
type Live struct {
	path    string
	log     *slog.Logger
	content []byte

	mu       sync.RWMutex
	revision string
	registry *schema.Registry
	failed   error
}

// Load reads the file at path; an empty path means the built-in schemas only.
func Load(path string, log *slog.Logger) (*Live, error) {
	l := &Live{path: path, log: log}
	if path != "" {
		var err error
		if l.content, err = os.ReadFile(path); err != nil {
			return nil, fmt.Errorf("reading the configuration: %w", err)
		}
	}
	if err := l.apply(l.content); err != nil {
		return nil, fmt.Errorf("reading the configuration in %s: %w", path, err)
	}
	return l, nil
}

func (l *Live) apply(content []byte) error {
	file, registry, err := Parse(content)
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.revision, l.registry = file.Revision, registry
	return nil
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
	revision := l.revision
	l.mu.Unlock()
	switch {
	case err == nil:
		l.log.Info("configuration reloaded", "revision", revision)
	case !repeated:
		l.log.Error("configuration not reloaded: the last good one stays in force", "error", err)
	}
}

// Registry returns the schemas in force.
func (l *Live) Registry() *schema.Registry {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.registry
}

// Revision returns the revision in force.
func (l *Live) Revision() string {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.revision
}

// Err returns why the last reload failed; nil when the file is in force.
func (l *Live) Err() error {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.failed
}
