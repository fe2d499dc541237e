package oauth

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// folder writes the files of a case and returns the path of the clients file.
func folder(t *testing.T, clients string) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	point, err := key.PublicKey.Bytes() // 4, and the two coordinates
	if err != nil {
		t.Fatal(err)
	}
	encode := base64.RawURLEncoding.EncodeToString
	keys, err := json.Marshal(map[string]any{"keys": []any{map[string]any{"kty": "oct", "k": "AAAA"},
		jsonWebKey{Type: "EC", Curve: "P-256", X: encode(point[1:33]), Y: encode(point[33:])}}})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, content := range map[string]string{"clients.yaml": clients, "secret": "s3cret\n", "empty": "\n", "keys.json": string(keys),
		"no-keys.json": `{"keys":[]}`, "no-certificate.pem": "nothing"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "clients.yaml")
}

func TestLoad(t *testing.T) {
	clients, err := Load(folder(t, `clients:
- id: with-a-secret
  secretFile: secret
  permissions: [Application.Read.All]
- id: federated
  federation: {issuer: "https://cluster.example", subject: "system:serviceaccount:a:b", keysFile: keys.json}
`))
	if err != nil {
		t.Fatal(err)
	}
	if len(clients) != 2 || clients[0].Secret != "s3cret" || !cmp.Equal(clients[0].Granted(), []string{"Application.Read.All"}) {
		t.Errorf("%+v", clients)
	}
	f := clients[1].Federation
	if f == nil || len(f.Keys) != 1 || f.Issuer != "https://cluster.example" || !cmp.Equal(clients[1].Granted(), DefaultPermissions) {
		t.Errorf("%+v with %v", clients[1], f)
	}
}

func TestLoadRefuses(t *testing.T) {
	for name, c := range map[string]struct{ clients, want string }{
		"no YAML":                        {"clients: [", "parsing YAML"},
		"an unknown key":                 {"clients: [{id: a, password: b}]", "password"},
		"a client without an ID":         {"clients: [{secret: b}]", "needs an id"},
		"a client without a credential":  {"clients: [{id: a}]", "no credential"},
		"two secrets":                    {"clients: [{id: a, secret: b, secretFile: secret}]", "not both"},
		"a secret file that is missing":  {"clients: [{id: a, secretFile: none}]", "reading the secret"},
		"a secret file that is empty":    {"clients: [{id: a, secretFile: empty}]", "is empty"},
		"a certificate that is none":     {"clients: [{id: a, certificateFile: no-certificate.pem}]", "no PEM certificate"},
		"a federation without a subject": {"clients: [{id: a, federation: {issuer: i, keysFile: keys.json}}]", "needs issuer, subject and keysFile"},
		"an issuer without keys":         {"clients: [{id: a, federation: {issuer: i, subject: s, keysFile: no-keys.json}}]", "no RSA or P-256 key"},
	} {
		t.Run(name, func(t *testing.T) {
			path := folder(t, c.clients)
			if _, err := Load(path); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), path) {
				t.Errorf("error %v, want one that names the file and says %q", err, c.want)
			}
		})
	}
	if _, err := Load(filepath.Join(t.TempDir(), "none.yaml")); err == nil {
		t.Error("a file that is missing was read")
	}
}
