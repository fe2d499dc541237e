package entrasim

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/scim-operator/scim-operator/internal/entrasim/oauth"
	"github.com/scim-operator/scim-operator/internal/entrasim/pki"
)

// keysSuffix makes the name of the keys' file from that of the state. They are not in the state itself, because that is
// exported, and so may travel where private keys should not.
const keysSuffix = ".keys"

// Types of PEM blocks.
const (
	pemCertificate = "CERTIFICATE"
	pemPrivateKey  = "PRIVATE KEY"
)

// keys are what clients rely on from one start to the next: they trust the CA, and hold tokens that the other key signed.
type keys struct {
	ca      *pki.CA
	signing *rsa.PrivateKey
}

// loadKeys reads the keys beside a state file. The first time it makes them, and has written them when it returns: a client
// that trusts the CA does so also after a crash. Without a state file the keys end with the process.
func loadKeys(stateFile string) (*keys, error) {
	if stateFile == "" {
		signing, err := oauth.ProcessKey()
		if err != nil {
			return nil, err
		}
		return newKeys(signing)
	}
	file := stateFile + keysSuffix
	raw, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return makeKeys(file)
	}
	if err != nil {
		return nil, fmt.Errorf("reading the keys: %w", err)
	}
	k, err := parseKeys(raw)
	if err != nil {
		return nil, fmt.Errorf("reading the keys: %s: %w", file, err)
	}
	return k, nil
}

func newKeys(signing *rsa.PrivateKey) (*keys, error) {
	ca, err := pki.NewCA()
	if err != nil {
		return nil, err
	}
	return &keys{ca: ca, signing: signing}, nil
}

func makeKeys(file string) (*keys, error) {
	signing, err := oauth.NewKey()
	if err != nil {
		return nil, err
	}
	k, err := newKeys(signing)
	if err != nil {
		return nil, err
	}
	text, err := k.encode()
	if err != nil {
		return nil, err
	}
	if err := writeWhole(file, text); err != nil {
		return nil, fmt.Errorf("writing the keys: %w", err)
	}
	return k, nil
}

// caPEM is the certificate that clients have to trust.
func (k *keys) caPEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: pemCertificate, Bytes: k.ca.Certificate.Raw})
}

// encode writes the CA's certificate, its key, and the signing key, one after the other.
func (k *keys) encode() ([]byte, error) {
	text := bytes.NewBuffer(k.caPEM())
	for _, key := range []any{k.ca.Key, k.signing} {
		der, err := x509.MarshalPKCS8PrivateKey(key)
		if err != nil {
			return nil, fmt.Errorf("encoding the keys: %w", err)
		}
		text.Write(pem.EncodeToMemory(&pem.Block{Type: pemPrivateKey, Bytes: der}))
	}
	return text.Bytes(), nil
}

// parseKeys reads what encode wrote. The two keys differ in their kind.
func parseKeys(raw []byte) (*keys, error) {
	var certificate []byte
	var authority *ecdsa.PrivateKey
	k := &keys{}
	for block, rest := pem.Decode(raw); block != nil; block, rest = pem.Decode(rest) {
		if block.Type == pemCertificate {
			certificate = block.Bytes
			continue
		}
		key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("parsing a private key: %w", err)
		}
		switch key := key.(type) {
		case *ecdsa.PrivateKey:
			authority = key
		case *rsa.PrivateKey:
			k.signing = key
		}
	}
	if certificate == nil || authority == nil || k.signing == nil {
		return nil, errors.New("it does not hold the CA's certificate, the CA's key and the key that signs tokens")
	}
	var err error
	k.ca, err = pki.ParseCA(certificate, authority)
	return k, err
}
