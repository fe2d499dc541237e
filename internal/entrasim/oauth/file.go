package oauth

import (
	"crypto"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/scim-operator/scim-operator/internal/entrasim/strictyaml"
)

// fileClient is a client in the clients file.
type fileClient struct {
	ID              string          `json:"id"`
	Secret          string          `json:"secret"`
	SecretFile      string          `json:"secretFile"`
	Permissions     []string        `json:"permissions"`
	CertificateFile string          `json:"certificateFile"`
	Federation      *fileFederation `json:"federation"`
}

type fileFederation struct {
	Issuer   string `json:"issuer"`
	Subject  string `json:"subject"`
	KeysFile string `json:"keysFile"`
}

// Load reads the clients file at path, a YAML list under the key clients:
//
//	clients:
//	- id: 5b1ff9a2-4c0e-4c6f-9d2e-6e3f1a7c8b90   # any text
//	  secretFile: client.secret                  # or secret: the client secret itself
//	  permissions: [Application.Read.All]        # application permissions; left out: those that the operator asks for
//	  certificateFile: client.crt                # PEM; the holder of its key may sign an assertion
//	  federation:                                # a federated identity credential: whose tokens are accepted
//	    issuer: https://cluster.example
//	    subject: system:serviceaccount:scim-operator-system:manager
//	    keysFile: cluster-keys.json              # the issuer's JWKS
//
// Files are named from the folder that the clients file is in. An unknown key is an error.
func Load(path string) ([]Client, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the clients file: %w", err)
	}
	var file struct {
		Clients []fileClient `json:"clients"`
	}
	if err := strictyaml.Unmarshal(raw, &file); err != nil {
		return nil, fmt.Errorf("clients file %s: %w", path, err)
	}
	var out []Client
	for i := range file.Clients {
		client, err := file.Clients[i].read(filepath.Dir(path))
		if err != nil {
			return nil, fmt.Errorf("clients file %s: client %q: %w", path, file.Clients[i].ID, err)
		}
		out = append(out, client)
	}
	return out, nil
}

func (f *fileClient) read(folder string) (Client, error) {
	c := Client{ID: f.ID, Secret: f.Secret, Permissions: f.Permissions}
	if f.ID == "" || f.Secret != "" && f.SecretFile != "" {
		return c, errors.New("it needs an id, and not both secret and secretFile")
	}
	if f.SecretFile != "" {
		raw, err := os.ReadFile(inFolder(folder, f.SecretFile))
		if err != nil {
			return c, fmt.Errorf("reading the secret: %w", err)
		}
		if c.Secret = strings.TrimSpace(string(raw)); c.Secret == "" {
			return c, fmt.Errorf("the file %s is empty", f.SecretFile)
		}
	}
	if f.CertificateFile != "" {
		raw, err := os.ReadFile(inFolder(folder, f.CertificateFile))
		if err != nil {
			return c, fmt.Errorf("reading the certificate: %w", err)
		}
		if c.Certificates, err = certificates(raw); err != nil {
			return c, err
		}
	}
	var err error
	if f.Federation != nil {
		c.Federation, err = f.Federation.read(folder)
	}
	if err == nil && c.Secret == "" && c.Certificates == nil && c.Federation == nil {
		err = errors.New("it has no credential: set secret, secretFile, certificateFile or federation")
	}
	return c, err
}

func certificates(raw []byte) ([]*x509.Certificate, error) {
	var out []*x509.Certificate
	for block, rest := pem.Decode(raw); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != "CERTIFICATE" {
			continue
		}
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("parsing the certificate: %w", err)
		}
		out = append(out, certificate)
	}
	if len(out) == 0 {
		return nil, errors.New("certificateFile holds no PEM certificate")
	}
	return out, nil
}

func (f *fileFederation) read(folder string) (*Federation, error) {
	if f.Issuer == "" || f.Subject == "" || f.KeysFile == "" {
		return nil, errors.New("federation needs issuer, subject and keysFile")
	}
	raw, err := os.ReadFile(inFolder(folder, f.KeysFile))
	if err != nil {
		return nil, fmt.Errorf("reading the issuer's keys: %w", err)
	}
	keys, err := readKeys(raw)
	if err != nil {
		return nil, fmt.Errorf("the issuer's keys: %w", err)
	}
	return &Federation{Issuer: f.Issuer, Subject: f.Subject, Keys: keys}, nil
}

// inFolder is where a file is that the clients file names.
func inFolder(folder, name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(folder, name)
}

// readKeys reads the keys of a JWKS that the simulator can verify with: RSA and P-256.
func readKeys(raw []byte) ([]crypto.PublicKey, error) {
	var set struct{ Keys []jsonWebKey }
	if err := json.Unmarshal(raw, &set); err != nil {
		return nil, fmt.Errorf("parsing: %w", err)
	}
	var out []crypto.PublicKey
	for _, k := range set.Keys {
		key, err := k.public()
		if err != nil {
			return nil, err
		}
		if key != nil {
			out = append(out, key)
		}
	}
	if len(out) == 0 {
		return nil, errors.New("there is no RSA or P-256 key")
	}
	return out, nil
}
