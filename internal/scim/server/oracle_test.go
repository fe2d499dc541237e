package server_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scim-operator/scim-operator/internal/scim/dialect"
	"github.com/scim-operator/scim-operator/internal/scim/filter"
	"github.com/scim-operator/scim-operator/internal/scim/schema"
)

// generator makes users and filters out of few values, so that they often meet.
type generator struct{ *rand.Rand }

func (g generator) pick(values ...string) string {
	return values[g.IntN(len(values))]
}

func (g generator) user(i int, manager string) string {
	return fmt.Sprintf(`{"userName":"%s%d","externalId":"%s","displayName":"%s","active":%s,"title":"%s",
		"emails":[{"type":"%s","value":"%s"},{"type":"%s","value":"%s"}],"manager":null,%q:{"manager":%q}}`,
		g.pick("Ann", "bob", "Größe"), i%7*1000+i, g.pick("E1", "e1", ""), g.pick("Ann", "ANN", "x", ""), g.pick("true", "false"), g.pick("a", "b", ""),
		g.pick("work", "home"), g.pick("A@x", "a@X", "b@x"), g.pick("work", "home"), g.pick("a@x", "c@x"), schema.EnterpriseUserURN, manager)
}

func (g generator) term(managers []string) string {
	return g.pick(
		`userName sw "`+g.pick("ann", "GRÖSSE", "bo")+`"`, `externalId eq "`+g.pick("E1", "e1", "")+`"`, `displayName eq "`+g.pick("ann", "X", "")+`"`,
		`active eq `+g.pick("true", "false"), `emails.value eq "`+g.pick("A@X", "c@x", "no")+`"`, `emails eq "b@x"`, `title `+g.pick(`eq "A"`, `ne "a"`, "pr"),
		`emails[type eq "`+g.pick("work", "home")+`" and value eq "`+g.pick("a@x", "b@x")+`"]`, `emails[type eq "work"].value eq "a@x"`,
		`manager eq "`+g.pick(managers...)+`"`, `id eq "`+g.pick(managers...)+`"`, `displayName pr`, `externalId eq null`,
	)
}

func (g generator) filter(managers []string, depth int) string {
	if depth == 0 || g.IntN(4) == 0 {
		return g.term(managers)
	}
	left, right := g.filter(managers, depth-1), g.filter(managers, depth-1)
	return g.pick(left+" and "+right, left+" and "+right, left+" or "+right, "("+left+") and "+right, "not ("+left+") and "+right, "not ("+left+")")
}

func TestF22TheStoreAgreesWithTheEvaluator(t *testing.T) {
	onBothStores(t, checkF22TheStoreAgreesWithTheEvaluator)
}

func checkF22TheStoreAgreesWithTheEvaluator(t *testing.T, e *running) {
	t.Helper()
	g := generator{rand.New(rand.NewPCG(7, 11))}
	managers := []string{"nobody"}
	for i := range 60 {
		response, body := send(t, e, http.MethodPost, "/Users", g.user(i, g.pick(managers...)), nil)
		if response.StatusCode != http.StatusCreated {
			t.Fatalf("POST: %d %s", response.StatusCode, body)
		}
		if i < 4 {
			managers = append(managers, idOf(t, body))
		}
	}
	everybody := listed(t, e, "/Users?count=1000")
	registry, err := schema.NewRegistry()
	if err != nil {
		t.Fatal(err)
	}
	met := 0
	for range 300 {
		text := g.filter(managers, 3)
		expression, err := filter.Parse(registry.ResourceType(schema.User), dialect.Entra, text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		var want []string
		for _, doc := range everybody {
			if filter.Match(expression, doc) {
				want = append(want, doc["id"].(string))
			}
		}
		met += len(want)
		var got []string
		for _, doc := range listed(t, e, "/Users?count=1000&filter="+url.QueryEscape(text)) {
			got = append(got, doc["id"].(string))
		}
		slices.Sort(want)
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("filter %s (-evaluator +store):\n%s", text, diff)
		}
	}
	if met == 0 {
		t.Error("no generated filter matched anybody: the test proves nothing")
	}
}

func listed(t *testing.T, e *running, path string) []map[string]any {
	t.Helper()
	response, body := send(t, e, http.MethodGet, path, "", nil)
	var list struct{ Resources []map[string]any }
	decoder := json.NewDecoder(bytes.NewReader([]byte(body)))
	decoder.UseNumber()
	if err := decoder.Decode(&list); err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: %d, %v: %s", path, response.StatusCode, err, body)
	}
	return list.Resources
}
