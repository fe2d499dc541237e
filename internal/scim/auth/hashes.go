package auth

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
)

// Scope is what a token may do.
type Scope string

// The scopes of a token.
const (
	// Write may do everything.
	Write Scope = "write"
	// Read may only GET, HEAD and POST a search.
	Read Scope = "read"
)

// Hash is the SHA-256 of a token. A token has 256 random bits, so its hash is no secret and needs no slow hash.
type Hash [sha256.Size]byte

// HashOf returns the hash of a token.
func HashOf(token string) Hash {
	return sha256.Sum256([]byte(token))
}

// String is 64 hexadecimal digits in lower case, as in the hash file.
func (h Hash) String() string {
	return hex.EncodeToString(h[:])
}

// Accepted is one line of the hash file.
type Accepted struct {
	Hash  Hash
	Scope Scope
	// ID names the token in logs and status; the first 8 digits of the hash when the line gives none.
	ID string
	// NotAfter is when the token ends by itself; zero for never.
	NotAfter time.Time
}

// expired tells whether the token has ended.
func (a Accepted) expired(now time.Time) bool {
	return !a.NotAfter.IsZero() && now.After(a.NotAfter)
}

// ParseHashes reads a hash file: `<64 hex> [scope=read|write] [id=<name>] [notAfter=<RFC 3339>]` a line; # begins a
// comment line. An empty file is valid and accepts no token. The error names the line, not its content.
func ParseHashes(content []byte) ([]Accepted, error) {
	var accepted []Accepted
	seen := map[Hash]bool{}
	ids := map[string]bool{}
	scanner := bufio.NewScanner(bytes.NewReader(content))
	for number := 1; scanner.Scan(); number++ {
		line := strings.TrimSpace(scanner.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		token, err := parseLine(line)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
		if seen[token.Hash] || ids[token.ID] {
			return nil, fmt.Errorf("line %d: the hash or id is there twice", number)
		}
		seen[token.Hash], ids[token.ID] = true, true
		accepted = append(accepted, token)
	}
	if err := scanner.Err(); err != nil {
		return nil, fmt.Errorf("reading lines: %w", err)
	}
	return accepted, nil
}

func parseLine(line string) (Accepted, error) {
	fields := strings.Fields(line)
	raw, err := hex.DecodeString(fields[0])
	if err != nil || len(raw) != sha256.Size {
		return Accepted{}, fmt.Errorf("it must begin with the SHA-256 of a token, 64 hexadecimal digits")
	}
	token := Accepted{Hash: Hash(raw), Scope: Write}
	token.ID = token.Hash.String()[:8]
	for _, field := range fields[1:] {
		key, value, _ := strings.Cut(field, "=")
		switch {
		case key == "scope" && (value == string(Read) || value == string(Write)):
			token.Scope = Scope(value)
		case key == "id" && value != "":
			token.ID = value
		case key == "notAfter":
			if token.NotAfter, err = time.Parse(time.RFC3339, value); err != nil {
				return Accepted{}, fmt.Errorf("notAfter must be a time such as 2027-01-31T00:00:00Z")
			}
		default:
			return Accepted{}, fmt.Errorf("after the hash only scope=read, scope=write, id=<name> and notAfter=<time> may follow")
		}
	}
	return token, nil
}
