package scimcheck_test

import (
	"bytes"
	"encoding/xml"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scim-operator/scim-operator/internal/entrasim/directory"
	"github.com/scim-operator/scim-operator/internal/entrasim/scimcheck"
	"github.com/scim-operator/scim-operator/internal/scim/scimtest"
)

func people(t *testing.T) *directory.Directory {
	t.Helper()
	d, err := directory.Generate(12, 1)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func check(t *testing.T, base, token string) *scimcheck.Report {
	t.Helper()
	report, err := scimcheck.Run(t.Context(), scimcheck.Options{BaseAddress: base, Token: token, Directory: people(t)})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func text(r *scimcheck.Report) string {
	var out strings.Builder
	r.Write(&out)
	return out.String()
}

// TestOurOwnEndpoint passes in both dialects, and nothing stays in it.
func TestOurOwnEndpoint(t *testing.T) {
	for name, flag := range map[string]string{"the old dialect": "", "the dialect of RFC 7644": "?aadOptscim062020"} {
		t.Run(name, func(t *testing.T) {
			endpoint := scimtest.Start(t)
			report := check(t, endpoint.URL+flag, endpoint.Token)
			if report.Count(scimcheck.Passed) != len(report.Results) || len(report.Results) < 16 {
				t.Errorf("\n%s", text(report))
			}
		})
	}
}

// flawed is our endpoint behind something that gets one thing wrong.
func flawed(t *testing.T, spoil func(*http.Response, []byte) []byte, refuse func(*http.Request) int) (base, token string) {
	t.Helper()
	endpoint := scimtest.Start(t)
	target, err := url.Parse(endpoint.URL)
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.Out.URL.Scheme, r.Out.URL.Host = target.Scheme, target.Host },
		ModifyResponse: func(r *http.Response) error {
			raw, err := io.ReadAll(r.Body)
			if err != nil || spoil == nil {
				r.Body = io.NopCloser(bytes.NewReader(raw))
				return err
			}
			raw = spoil(r, raw)
			r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(raw)), int64(len(raw))
			r.Header.Del("Content-Length")
			return nil
		}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if refuse != nil {
			if status := refuse(r); status != 0 {
				w.WriteHeader(status)
				_, _ = io.WriteString(w, `{"detail":"no"}`)
				return
			}
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL + target.Path, endpoint.Token
}

// TestFlawsAreFound: each flaw fails the steps that it spoils, and no other.
func TestFlawsAreFound(t *testing.T) {
	for name, c := range map[string]struct {
		spoil  func(*http.Response, []byte) []byte
		refuse func(*http.Request) int
		failed []string
		says   string
	}{
		"a value that does not come back": {
			spoil: func(_ *http.Response, raw []byte) []byte {
				return bytes.ReplaceAll(raw, []byte(`"employeeNumber"`), []byte(`"somethingElse"`))
			}, failed: []string{"idempotence"}, says: "employeeNumber was written again for 12 resources"},
		"a server that cannot delete": {
			refuse: func(r *http.Request) int {
				if r.Method == http.MethodDelete {
					return http.StatusNotImplemented
				}
				return 0
			}, failed: []string{"delete", "delete group", "clean up"}, says: "DELETE"},
		"a boolean that comes back as a text": {
			spoil: func(_ *http.Response, raw []byte) []byte {
				return bytes.ReplaceAll(raw, []byte(`"active":true`), []byte(`"active":"true"`))
			}, failed: []string{"create people"}, says: `has active "true", and should have true`},
		"a token that is refused": {
			refuse: func(*http.Request) int { return http.StatusUnauthorized },
			failed: []string{"create people", "clean up"}, says: "InvalidCredentials"},
	} {
		t.Run(name, func(t *testing.T) {
			base, token := flawed(t, c.spoil, c.refuse)
			report := check(t, base, token)
			var failed []string
			for _, r := range report.Results {
				if r.Outcome == scimcheck.Failed {
					failed = append(failed, r.Name)
				}
			}
			if diff := cmp.Diff(c.failed, failed); diff != "" {
				t.Errorf("failed steps (-want +got):\n%s\n%s", diff, text(report))
			}
			if !strings.Contains(text(report), c.says) {
				t.Errorf("it does not say %q:\n%s", c.says, text(report))
			}
			if strings.Contains(text(report), token) {
				t.Error("the token is in the report")
			}
		})
	}
}

func TestReportForContinuousIntegration(t *testing.T) {
	base, token := flawed(t, nil, func(*http.Request) int { return http.StatusUnauthorized })
	report := check(t, base, token)
	var out bytes.Buffer
	if err := report.WriteJUnit(&out); err != nil {
		t.Fatal(err)
	}
	var read struct {
		Tests    int `xml:"tests,attr"`
		Failures int `xml:"failures,attr"`
		Skipped  int `xml:"skipped,attr"`
		Cases    []struct {
			Name    string    `xml:"name,attr"`
			Failure *struct{} `xml:"failure"`
		} `xml:"testcase"`
	}
	if err := xml.Unmarshal(out.Bytes(), &read); err != nil {
		t.Fatal(err)
	}
	if read.Tests != len(report.Results) || read.Failures != 2 || read.Skipped != 14 || len(read.Cases) != read.Tests || read.Cases[0].Failure == nil {
		t.Errorf("%+v", read)
	}
}

func TestASmallDirectoryIsRefused(t *testing.T) {
	_, err := scimcheck.Run(t.Context(), scimcheck.Options{BaseAddress: "http://127.0.0.1:1", Directory: &directory.Directory{}})
	if err == nil || !strings.Contains(err.Error(), "four people") {
		t.Errorf("error %v", err)
	}
}
