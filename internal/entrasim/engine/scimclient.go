package engine

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

const (
	schemaPatch      = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
	codePrefix       = "SystemForCrossDomainIdentityManagement"
	maxAnswer        = 4 << 20
	scimMediaType    = "application/scim+json"
	featureRFC       = "aadoptscim062020"
	requestTimeout   = 30 * time.Second
	longestWait      = time.Minute // for a Retry-After
	excerptOfContent = 500
)

// NewClient returns the HTTP client for SCIM requests. It goes through the proxy of the environment, because in the lab
// the endpoint is reachable only through one, follows no redirects, and speaks TLS 1.2 as the service documents.
func NewClient(switches Switches) *http.Client {
	timeout := switches.RequestTimeout
	if timeout <= 0 {
		timeout = requestTimeout
	}
	transport := &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		TLSClientConfig:     &tls.Config{MinVersion: tls.VersionTLS12, MaxVersion: tls.VersionTLS12},
		MaxIdleConnsPerHost: max(8, switches.Parallelism),
		IdleConnTimeout:     30 * time.Second,
	}
	return &http.Client{
		Transport:     transport,
		Timeout:       timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// scimError is a refused or failed SCIM request. Code is as the provisioning log shows it.
type scimError struct {
	Status  int // 0: there was no answer
	Code    string
	Message string

	RetryAfter time.Duration // of a 429
}

func (e *scimError) Error() string { return e.Message }

// endpoint is the SCIM server of one cycle.
type endpoint struct {
	base     *url.URL
	rfc      bool // the feature flag aadOptscim062020 is in the base address
	token    string
	client   *http.Client
	honour   bool         // a Retry-After is waited for, once
	requests atomic.Int64 // write operations, for countExports
}

// newEndpoint reads the base address. Its query carries only feature flags, which are not sent.
func newEndpoint(settings Settings, client *http.Client) (*endpoint, error) {
	base, err := url.Parse(strings.TrimSpace(settings.BaseAddress))
	if err != nil || base.Host == "" || base.Scheme != "https" && base.Scheme != "http" {
		return nil, &scimError{Code: codePrefix + "InvalidCredentials", Message: "Please provide a valid tenant URL for your application."}
	}
	rfc := strings.Contains(strings.ToLower(base.RawQuery), featureRFC)
	base.RawQuery, base.Fragment = "", ""
	base.Path = strings.TrimSuffix(base.Path, "/")
	return &endpoint{base: base, rfc: rfc, token: settings.Token, client: client}, nil
}

func (e *endpoint) url(resource, id, query string) string {
	address := e.base.String() + "/" + resource
	if id != "" {
		address += "/" + url.PathEscape(id)
	}
	if query != "" {
		address += "?" + query
	}
	return address
}

// do sends one request and returns the resource that was answered, if any.
func (e *endpoint) do(ctx context.Context, method, address string, body any) (map[string]any, error) {
	var encoded []byte
	if body != nil {
		var err error
		if encoded, err = json.Marshal(body); err != nil {
			return nil, fmt.Errorf("encoding the SCIM request: %w", err)
		}
	}
	if method != http.MethodGet {
		e.requests.Add(1)
	}
	resource, err := e.send(ctx, method, address, encoded)
	if refused, ok := errors.AsType[*scimError](err); ok && e.honour && refused.Status == http.StatusTooManyRequests && refused.RetryAfter > 0 {
		if err := wait(ctx, min(refused.RetryAfter, longestWait)); err != nil {
			return nil, err
		}
		return e.send(ctx, method, address, encoded)
	}
	return resource, err
}

func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("waiting as the endpoint asked: %w", ctx.Err())
	}
}

func (e *endpoint) send(ctx context.Context, method, address string, body []byte) (map[string]any, error) {
	var reader io.Reader
	if body != nil {
		reader = bytes.NewReader(body)
	}
	request, err := http.NewRequestWithContext(ctx, method, address, reader)
	if err != nil {
		return nil, fmt.Errorf("making the SCIM request: %w", err)
	}
	request.Header.Set("Authorization", "Bearer "+e.token)
	request.Header.Set("Accept", scimMediaType+", application/json")
	if body != nil {
		request.Header.Set("Content-Type", scimMediaType+"; charset=utf-8")
	}
	response, err := e.client.Do(request)
	if err != nil {
		return nil, connectionError(err)
	}
	defer func() { _ = response.Body.Close() }()
	content, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return nil, connectionError(err)
	}
	return answer(request, response, content)
}

