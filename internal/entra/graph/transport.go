package graph

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
	"time"

	khttp "github.com/microsoft/kiota-http-go"
	core "github.com/microsoftgraph/msgraph-sdk-go-core"

	"github.com/scim-operator/scim-operator/internal/version"
)

// sdkVersion is what the SDK reports of itself to Microsoft; its root package, which
// knows it, is not imported (see client.go).
const sdkVersion = "1.89.0"

// baseTransport is Go's default one, with its proxies and roots from the environment,
// and with the bundle's certificates trusted besides.
func baseTransport(caBundle []byte) (*http.Transport, error) {
	def, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return nil, errors.New("http.DefaultTransport was replaced")
	}
	t := def.Clone()
	if len(caBundle) == 0 {
		return t, nil
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(caBundle) {
		return nil, errors.New("spec.custom.caBundle: it holds no PEM certificate")
	}
	t.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: pool}
	return t, nil
}

// graphClient is the SDK's client with as little middleware as it needs. There is no
// retry handler: it would repeat POST on 504 and so create applications twice, and it
// would sleep through Retry-After in a worker that other apps wait for. There is no
// redirect handler, as Graph does not redirect what we call.
func graphClient(base http.RoundTripper, m *metrics, timeout time.Duration) *http.Client {
	options := core.GraphClientOptions{GraphServiceLibraryVersion: sdkVersion}
	transport := khttp.NewCustomTransportWithParentTransport(
		userAgent{m.instrument(recorder{base})},
		core.NewGraphTelemetryHandler(&options),
		khttp.NewParametersNameDecodingHandler(),
	)
	return &http.Client{Transport: transport, Timeout: timeout, CheckRedirect: stopAtRedirect}
}

// tokenClient is for azidentity.
func tokenClient(base http.RoundTripper, timeout time.Duration) *http.Client {
	return &http.Client{Transport: userAgent{base}, Timeout: timeout, CheckRedirect: stopAtRedirect}
}

func stopAtRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// userAgent names us in the logs of whoever is on the way.
type userAgent struct{ next http.RoundTripper }

func (u userAgent) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.Header.Set("User-Agent", "scim-operator/"+version.String())
	return u.next.RoundTrip(req)
}
