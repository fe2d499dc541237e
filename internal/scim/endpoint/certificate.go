package endpoint

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"sync"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/scim-operator/scim-operator/internal/scim/watch"
)

// certificate is the one in force; it is read again when its files change.
type certificate struct {
	certFile, keyFile string
	log               *slog.Logger

	mu      sync.RWMutex
	current *tls.Certificate
	failed  error
}

func loadCertificate(certFile, keyFile string, log *slog.Logger) (*certificate, error) {
	c := &certificate{certFile: certFile, keyFile: keyFile, log: log}
	return c, c.load()
}

func (c *certificate) load() error {
	pair, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	if err != nil {
		return fmt.Errorf("--tls-cert and --tls-key: %w", err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.current = &pair
	return nil
}

// watch reads both files whenever one of them changes. Between the two changes they do not fit; then the last good
// pair stays in force.
func (c *certificate) watch(ctx context.Context) error {
	for _, path := range []string{c.certFile, c.keyFile} {
		content, err := os.ReadFile(path)
		if err != nil {
			return fmt.Errorf("--tls-cert and --tls-key: %w", err)
		}
		err = watch.File(ctx, path, content, func(_ []byte, err error) {
			if err == nil {
				err = c.load()
			}
			c.reloaded(err)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *certificate) reloaded(err error) {
	c.mu.Lock()
	c.failed = err
	c.mu.Unlock()
	if err != nil {
		c.log.Warn("certificate not reloaded: the last good one stays in force", "error", err)
		return
	}
	c.log.Info("certificate reloaded")
}

// config allows TLS 1.2 with the suites that have forward secrecy, and TLS 1.3 (N-11, X-21).
func (c *certificate) config() *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12,
		CipherSuites: []uint16{
			tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
			tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
			tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
		},
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
			c.mu.RLock()
			defer c.mu.RUnlock()
			return c.current, nil
		},
	}
}

// register adds the metrics of the certificate.
func (c *certificate) register(registerer prometheus.Registerer) {
	registerer.MustRegister(
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "scim_endpoint_certificate_current", Help: "1 when the certificate is that of its files, 0 when its last reload failed.",
		}, func() float64 {
			c.mu.RLock()
			defer c.mu.RUnlock()
			if c.failed != nil {
				return 0
			}
			return 1
		}),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "scim_endpoint_certificate_expiry_timestamp_seconds", Help: "When the certificate expires, in Unix time.",
		}, func() float64 {
			c.mu.RLock()
			defer c.mu.RUnlock()
			return float64(c.current.Leaf.NotAfter.Unix())
		}),
	)
}
