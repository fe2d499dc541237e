package entrasim_test

import (
	"bytes"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/scim-operator/scim-operator/internal/entrasim"
)

func withState(file string) func(*entrasim.Options) {
	return func(o *entrasim.Options) { o.StateFile = file }
}

// TestClientsGoOnAfterARestart: one that trusts the CA and holds a token notices nothing, also when the server's certificate
// gets a further name.
func TestClientsGoOnAfterARestart(t *testing.T) {
	file := filepath.Join(t.TempDir(), "state.json")
	l := startLab(t, withState(file))
	l.want(200, "GET", "/users", nil)
	signing := l.signingKeys()
	l.Close()

	again := startLab(t, withState(file), func(o *entrasim.Options) { o.DNSNames = []string{"sim.example"} })
	l.URL = again.URL
	l.want(200, "GET", "/users", nil)
	if got := again.signingKeys(); got != signing {
		t.Errorf("the keys that sign tokens are %s, were %s", got, signing)
	}
	stranger := startLab(t)
	l.URL = stranger.URL
	if _, err := l.try("GET", l.URL+"/v1.0/users", nil); err == nil {
		t.Error("a simulator without that state is trusted as well: the test shows nothing")
	}
	if stranger.signingKeys() == signing {
		t.Error("a simulator without that state signs with the same key: the test shows nothing")
	}
}

// signingKeys are the keys that the simulator publishes.
func (l *lab) signingKeys() string {
	l.t.Helper()
	a, err := l.try("GET", l.URL+"/"+tenantID+"/discovery/v2.0/keys", nil)
	if err != nil {
		l.t.Fatal(err)
	}
	return a.text
}

// TestKeysAreThereBeforeAnybodyReliesOnThem: they outlive a crash that comes before anything else was written.
func TestKeysAreThereBeforeAnybodyReliesOnThem(t *testing.T) {
	file := filepath.Join(t.TempDir(), "state.json")
	var trusted [][]byte
	for range 2 {
		server, err := entrasim.New(entrasim.Options{StateFile: file})
		if err != nil {
			t.Fatal(err)
		}
		trusted = append(trusted, server.CAPEM)
	}
	if !bytes.Equal(trusted[0], trusted[1]) {
		t.Errorf("the second start has another CA:\n%s%s", trusted[0], trusted[1])
	}
	if _, err := os.Stat(file); err == nil {
		t.Error("the state was written too: the test shows nothing")
	}
}

// TestPrivateKeysStayAtHome: the file can be read by its owner alone, and neither the state nor what is exported holds them.
func TestPrivateKeysStayAtHome(t *testing.T) {
	file := filepath.Join(t.TempDir(), "state.json")
	l := startLab(t, withState(file))
	l.instantiate("Wiki")
	exported := l.admin(200, "GET", "/sim/export", nil).text
	l.Close()
	if info, err := os.Stat(file + ".keys"); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file of the keys: %v (%v)", info, err)
	}
	raw, err := os.ReadFile(file + ".keys")
	if err != nil {
		t.Fatal(err)
	}
	state, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	secrets := 0
	for line := range strings.SplitSeq(string(privateBlocks(t, raw)), "\n") {
		if len(line) < 10 || strings.HasPrefix(line, "-") {
			continue
		}
		secrets++
		for where, text := range map[string]string{"the export": exported, "the state": string(state)} {
			if strings.Contains(text, line) || strings.Contains(text, "PRIVATE KEY") {
				t.Fatalf("%s holds a private key", where)
			}
		}
	}
	if secrets < 10 {
		t.Errorf("%d lines of private keys in the file: the test shows nothing", secrets)
	}
}

// privateBlocks are the private keys of a file, as they stand there.
func privateBlocks(t *testing.T, raw []byte) []byte {
	t.Helper()
	var out []byte
	for block, rest := pem.Decode(raw); block != nil; block, rest = pem.Decode(rest) {
		if block.Type == "PRIVATE KEY" {
			out = append(out, pem.EncodeToMemory(block)...)
		}
	}
	return out
}

func TestKeysThatCannotBeUsed(t *testing.T) {
	folder := t.TempDir()
	first, second := filepath.Join(folder, "first"), filepath.Join(folder, "second")
	for _, file := range []string{first, second} {
		if _, err := entrasim.New(entrasim.Options{StateFile: file}); err != nil {
			t.Fatal(err)
		}
	}
	read := func(file string) []byte {
		raw, err := os.ReadFile(file + ".keys")
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	own, foreign := read(first), read(second)
	certificate, rest := pem.Decode(own)
	for name, c := range map[string]struct {
		text []byte
		want string
	}{
		"an empty file":                   {nil, "it does not hold the CA's certificate"},
		"a file that was cut off":         {own[:len(own)/2], "it does not hold the CA's certificate"},
		"no certificate":                  {rest, "it does not hold the CA's certificate"},
		"a key that is none":              {pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte("x")}), "parsing a private key"},
		"a certificate that is none":      {append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte("x")}), rest...), "parsing the CA's certificate"},
		"the certificate of another file": {append(pem.EncodeToMemory(certificate), privateBlocks(t, foreign)...), "the CA's key is not that of its certificate"},
	} {
		t.Run(name, func(t *testing.T) {
			if err := os.WriteFile(first+".keys", c.text, 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := entrasim.New(entrasim.Options{StateFile: first})
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), first+".keys") {
				t.Errorf("error %v, want one that names the file and says %q", err, c.want)
			}
		})
	}
	_, err := entrasim.New(entrasim.Options{StateFile: filepath.Join(folder, "none", "state.json")})
	if err == nil || !strings.Contains(err.Error(), "writing the keys") {
		t.Errorf("error %v, want one of a folder that is not there", err)
	}
}
