package auth

import (
	"crypto/rand"
	"encoding/base64"
)

// TokenPrefix makes a leaked token recognisable to secret scanners.
const TokenPrefix = "scimep_"

// NewToken returns a token of 256 random bits. It is short because Entra's store for it may be.
func NewToken() string {
	var raw [32]byte
	_, _ = rand.Read(raw[:]) // documented never to fail
	return TokenPrefix + base64.RawURLEncoding.EncodeToString(raw[:])
}
