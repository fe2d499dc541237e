package token

import (
	"strings"
	"testing"
)

func TestMint(t *testing.T) {
	seen := map[string]bool{}
	for range 100 {
		tok := Mint()
		if !strings.HasPrefix(tok, prefix) || len(tok) != len(prefix)+43 {
			t.Fatalf("Mint gave a token of %d characters, want the prefix and 43", len(tok))
		}
		if seen[tok] {
			t.Fatal("Mint gave the same token twice")
		}
		seen[tok] = true
	}
}

func TestHashAndFingerprint(t *testing.T) {
	const want = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08" // sha256sum of "test"
	if got := Hash("test"); got != want {
		t.Errorf("Hash = %s, want %s", got, want)
	}
	if got := Fingerprint("test"); got != want[:12] {
		t.Errorf("Fingerprint = %s, want %s", got, want[:12])
	}
}
