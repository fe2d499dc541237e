package auth

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestParseHashes(t *testing.T) {
	hash := HashOf("a").String()
	other := HashOf("b").String()
	for name, c := range map[string]struct {
		content string
		want    []Accepted
		problem string
	}{
		"an empty file accepts nobody":           {"", nil, ""},
		"comments and blank lines are skipped":   {"# made by hand\n\n", nil, ""},
		"scope defaults to write, id to a hash":  {hash + "\n", []Accepted{{Hash: HashOf("a"), Scope: Write, ID: hash[:8]}}, ""},
		"scope and id, in upper-case hex, CRLF":  {strings.ToUpper(hash) + " scope=read id=app\r\n", []Accepted{{Hash: HashOf("a"), Scope: Read, ID: "app"}}, ""},
		"several tokens":                         {hash + " id=current\n" + other + " id=next", []Accepted{{Hash: HashOf("a"), Scope: Write, ID: "current"}, {Hash: HashOf("b"), Scope: Write, ID: "next"}}, ""},
		"a short hash is named by its line":      {hash + "\nabc\n", nil, "line 2"},
		"a raw token is not echoed":              {TokenPrefix + "secret", nil, "line 1"},
		"an unknown scope":                       {hash + " scope=admin", nil, "line 1"},
		"a time at which it ends":                {hash + " notAfter=2026-01-31T12:00:00+01:00", []Accepted{{Hash: HashOf("a"), Scope: Write, ID: hash[:8], NotAfter: time.Date(2026, 1, 31, 11, 0, 0, 0, time.UTC)}}, ""},
		"a time that is none":                    {hash + " notAfter=tomorrow", nil, "line 1"},
		"an unknown key":                         {hash + " until=tomorrow", nil, "line 1"},
		"the same hash twice":                    {hash + " id=a\n" + hash + " id=b", nil, "twice"},
		"the same id twice is ambiguous in logs": {hash + " id=a\n" + other + " id=a", nil, "twice"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := ParseHashes([]byte(c.content))
			if diff := cmp.Diff(c.want, got, cmpopts.EquateApproxTime(0)); diff != "" {
				t.Errorf("accepted (-want +got):\n%s", diff)
			}
			if (err != nil) != (c.problem != "") || err != nil && !strings.Contains(err.Error(), c.problem) {
				t.Errorf("error %v, want %q in it", err, c.problem)
			}
			if err != nil && strings.Contains(err.Error(), "secret") {
				t.Errorf("the error shows what may be a token: %v", err)
			}
		})
	}
}

