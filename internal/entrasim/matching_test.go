package entrasim_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scim-operator/scim-operator/internal/entrasim"
	"github.com/scim-operator/scim-operator/internal/entrasim/directory"
)

// account makes an account at the endpoint, as one that was there before the application.
func (w *wire) account(t *testing.T, userName string) {
	t.Helper()
	body, err := json.Marshal(object{"schemas": []string{"urn:ietf:params:scim:schemas:core:2.0:User"}, "userName": userName, "active": true})
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.URL+"/Users", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+w.Token)
	request.Header.Set("Content-Type", "application/scim+json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusCreated {
		t.Fatalf("making the account %q: status %d", userName, response.StatusCode)
	}
}

// matched runs the initial cycle of people whose accounts are there already, and returns the searches for them. It fails the
// test unless each person was linked to the account of that name and nobody was created.
func matched(t *testing.T, names []string) []string {
	t.Helper()
	w := startWire(t)
	people := &directory.Directory{TenantID: tenantID, Domain: "contoso.onmicrosoft.com"}
	for i, name := range names {
		w.account(t, name)
		people.Users = append(people.Users, &directory.User{ID: fmt.Sprintf("00000000-0000-4000-8000-%012d", i), UserPrincipalName: name,
			MailNickname: fmt.Sprintf("person%d", i), DisplayName: "A Person"})
	}
	l := startLab(t, func(o *entrasim.Options) { o.Directory = people })
	l.provision(w.URL, w.Token)
	for _, u := range people.Users {
		l.assign(u.ID, l.role())
	}
	l.want(204, "POST", l.jobPath("/start"), nil)
	w.take("")
	expectCounts(t, l.cycle(), fmt.Sprintf("created 0 updated %d disabled 0 deleted 0 skipped 0 failed 0", len(names)))
	var searches []string
	for _, r := range w.take(http.MethodGet) {
		if search, ok := strings.CutPrefix(r.query, "filter="); ok {
			searches = append(searches, search)
		}
	}
	there := scimList(t, w.URL, w.Token, "Users", "userName")
	for i, name := range names {
		if got := there[strings.ToLower(name)]["externalId"]; got != fmt.Sprintf("person%d", i) {
			t.Errorf("the account %q has the externalId %v, want person%d", name, got, i)
		}
	}
	if len(there) != len(names) {
		t.Errorf("there are %d accounts, want %d", len(there), len(names))
	}
	return searches[1:] // the first one is the probe
}

// TestSpecialCharactersInMatchingValues: what goes over the wire, and that the person is found by it.
func TestSpecialCharactersInMatchingValues(t *testing.T) {
	cases := []struct{ userName, search string }{
		{"plain@x.com", "userName+eq+%22plain%40x.com%22"},
		{"plus+tag@x.com", "userName+eq+%22plus%2Btag%40x.com%22"},
		{"r&d@x.com", "userName+eq+%22r%26d%40x.com%22"},
		{"a<b>c@x.com", "userName+eq+%22a%3Cb%3Ec%40x.com%22"},
		{"gil#EXT#@x.com", "userName+eq+%22gil%23EXT%23%40x.com%22"},
		{"100%25@x.com", "userName+eq+%22100%2525%40x.com%22"},
		{"o'neill@x.com", "userName+eq+%22o%27neill%40x.com%22"},
		{`say "hi"@x.com`, "userName+eq+%22say+%5C%22hi%5C%22%40x.com%22"},
		{`back\slash\\@x.com`, "userName+eq+%22back%5C%5Cslash%5C%5C%5C%5C%40x.com%22"},
		{`u0026 \u0026@x.com`, "userName+eq+%22u0026+%5C%5Cu0026%40x.com%22"},
		{"a space@x.com", "userName+eq+%22a+space%40x.com%22"},
		{"two\tlines\n@x.com", "userName+eq+%22two%5Ctlines%5Cn%40x.com%22"},
		{"zoë.王@x.com", "userName+eq+%22zo%C3%AB.%E7%8E%8B%40x.com%22"},
		{"grin😀@x.com", "userName+eq+%22grin%F0%9F%98%80%40x.com%22"},
		{"a=b;c/d?e:f,g@x.com", "userName+eq+%22a%3Db%3Bc%2Fd%3Fe%3Af%2Cg%40x.com%22"},
		{`x" or userName pr or userName eq "y`, "userName+eq+%22x%5C%22+or+userName+pr+or+userName+eq+%5C%22y%22"},
		{"(not) [type eq 1].x*_", "userName+eq+%22%28not%29+%5Btype+eq+1%5D.x%2A_%22"},
	}
	var names, want []string
	for _, c := range cases {
		names, want = append(names, c.userName), append(want, c.search)
	}
	if diff := cmp.Diff(want, matched(t, names)); diff != "" {
		t.Errorf("the searches (-want +got):\n%s", diff)
	}
}

// TestAnyMatchingValueIsFound: names of random characters, among them all that mean something in filters, JSON or URLs.
func TestAnyMatchingValueIsFound(t *testing.T) {
	special := []rune("\"\\+&#%' <>=?/;:,.()[]{}*_~`^|$!@\u00a0\u2028äßİıΣς王😀e\u0301\t\n")
	for seed := range uint64(4) {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 73))
			var names []string
			for i := range 40 {
				name := []rune(fmt.Sprint(i)) // the number keeps names apart that only differ in case
				for range 1 + random.IntN(12) {
					name = slices.Insert(name, random.IntN(len(name)+1), special[random.IntN(len(special))])
				}
				names = append(names, fmt.Sprintf("%s@%d.com", string(name), i))
			}
			matched(t, names)
		})
	}
}
