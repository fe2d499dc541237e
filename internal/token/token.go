package token

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
)

// prefix makes a leaked token recognisable to secret scanners and to people.
const prefix = "scimop_"

// entropy is the number of random bytes. 32 keep the token at 50 characters: all that is stored on one service
// principal may be limited to 1 KB.
const entropy = 32

// Mint makes a new token from the operating system's randomness: the prefix and 43 characters of base64url.
func Mint() string {
	raw := make([]byte, entropy)
	// crypto/rand.Read never returns an error since Go 1.24; it ends the program instead.
	_, _ = rand.Read(raw)
	return prefix + base64.RawURLEncoding.EncodeToString(raw)
}

// Hash gives the SHA-256 of the token in 64 lower-case hexadecimal digits, as the endpoint's token file wants it. A
// plain hash is enough for 256 random bits.
func Hash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// Fingerprint gives the first 12 digits of the hash: enough to compare, too little to test guesses of a token.
func Fingerprint(token string) string {
	return Hash(token)[:12]
}
