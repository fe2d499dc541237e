package auth

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/scim-operator/scim-operator/internal/scim/watch"
)

// Identity is who presented an accepted token.
type Identity struct {
	TokenID string
	Scope   Scope
}

// TokenStatus is what /statusz tells of one accepted token.
type TokenStatus struct {
	ID    string `json:"id"`
	Scope Scope  `json:"scope"`
	// LastUsedAt is null when this process has not seen the token.
	LastUsedAt *time.Time `json:"lastUsedAt"`
	// NotAfter is when it ends by itself; left out for never.
	NotAfter *time.Time `json:"notAfter,omitempty"`
}

// entry is an accepted token with its last use; lastUsed is in Unix milliseconds, 0 for never.
type entry struct {
	Accepted
	lastUsed atomic.Int64
}

// Verifier checks presented tokens against the hash file and, where that is wanted, tokens that Entra issued.
type Verifier struct {
	path    string
	log     *slog.Logger
	now     func() time.Time
	content []byte

	mu      sync.RWMutex
	entries []*entry
	failed  error
	// entra is nil unless tokens that Entra issued are accepted.
	entra *Entra
}

// NewVerifier reads the hash file. It fails when the file cannot be read or is malformed, because there is no last
// good set to fall back to: a pod that does not start is retried by Entra, a 401 would quarantine the job.
func NewVerifier(path string, log *slog.Logger, now func() time.Time) (*Verifier, error) {
	content, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no file %s: write the hash in it that `scim-endpoint token` prints", path)
	}
	if err != nil {
		return nil, fmt.Errorf("%s has to be a file that the user that runs scim-endpoint may read: %w", path, err)
	}
	v := &Verifier{path: path, log: log, now: now, content: content}
	if err := v.load(content); err != nil {
		return nil, fmt.Errorf("reading the token hashes in %s: %w", path, err)
	}
	return v, nil
}

// Watch re-reads the file whenever it changes, until the context ends. A file that cannot be read or is malformed
// leaves the last good set in force.
func (v *Verifier) Watch(ctx context.Context) error {
	return watch.File(ctx, v.path, v.content, func(content []byte, err error) {
		if err == nil {
			err = v.load(content)
		}
		v.reloaded(err)
	})
}

func (v *Verifier) reloaded(err error) {
	v.mu.Lock()
	repeated := err != nil && v.failed != nil && err.Error() == v.failed.Error()
	v.failed = err
	count := len(v.entries)
	v.mu.Unlock()
	switch {
	case err == nil:
		v.log.Info("token hashes reloaded", "accepted", count)
	case !repeated:
		v.log.Error("token hashes not reloaded: the last good set stays in force", "error", err)
	}
}

// load replaces the accepted set and keeps the last use of hashes that stay.
func (v *Verifier) load(content []byte) error {
	accepted, err := ParseHashes(content)
	if err != nil {
		return err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	entries := make([]*entry, len(accepted))
	for i, token := range accepted {
		entries[i] = &entry{Accepted: token}
		for _, old := range v.entries {
			if old.Hash == token.Hash {
				entries[i].lastUsed.Store(old.lastUsed.Load())
			}
		}
	}
	v.entries = entries
	return nil
}

// UseEntra accepts tokens that Entra issued, besides; nil ends that.
func (v *Verifier) UseEntra(e *Entra) {
	v.mu.Lock()
	old := v.entra
	v.entra = e
	v.mu.Unlock()
	if old != nil {
		old.Close()
	}
}

// Why a token is not accepted. It is for the log: whoever sent the token is told nothing of it.
var (
	ErrNoToken      = errors.New("no token")
	ErrUnknownToken = errors.New("unknown token")
	ErrEnded        = errors.New("the token has ended")
)

// Verify returns whose token it is, or why it is not accepted, in words that have nothing of the token.
func (v *Verifier) Verify(token string) (Identity, error) {
	if token == "" {
		return Identity{}, ErrNoToken
	}
	v.mu.RLock()
	found, entra := v.find(HashOf(token)), v.entra
	v.mu.RUnlock()
	now := v.now()
	switch {
	case found != nil && found.expired(now):
		return Identity{}, fmt.Errorf("%w: %s, at %s", ErrEnded, found.ID, found.NotAfter.UTC().Format(time.RFC3339))
	case found != nil:
		found.lastUsed.Store(now.UnixMilli())
		return Identity{TokenID: found.ID, Scope: found.Scope}, nil
	case entra != nil:
		return entra.verify(token)
	}
	return Identity{}, ErrUnknownToken
}

// find compares every accepted hash in constant time, found or not.
func (v *Verifier) find(hash Hash) *entry {
	var found *entry
	for _, e := range v.entries {
		if subtle.ConstantTimeCompare(e.Hash[:], hash[:]) == 1 {
			found = e
		}
	}
	return found
}

// Status returns the accepted tokens and their hashes, but for those that have ended, in the order of the file, and then the applications whose tokens
// of Entra are accepted.
func (v *Verifier) Status() (tokens []TokenStatus, hashes []string) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	tokens, hashes = []TokenStatus{}, []string{}
	now := v.now()
	for _, e := range v.entries {
		if e.expired(now) {
			continue
		}
		status := TokenStatus{ID: e.ID, Scope: e.Scope, LastUsedAt: lastUse(&e.lastUsed)}
		if !e.NotAfter.IsZero() {
			status.NotAfter = &e.NotAfter
		}
		tokens = append(tokens, status)
		hashes = append(hashes, e.Hash.String())
	}
	if v.entra != nil {
		tokens = append(tokens, v.entra.status()...)
	}
	return tokens, hashes
}

func lastUse(ms *atomic.Int64) *time.Time {
	value := ms.Load()
	if value == 0 {
		return nil
	}
	at := time.UnixMilli(value).UTC()
	return &at
}

// Err returns why the last reload failed; nil when the set in force is the file's.
func (v *Verifier) Err() error {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.failed
}
