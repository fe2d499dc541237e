package endpoint_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/scim-operator/scim-operator/hack/lab/process"
	"github.com/scim-operator/scim-operator/internal/scim/endpoint"
	"github.com/scim-operator/scim-operator/internal/scim/scimtest"
)

// freeAddress is an address that nothing listened on a moment ago.
func freeAddress(t *testing.T) string {
	t.Helper()
	addresses, err := process.FreeAddresses(1)
	if err != nil {
		t.Fatal(err)
	}
	return addresses[0]
}

// pair is a certificate for 127.0.0.1, signed by itself, and its key, both in PEM.
type pair struct {
	cert, key string
	serial    int64
}

func newPair(t *testing.T, serial int64) pair {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "test"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return pair{
		cert:   string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate})),
		key:    string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: encoded})),
		serial: serial,
	}
}

// startTLS starts an endpoint with the pair; certFile and keyFile may be rewritten.
func startTLS(t *testing.T, p pair) (e *scimtest.Endpoint, certFile, keyFile string) {
	t.Helper()
	folder := t.TempDir()
	certFile, keyFile = filepath.Join(folder, "tls.crt"), filepath.Join(folder, "tls.key")
	scimtest.WriteFile(t, certFile, p.cert)
	scimtest.WriteFile(t, keyFile, p.key)
	return scimtest.Start(t, func(o *endpoint.Options) { o.TLSCert, o.TLSKey = certFile, keyFile }), certFile, keyFile
}

// handshake connects with what the configuration allows, trusting any certificate.
func handshake(t *testing.T, e *scimtest.Endpoint, c *tls.Config) (tls.ConnectionState, error) {
	t.Helper()
	c.InsecureSkipVerify = true
	host, _, _ := strings.Cut(strings.TrimPrefix(e.URL, "https://"), "/")
	conn, err := tls.Dial("tcp", host, c)
	if err != nil {
		return tls.ConnectionState{}, err
	}
	defer conn.Close()
	return conn.ConnectionState(), nil
}

func TestX21TheSCIMPortSpeaksTLSAndHTTP2(t *testing.T) {
	p := newPair(t, 1)
	e, _, _ := startTLS(t, p)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM([]byte(p.cert))
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: true}}
	response, err := client.Get(e.URL + "/ServiceProviderConfig")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK || response.ProtoMajor != 2 || response.Header.Get("Strict-Transport-Security") == "" {
		t.Errorf("status %d, %s, HSTS %q; want 200, HTTP/2 and HSTS", response.StatusCode, response.Proto, response.Header.Get("Strict-Transport-Security"))
	}
}

func TestX21OnlyCurrentTLSIsSpoken(t *testing.T) {
	e, _, _ := startTLS(t, newPair(t, 1))
	for name, c := range map[string]struct {
		config *tls.Config
		spoken bool
	}{
		"TLS 1.3": {&tls.Config{MinVersion: tls.VersionTLS13}, true},
		"TLS 1.2": {&tls.Config{MaxVersion: tls.VersionTLS12}, true},
		"TLS 1.1": {&tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}, false},
		"TLS 1.0": {&tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS10}, false},
		"TLS 1.2 without forward secrecy": {&tls.Config{MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{
			tls.TLS_RSA_WITH_AES_128_GCM_SHA256, tls.TLS_RSA_WITH_AES_256_GCM_SHA384,
		}}, false},
		"TLS 1.2 with a mode of old": {&tls.Config{MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{
			tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, tls.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA,
		}}, false},
	} {
		if _, err := handshake(t, e, c.config); (err == nil) != c.spoken {
			t.Errorf("%s: %v; want it spoken: %v", name, err, c.spoken)
		}
	}
}

func TestANewCertificateIsServedWithoutRestartAndAWrongOneIsNot(t *testing.T) {
	e, certFile, keyFile := startTLS(t, newPair(t, 1))
	serial := func() int64 {
		state, err := handshake(t, e, &tls.Config{})
		if err != nil {
			t.Fatalf("connecting: %v", err)
		}
		return state.PeerCertificates[0].SerialNumber.Int64()
	}
	metric := func(line string) func() bool {
		return func() bool {
			_, body := get(t, e.ManagementURL+"/metrics", "")
			return strings.Contains(body, "\n"+line+"\n")
		}
	}
	second := newPair(t, 2)
	scimtest.WriteFile(t, certFile, second.cert)
	scimtest.Eventually(t, "the metric tells that certificate and key do not fit", metric("scim_endpoint_certificate_current 0"))
	if got := serial(); got != 1 {
		t.Errorf("certificate %d is served between the two files, want the last good one", got)
	}
	scimtest.WriteFile(t, keyFile, second.key)
	scimtest.Eventually(t, "the second certificate is served", func() bool { return serial() == 2 })
	scimtest.Eventually(t, "the metric recovers", metric("scim_endpoint_certificate_current 1"))
}
