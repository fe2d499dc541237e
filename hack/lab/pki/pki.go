package pki

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"

	"k8s.io/client-go/util/cert"
	"k8s.io/client-go/util/keyutil"
)

// Lifetime of the authority's leaf certificates: longer than anybody leaves a lab running.
const lifetime = 30 * 24 * time.Hour

// An Authority signs the certificates of one lab.
type Authority struct {
	certificate *x509.Certificate
	key         crypto.Signer
}

// NewAuthority makes a fresh authority.
func NewAuthority() (*Authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("making the authority's key: %w", err)
	}
	certificate, err := cert.NewSelfSignedCACert(cert.Config{CommonName: "scim-operator lab"}, key)
	if err != nil {
		return nil, fmt.Errorf("making the authority's certificate: %w", err)
	}
	return &Authority{certificate: certificate, key: key}, nil
}

// CertificatePEM returns the authority's certificate.
func (a *Authority) CertificatePEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: cert.CertificateBlockType, Bytes: a.certificate.Raw})
}

// Pool returns a pool with the authority's certificate alone.
func (a *Authority) Pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.certificate)
	return pool
}

// Issue signs a certificate that serves the loopback address and the given names, and authenticates as a client by its subject:
// Kubernetes takes the common name as user and the organizations as groups.
func (a *Authority) Issue(subject pkix.Name, names ...string) (certificatePEM, keyPEM []byte, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, fmt.Errorf("making the key of %s: %w", subject.CommonName, err)
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, nil, fmt.Errorf("drawing a serial number: %w", err)
	}
	template := &x509.Certificate{
		SerialNumber: serial,
		Subject:      subject,
		DNSNames:     append([]string{"localhost"}, names...),
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore:    a.certificate.NotBefore,
		NotAfter:     time.Now().Add(lifetime),
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, a.certificate, key.Public(), a.key)
	if err != nil {
		return nil, nil, fmt.Errorf("signing the certificate of %s: %w", subject.CommonName, err)
	}
	keyPEM, err = keyutil.MarshalPrivateKeyToPEM(key)
	if err != nil {
		return nil, nil, fmt.Errorf("encoding the key of %s: %w", subject.CommonName, err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: cert.CertificateBlockType, Bytes: raw}), keyPEM, nil
}

// Files are where a certificate and its key lie.
type Files struct {
	Certificate, Key string
}

// IssueTo is Issue into directory/name.crt and directory/name.key; the key is readable by its owner only.
func (a *Authority) IssueTo(directory, name string, subject pkix.Name, names ...string) (Files, error) {
	certificate, key, err := a.Issue(subject, names...)
	if err != nil {
		return Files{}, err
	}
	files := Files{Certificate: filepath.Join(directory, name+".crt"), Key: filepath.Join(directory, name+".key")}
	if err := os.WriteFile(files.Certificate, certificate, 0o644); err != nil {
		return Files{}, fmt.Errorf("writing the certificate of %s: %w", name, err)
	}
	if err := os.WriteFile(files.Key, key, 0o600); err != nil {
		return Files{}, fmt.Errorf("writing the key of %s: %w", name, err)
	}
	return files, nil
}
