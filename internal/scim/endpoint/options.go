package endpoint

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/scim-operator/scim-operator/internal/scim/config"
)

// Options are the flags of `scim-endpoint serve`.
type Options struct {
	// Listen and ManagementListen are host:port; port 0 takes a free one.
	Listen           string
	ManagementListen string
	// BasePath begins every SCIM path, such as /scim/v2.
	BasePath string
	// PublicURL is the absolute URL of the SCIM base as clients see it. Without a path BasePath is appended; when
	// empty it is http(s)://<listen address><BasePath>.
	PublicURL string
	// Store is what OpenStore takes.
	Store string
	// TokenHashes is the file of accepted token hashes.
	TokenHashes string
	// Config is the configuration file; empty for none.
	Config string
	// Dialect is entra or strict.
	Dialect string
	// TLSCert and TLSKey are PEM files; both or none.
	TLSCert, TLSKey string
	// FeatureGates is a list such as EntraTokens=true.
	FeatureGates []string
	// DrainDelay is how long requests are still taken after readiness fails, so that everybody who sends them notices.
	DrainDelay time.Duration
	// EntraAuthority issues tokens and publishes keys; auth.DefaultAuthority when empty.
	EntraAuthority string
	// Log receives JSON or text lines.
	Log *slog.Logger
	// Now is the clock; time.Now when nil.
	Now func() time.Time
}

// validate checks what can be known before anything is opened; messages name the flag and the remedy.
func (o Options) validate() error {
	if !strings.HasPrefix(o.BasePath, "/") || o.BasePath != path.Clean(o.BasePath) || o.BasePath == "/" {
		return fmt.Errorf("--base-path %q: write it with a slash at the beginning and none at the end, such as /scim/v2", o.BasePath)
	}
	if o.TokenHashes == "" {
		return fmt.Errorf("--token-hashes is required: make a token and its hash with `scim-endpoint token`")
	}
	if (o.TLSCert == "") != (o.TLSKey == "") {
		return fmt.Errorf("--tls-cert and --tls-key belong together: give both or none")
	}
	if o.DrainDelay < 0 {
		return fmt.Errorf("--drain-delay is negative: write 0s or more")
	}
	return nil
}

// gates reads --feature-gates.
func (o Options) gates() (config.Gates, error) {
	var gates config.Gates
	known := map[string]*bool{"EntraTokens": &gates.EntraTokens}
	for _, setting := range o.FeatureGates {
		name, value, _ := strings.Cut(setting, "=")
		gate, ok := known[name]
		if !ok || !slices.Contains([]string{"true", "false"}, value) {
			return gates, fmt.Errorf("--feature-gates %q: write EntraTokens=true or EntraTokens=false", setting)
		}
		*gate = value == "true"
	}
	return gates, nil
}

// publicURL returns the base URL without a slash at the end; addr is where the endpoint listens.
func (o Options) publicURL(addr string) (string, error) {
	if o.PublicURL == "" {
		scheme := "http"
		if o.TLSCert != "" {
			scheme = "https"
		}
		return scheme + "://" + reachable(addr) + o.BasePath, nil
	}
	u, err := url.Parse(o.PublicURL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return "", errors.New("--public-url is no such URL: write it as https://host[:port][/path]")
	}
	base := strings.TrimRight(u.String(), "/")
	if strings.Trim(u.Path, "/") == "" {
		base += o.BasePath
	}
	return base, nil
}

// reachable names this machine where an address stands for all of its own.
func reachable(addr string) string {
	if host, port, err := net.SplitHostPort(addr); err == nil && net.ParseIP(host).IsUnspecified() {
		return net.JoinHostPort("localhost", port)
	}
	return addr
}