func connectionError(err error) error {
	code := "WebExceptionProtocolError"
	if errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, context.DeadlineExceeded) {
		code = "Timeout"
	}
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err // the outer text repeats the whole URL
	}
	return &scimError{Code: codePrefix + code, Message: "An error occurred while sending the request. " + err.Error()}
}

func answer(request *http.Request, response *http.Response, content []byte) (map[string]any, error) {
	if response.StatusCode < 200 || response.StatusCode > 299 {
		return nil, refused(request, response, content, statusCode(response.StatusCode))
	}
	if response.StatusCode == http.StatusNoContent || len(content) == 0 {
		return nil, nil
	}
	var resource map[string]any
	if err := json.Unmarshal(content, &resource); err != nil {
		return nil, refused(request, response, content, "ServiceIncompatible")
	}
	return resource, nil
}

// refused words an unexpected answer as the service does. The request's headers, and so the token, are not part of it.
func refused(request *http.Request, response *http.Response, content []byte, code string) *scimError {
	excerpt := string(content)
	if len(excerpt) > excerptOfContent {
		excerpt = excerpt[:excerptOfContent] + "..."
	}
	seconds, _ := strconv.Atoi(response.Header.Get("Retry-After")) // a date counts as none
	return &scimError{Status: response.StatusCode, Code: codePrefix + code, RetryAfter: time.Duration(seconds) * time.Second, Message: fmt.Sprintf(
		"We received this unexpected response from your application: Received response from Web resource. Resource: %s "+
			"Operation: %s Response Status Code: %d %s Response Headers: Content-Type: %s Response Content: %s",
		request.URL, request.Method, response.StatusCode, http.StatusText(response.StatusCode),
		response.Header.Get("Content-Type"), excerpt)}
}

func statusCode(status int) string {
	switch status {
	case http.StatusBadRequest:
		return "BadRequest"
	case http.StatusUnauthorized:
		return "InvalidCredentials"
	case http.StatusForbidden:
		return "InsufficientRights"
	case http.StatusNotFound:
		return "InvalidAnchor"
	case http.StatusMethodNotAllowed:
		return "MethodNotAllowed"
	case http.StatusConflict:
		return "Conflict"
	case http.StatusUnprocessableEntity:
		return "UnprocessableEntity"
	case http.StatusTooManyRequests:
		return "TooManyRequests"
	case http.StatusNotImplemented:
		return "NotImplemented"
	default:
		if status >= 500 {
			return "InternalServerError"
		}
		return "ServiceIncompatible"
	}
}

// search asks for the resources whose attribute equals value and returns what was found.
func (e *endpoint) search(ctx context.Context, resource, attribute, value string) ([]map[string]any, error) {
	filter, err := FilterEquals(attribute, value)
	if err != nil {
		return nil, err
	}
	query := "filter=" + url.QueryEscape(filter)
	if resource == "Groups" {
		query = "excludedAttributes=members&" + query
	}
	address := e.url(resource, "", query)
	found, err := e.do(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	incompatible := &scimError{Status: http.StatusOK, Code: codePrefix + "ServiceIncompatible",
		Message: "The answer to GET " + address + " is not a SCIM ListResponse."}
	list, _ := member(found, "Resources")
	total, counted := member(found, "totalResults")
	if !counted {
		return nil, incompatible
	}
	var out []map[string]any
	elements, _ := list.([]any)
	for _, element := range elements {
		o, ok := element.(map[string]any)
		if !ok || identifier(o) == "" {
			return nil, incompatible
		}
		out = append(out, o)
	}
	if n, ok := total.(float64); ok && int(n) > len(out) {
		return out, &scimError{Status: http.StatusOK, Code: codePrefix + "MultipleEntriesInResponse",
			Message: fmt.Sprintf("The filter %s matched %d resources.", filter, int(n))}
	}
	return out, nil
}

func identifier(resource map[string]any) string {
	id, _ := member(resource, "id")
	s, _ := id.(string)
	return s
}
