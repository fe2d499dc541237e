//go:build conformance

package conformance

import (
	"encoding/json"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/scim-operator/scim-operator/test/scimkit"
)

// An item of a Postman collection is a folder of items, or a request.
type item struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Item []item `json:"item"`
}

// postman runs Microsoft's collection with newman. Its folder "Get Token" asks for a token without authentication, for a
// server that gives one to everybody, so it is left out.
func postman(t *testing.T, endpoint *scimkit.Endpoint) []result {
	t.Helper()
	base, err := url.Parse(endpoint.URL)
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	collection, report := filepath.Join(folder, "collection.json"), filepath.Join(folder, "report.json")
	withoutFolder(t, setting(t, "POSTMAN_COLLECTION"), collection, "Get Token")
	command := exec.CommandContext(t.Context(), setting(t, "NEWMAN"), "run", collection, "--reporters", "json", "--reporter-json-export", report,
		"--env-var", "Protocol="+base.Scheme, "--env-var", "Server="+base.Hostname(), "--env-var", "Port=:"+base.Port(),
		"--env-var", "Api="+base.Path[1:], "--env-var", "token="+endpoint.Token)
	// It ends with an error when an assertion fails, which is for judge to decide; without a report it did not run.
	output, err := command.CombinedOutput()
	content, reportErr := os.ReadFile(report)
	if reportErr != nil {
		t.Fatalf("newman: %v: %v\n%s", err, reportErr, output)
	}
	return assertions(t, content)
}

// setting returns a variable that `make conformance` sets.
func setting(t *testing.T, name string) string {
	t.Helper()
	value := os.Getenv(name)
	if value == "" {
		t.Fatalf("%s is not set: the targets conformance and conformance-terraform of the Makefile set it", name)
	}
	return value
}

func withoutFolder(t *testing.T, from, to, name string) {
	t.Helper()
	content, err := os.ReadFile(from)
	if err != nil {
		t.Fatalf("reading Microsoft's collection: %v; it is in the repository AzureAD/SCIMReferenceCode on GitHub; name its place in POSTMAN_COLLECTION", err)
	}
	var collection map[string]any
	if err := json.Unmarshal(content, &collection); err != nil {
		t.Fatalf("%s: %v", from, err)
	}
	items, _ := collection["item"].([]any)
	collection["item"] = slices.DeleteFunc(items, func(i any) bool { return i.(map[string]any)["name"] == name })
	changed, err := json.Marshal(collection)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, changed, 0o600); err != nil {
		t.Fatal(err)
	}
}

// assertions reads newman's report. A request whose script fails counts as an assertion that is not met.
func assertions(t *testing.T, report []byte) []result {
	t.Helper()
	type failure struct {
		Message string `json:"message"`
	}
	var parsed struct {
		Collection item `json:"collection"`
		Run        struct {
			Executions []struct {
				Item       item `json:"item"`
				Assertions []struct {
					Assertion string   `json:"assertion"`
					Error     *failure `json:"error"`
				} `json:"assertions"`
				RequestError *failure `json:"requestError"`
				TestScript   []struct {
					Error *failure `json:"error"`
				} `json:"testScript"`
			} `json:"executions"`
		} `json:"run"`
	}
	if err := json.Unmarshal(report, &parsed); err != nil {
		t.Fatalf("newman's report: %v", err)
	}
	names := map[string]string{}
	paths(parsed.Collection.Item, "", names)
	var results []result
	for _, execution := range parsed.Run.Executions {
		name := names[execution.Item.ID]
		for _, a := range execution.Assertions {
			r := result{check: name + ": " + a.Assertion, passed: a.Error == nil}
			if a.Error != nil {
				r.detail = a.Error.Message
			}
			results = append(results, r)
		}
		if execution.RequestError != nil {
			results = append(results, result{check: name + ": request", detail: execution.RequestError.Message})
		}
		for _, script := range execution.TestScript {
			if script.Error != nil {
				results = append(results, result{check: name + ": script", detail: script.Error.Message})
			}
		}
	}
	return results
}

// paths names each request by its folders.
func paths(items []item, prefix string, names map[string]string) {
	for _, i := range items {
		names[i.ID] = prefix + i.Name
		paths(i.Item, prefix+i.Name+" / ", names)
	}
}
