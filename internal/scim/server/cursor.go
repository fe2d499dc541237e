package server

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/scimerr"
	"github.com/scim-operator/scim-operator/internal/scim/store"
)

// cursor is what a client carries from page to page, encrypted: nothing is kept here.
type cursor struct {
	Place store.Place `json:"p"`
	// Total is what the first page counted, so that the others need not.
	Total int `json:"n"`
	// Expires is in Unix seconds.
	Expires int64 `json:"e"`
}

// sealer encrypts cursors with the key that all replicas have from the store.
type sealer struct{ aead cipher.AEAD }

// boundOf is a digest of what all pages of a walk must have in common. It is authenticated along with the cursor,
// so that a cursor of another query is as invalid as a forged one.
func boundOf(rt *schema.ResourceType, q query, count int) []byte {
	typeName := ""
	if rt != nil {
		typeName = rt.Name
	}
	hash := sha256.New()
	for _, text := range []string{typeName, q.filter, q.sortBy, q.sortOrder, q.attributes, q.excluded, strconv.Itoa(count)} {
		fmt.Fprintf(hash, "%d:%s", len(text), text)
	}
	return hash.Sum(nil)
}

func (s *Server) cursorSealer(ctx context.Context) (*sealer, error) {
	if known := s.sealer.Load(); known != nil {
		return known, nil
	}
	identity, err := s.store.Identity(ctx)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(identity.CursorKey)
	if err != nil {
		return nil, fmt.Errorf("taking the cursor key of the store: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("taking the cursor key of the store: %w", err)
	}
	made := &sealer{aead}
	s.sealer.Store(made)
	return made, nil
}

func (s *Server) sealCursor(ctx context.Context, c cursor, bound []byte) (string, error) {
	sealer, err := s.cursorSealer(ctx)
	if err != nil {
		return "", err
	}
	plain, err := json.Marshal(c)
	if err != nil {
		return "", fmt.Errorf("encoding a cursor: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(sealer.aead.Seal(nil, nil, plain, bound)), nil
}

// openCursor reads a cursor of this query. Whatever is wrong with one has the same answer, but for age.
func (s *Server) openCursor(ctx context.Context, text string, bound []byte) (cursor, error) {
	sealer, err := s.cursorSealer(ctx)
	if err != nil {
		return cursor{}, err
	}
	invalid := scimerr.BadRequest(scimerr.InvalidCursor, "the cursor is none of this query: begin again with an empty one, and change no other parameter between pages")
	sealed, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return cursor{}, invalid
	}
	plain, err := sealer.aead.Open(nil, nil, sealed, bound)
	if err != nil {
		return cursor{}, invalid
	}
	var c cursor
	if err := json.Unmarshal(plain, &c); err != nil {
		return cursor{}, invalid
	}
	if s.now().Unix() >= c.Expires {
		return cursor{}, scimerr.BadRequest(scimerr.ExpiredCursor, "the cursor is too old: begin again with an empty one")
	}
	return c, nil
}