func newVerifier(t *testing.T, content string) *Verifier {
	t.Helper()
	path := filepath.Join(t.TempDir(), "hashes")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	v, err := NewVerifier(path, slog.New(slog.NewTextHandler(t.Output(), nil)), func() time.Time { return at })
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestX1X2EveryAcceptedTokenIsTakenAndNoOther(t *testing.T) {
	v := newVerifier(t, HashOf("first").String()+" id=current\n"+HashOf("second").String()+" id=next scope=read\n")
	for token, want := range map[string]Identity{
		"first": {"current", Write}, "second": {"next", Read}, "third": {}, "": {}, HashOf("first").String(): {},
	} {
		identity, err := v.Verify(token)
		if identity != want || (err == nil) != (want != Identity{}) {
			t.Errorf("token %q is %+v, %v; want %+v", token, identity, err, want)
		}
	}
}

func TestX2ATokenEndsByItself(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	until := func(d time.Duration) string { return " notAfter=" + at.Add(d).Format(time.RFC3339) + "\n" }
	v := newVerifier(t, HashOf("young").String()+" id=young"+until(time.Second)+HashOf("last").String()+" id=last"+until(0)+
		HashOf("old").String()+" id=old"+until(-time.Second))
	for token, want := range map[string]bool{"young": true, "last": true, "old": false} {
		if _, err := v.Verify(token); (err == nil) != want {
			t.Errorf("the %s token: error %v, want it accepted: %v", token, err, want)
		}
	}
	tokens, hashes := v.Status()
	if len(tokens) != 2 || len(hashes) != 2 || tokens[0].NotAfter == nil || !tokens[0].NotAfter.Equal(at.Add(time.Second)) {
		t.Errorf("the status has %+v and %v, want those that are accepted, with their end", tokens, hashes)
	}
}

func TestX2StatusTellsLastUse(t *testing.T) {
	v := newVerifier(t, HashOf("first").String()+" id=current\n"+HashOf("second").String()+" id=next scope=read\n")
	if _, err := v.Verify("second"); err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	tokens, hashes := v.Status()
	if diff := cmp.Diff([]TokenStatus{{ID: "current", Scope: Write}, {ID: "next", Scope: Read, LastUsedAt: &at}}, tokens); diff != "" {
		t.Errorf("tokens (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{HashOf("first").String(), HashOf("second").String()}, hashes); diff != "" {
		t.Errorf("hashes (-want +got):\n%s", diff)
	}
}

func TestLoadKeepsTheLastUseOfTokensThatStay(t *testing.T) {
	v := newVerifier(t, HashOf("first").String()+" id=next")
	if _, err := v.Verify("first"); err != nil {
		t.Fatal(err)
	}
	if err := v.load([]byte(HashOf("first").String() + " id=current")); err != nil {
		t.Fatal(err)
	}
	if tokens, _ := v.Status(); tokens[0].ID != "current" || tokens[0].LastUsedAt == nil {
		t.Errorf("status %+v, want current with its last use", tokens)
	}
}

func TestNewVerifierNamesTheFileAndTheRemedy(t *testing.T) {
	folder := t.TempDir()
	absent := filepath.Join(folder, "absent")
	for path, want := range map[string]string{
		absent: "there is no file " + absent + ": write the hash in it",
		folder: folder + " has to be a file that the user that runs scim-endpoint may read",
	} {
		if _, err := NewVerifier(path, nil, time.Now); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q in it", err, want)
		}
	}
}

func TestX1NewTokenIsLongRandomAndRecognisable(t *testing.T) {
	a, b := NewToken(), NewToken()
	if a == b || !strings.HasPrefix(a, TokenPrefix) || len(a) != len(TokenPrefix)+43 {
		t.Errorf("tokens %d and %d characters long, equal: %v; want the prefix and 256 bits", len(a), len(b), a == b)
	}
}

func FuzzParseHashes(f *testing.F) {
	f.Add([]byte(HashOf("a").String() + " scope=read id=x\n# comment\n"))
	f.Add([]byte("\xff\n"))
	f.Fuzz(func(t *testing.T, content []byte) {
		accepted, err := ParseHashes(content)
		if err != nil && accepted != nil {
			t.Error("an error came with accepted tokens")
		}
	})
}

func TestX3ASetWithoutTokensLocksEverybodyOut(t *testing.T) {
	for name, content := range map[string]string{"an empty file": "", "whitespace": " \n\t\n", "comments": "# nobody\n"} {
		v := newVerifier(t, content)
		for _, token := range []string{"", " ", "null", "undefined", HashOf("").String(), TokenPrefix} {
			if identity, err := v.Verify(token); err == nil || identity != (Identity{}) {
				t.Errorf("%s: the token %q is taken for %+v", name, token, identity)
			}
		}
	}
}

func TestX3TheHashOfNoTokenIsRefused(t *testing.T) {
	v := newVerifier(t, HashOf("").String()+" id=empty\n")
	if _, err := v.Verify(""); err == nil {
		t.Error("an empty token is accepted because its hash is")
	}
}

func TestX2ARevokedTokenIsRefusedAtOnce(t *testing.T) {
	v := newVerifier(t, HashOf("first").String()+"\n"+HashOf("second").String()+"\n")
	if err := v.load([]byte(HashOf("second").String())); err != nil {
		t.Fatal(err)
	}
	if _, err := v.Verify("first"); err == nil {
		t.Error("the revoked token is accepted")
	}
	if _, err := v.Verify("second"); err != nil {
		t.Error("the other token is refused")
	}
}

// TestX4EveryAcceptedHashIsCompared: the time of a check must not tell which hashes begin alike, so that the search goes
// on behind a match; with the same id on the last line the last is the one that counts.
func TestX4EveryAcceptedHashIsCompared(t *testing.T) {
	v := newVerifier(t, HashOf("token").String()+" id=first\n")
	again := &entry{Accepted: Accepted{Hash: HashOf("token"), Scope: Read, ID: "last"}}
	v.entries = append(v.entries, again)
	if identity, err := v.Verify("token"); err != nil || identity.TokenID != "last" {
		t.Errorf("the search ended at %q", identity.TokenID)
	}
}
