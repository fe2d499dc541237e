package endpoint_test

import (
	"crypto/tls"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/scim-operator/scim-operator/internal/scim/config"
	"github.com/scim-operator/scim-operator/internal/scim/endpoint"
	"github.com/scim-operator/scim-operator/internal/scim/scimtest"
)

// guide is the page that explains the endpoint to who runs it alone.
func guide(t *testing.T) string {
	t.Helper()
	content, err := os.ReadFile("../../../docs/guides/scim-endpoint.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func TestTheGuideExplainsEveryMetric(t *testing.T) {
	folder, p := t.TempDir(), newPair(t, 1)
	scimtest.WriteFile(t, folder+"/tls.crt", p.cert)
	scimtest.WriteFile(t, folder+"/tls.key", p.key)
	e := scimtest.Start(t, func(o *endpoint.Options) { o.TLSCert, o.TLSKey = folder+"/tls.crt", folder+"/tls.key" })
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	response, err := client.Get(e.URL + "/Users") // some metrics have no values before the first request
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	_, metrics := get(t, e.ManagementURL+"/metrics", "")
	names := regexp.MustCompile(`(?m)^# HELP (scim_\S+)`).FindAllStringSubmatch(metrics, -1)
	if len(names) < 8 {
		t.Fatalf("only %d metrics are ours: does this test still know them?", len(names))
	}
	text := guide(t)
	for _, name := range names {
		if !strings.Contains(text, "| `"+name[1]+"` |") {
			t.Errorf("the guide does not explain %s", name[1])
		}
	}
}

func TestTheGuidesConfigurationIsAccepted(t *testing.T) {
	_, file, found := strings.Cut(guide(t), "cat > /tmp/scim/config.yaml <<'EOF'\n")
	file, _, ended := strings.Cut(file, "\nEOF\n")
	if !found || !ended {
		t.Fatal("the guide has no configuration")
	}
	got, _, err := config.Parse([]byte(file))
	if err != nil || got.Revision != "1" || got.Retention.Inactive == 0 {
		t.Errorf("revision %q, error %v", got.Revision, err)
	}
}
