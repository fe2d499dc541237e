package entrasim_test

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"testing"

	"github.com/scim-operator/scim-operator/internal/entrasim"
)

// batch makes the requests in one, and returns the answers by ID.
func (l *lab) batch(requests ...object) map[string]object {
	l.t.Helper()
	out := map[string]object{}
	for _, r := range l.want(200, "POST", "/$batch", object{"requests": requests}).body["responses"].([]any) {
		out[r.(object)["id"].(string)] = r.(object)
	}
	return out
}

func part(id, method, url string, more object) object {
	o := object{"id": id, "method": method, "url": url}
	maps.Copy(o, more)
	return o
}

func TestBatch(t *testing.T) {
	l := startLab(t)
	before := l.JournalCounts(0).Last
	answers := l.batch(
		part("a", "GET", "/users/anna@contoso.com?$select=id", nil),
		part("b", "get", "groups/"+nested, nil),
		part("c", "POST", "/applicationTemplates/"+template+"/instantiate", object{"body": object{"displayName": "Wiki"},
			"headers": object{"Content-Type": "application/json"}}),
		part("d", "GET", "/users/nobody@contoso.com", nil),
		part("e", "DELETE", "/users/"+dora, object{"dependsOn": []string{"d"}}),
		part("f", "DELETE", "/groups/"+mail, object{"dependsOn": []string{"e"}}),
	)
	for id, want := range map[string]float64{"a": 200, "b": 200, "c": 201, "d": 404, "e": 424, "f": 424} {
		if answers[id]["status"] != want {
			t.Errorf("%s: %v, want %v", id, answers[id], want)
		}
	}
	if body, _ := answers["a"]["body"].(object); body["id"] != anna || len(body) != 2 {
		t.Errorf("the body of a: %v", body)
	}
	l.want(200, "GET", "/users/"+dora, nil)
	counts := l.JournalCounts(before)
	if counts.ByOperation["batch"] != 1 || counts.ByOperation["getUser"] != 3 || counts.Writes != 1 {
		t.Errorf("the journal has %+v, want the batch and each of its requests", counts)
	}
}

func TestBatchesThatAreRefused(t *testing.T) {
	l := startLab(t)
	var many []object
	for i := range 21 {
		many = append(many, part(fmt.Sprint(i), "GET", "/users", nil))
	}
	for name, requests := range map[string][]object{
		"none at all":                          {},
		"more than twenty":                     many,
		"an id twice":                          {part("a", "GET", "/users", nil), part("a", "GET", "/groups", nil)},
		"a request without an address":         {part("a", "GET", "", nil)},
		"one that depends on one that is none": {part("a", "GET", "/users", object{"dependsOn": []string{"b"}})},
	} {
		t.Run(name, func(t *testing.T) { l.want(400, "POST", "/$batch", object{"requests": requests}) })
	}
}

func TestFaultsHitPartsOfABatch(t *testing.T) {
	l := startLab(t)
	if _, err := l.AddFault(entrasim.Fault{Operation: "listGroups", Status: 503, Body: `{"error":{"code":"x"}}`}); err != nil {
		t.Fatal(err)
	}
	answers := l.batch(part("a", "GET", "/users", nil), part("b", "GET", "/groups", nil))
	if answers["a"]["status"] != 200.0 || answers["b"]["status"] != 503.0 {
		t.Errorf("answers %v", answers)
	}
}

func TestAnswersAreCompressedOnDemand(t *testing.T) {
	l := startLab(t)
	l.instantiate("Wiki")
	for name, c := range map[string]struct{ accept, path, want string }{
		"a long answer":                         {"gzip, br", l.sync("/templates"), "gzip"},
		"a long answer, and nobody asked":       {"identity", l.sync("/templates"), ""},
		"a short answer is not worth the while": {"gzip", "/users/" + anna, ""},
	} {
		t.Run(name, func(t *testing.T) {
			request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, l.URL+"/v1.0"+c.path, nil)
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set("Authorization", "Bearer "+l.token)
			request.Header.Set("Accept-Encoding", c.accept)
			response, err := l.http.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = response.Body.Close() }()
			start := make([]byte, 2)
			if _, err := io.ReadFull(response.Body, start); err != nil {
				t.Fatal(err)
			}
			packed := start[0] == 0x1f && start[1] == 0x8b
			if got := response.Header.Get("Content-Encoding"); got != c.want || packed != (c.want == "gzip") {
				t.Errorf("encoding %q, packed %t, want %q", got, packed, c.want)
			}
		})
	}
	l.headers = map[string]string{"Content-Encoding": "br"}
	l.want(415, "POST", "/applicationTemplates/"+template+"/instantiate", object{"displayName": "x"})
}
