package cli

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

func TestLintFindsEverythingAtOnce(t *testing.T) {
	for output, file := range map[string]string{"text": "bad.txt", "json": "bad.json", "sarif": "bad.sarif"} {
		t.Run(output, func(t *testing.T) {
			got := execute(t, "", "lint", "-f", "testdata/lint/bad.yaml", "-o", output)
			if got.status != ExitFound || got.errors != "" {
				t.Errorf("status %d, errors %q", got.status, got.errors)
			}
			golden(t, "testdata/lint/"+file, got.out)
		})
	}
}

func TestLintStatus(t *testing.T) {
	for name, c := range map[string]struct {
		args   []string
		status int
		says   string
	}{
		"nothing is wrong":                      {[]string{"-f", "testdata/lint/good.yaml"}, ExitOK, "1 object checked: 0 errors, 0 warnings"},
		"a warning is no error":                 {[]string{"-f", "testdata/lint/below"}, ExitOK, "1 object checked: 0 errors, 1 warning"},
		"a warning is one where that is wanted": {[]string{"-f", "testdata/lint/below", "--fail-on", "warning"}, ExitFound, "1 warning"},
		"nothing is wrong, not even a warning":  {[]string{"-f", "testdata/lint/good.yaml", "--fail-on", "warning"}, ExitOK, "0 warnings"},
		"two mappings of an app own a target": {
			[]string{"-f", "testdata/clash.yaml"}, ExitFound, "AttributeMapping wiki-more",
		},
		"folders below are looked into, and two files define one object": {
			[]string{"-f", "testdata/lint", "-R"}, ExitFound, "AttributeMapping wiki-users is also at testdata/lint/bad.yaml:4 (keep one of the two",
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := execute(t, "", append([]string{"lint"}, c.args...)...)
			if got.status != c.status || !strings.Contains(got.out, c.says) {
				t.Errorf("status %d, want %d and %q:\n%s%s", got.status, c.status, c.says, got.out, got.errors)
			}
		})
	}
}

func TestLintReadsTheInputStream(t *testing.T) {
	content, err := os.ReadFile("testdata/lint/below/warning.yaml")
	if err != nil {
		t.Fatal(err)
	}
	got := execute(t, string(content), "lint", "-f", "-")
	if got.status != ExitOK || !strings.HasPrefix(got.out, "<stdin>:3:12: warning: ") {
		t.Errorf("status %d:\n%s%s", got.status, got.out, got.errors)
	}
}

// The schema is the one that OASIS publishes.
func TestTheSARIFReportIsValid(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile("testdata/sarif-schema-2.1.0.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"bad.yaml", "good.yaml"} {
		report, err := jsonschema.UnmarshalJSON(strings.NewReader(execute(t, "", "lint", "-f", "testdata/lint/"+file, "-o", "sarif").out))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(report); err != nil {
			t.Errorf("%s: the report does not fit the schema of SARIF 2.1.0: %v", file, err)
		}
	}
}

// GitHub shows an alert at a place, and takes it for the same one when the lines above it change.
func TestACodeScannerKnowsAFindingAgain(t *testing.T) {
	content, err := os.ReadFile("testdata/lint/below/warning.yaml")
	if err != nil {
		t.Fatal(err)
	}
	prints := map[string]bool{}
	for _, in := range []string{string(content), "# a line more\n" + string(content)} {
		var log struct {
			Runs []struct {
				Results []struct {
					PartialFingerprints map[string]string
				}
			}
		}
		if err := json.Unmarshal([]byte(execute(t, in, "lint", "-f", "-", "-o", "sarif").out), &log); err != nil {
			t.Fatal(err)
		}
		for _, result := range log.Runs[0].Results {
			prints[result.PartialFingerprints["finding/v1"]] = true
		}
	}
	if len(prints) != 1 {
		t.Errorf("one finding has the fingerprints %v", prints)
	}
}
