package server_test

import (
	"net/http"
	"testing"

	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/server"
)

const wiki = "urn:ietf:params:scim:schemas:extension:wiki:2.0:User"

var wikiSchema = schema.ExtensionSchema{ID: wiki, Name: "wiki", ResourceType: schema.User, Attributes: []schema.ExtensionAttribute{
	{Name: "shelf", Type: schema.String, CaseExact: true},
	{Name: "level", Type: schema.Integer},
	{Name: "share", Type: schema.Decimal},
	{Name: "joined", Type: schema.DateTime},
	{Name: "guest", Type: schema.Boolean},
	{Name: "tags", Type: schema.String, MultiValued: true},
}}

// startWith starts an endpoint with a configured extension.
func startWith(t *testing.T, extension schema.ExtensionSchema) *running {
	t.Helper()
	registry, err := schema.NewRegistry(extension)
	if err != nil {
		t.Fatal(err)
	}
	return start(t, func(o *server.Options) { o.Schemas = func() *schema.Registry { return registry } })
}

func TestExtensionAttributes(t *testing.T) {
	create := func(data string) step {
		return step{method: http.MethodPost, path: "/Users", body: `{"userName":"ann","` + wiki + `":` + data + `}`, status: 201, save: "ann"}
	}
	shown := func(st step, fragment string) step {
		st.contains = append(st.contains, `"`+wiki+`":`+fragment)
		return st
	}
	badValue := func(data, attribute string) step {
		st := refused(create(data), 400, "invalidValue")
		st.save, st.contains = "", append(st.contains, attribute)
		return st
	}
	filtered := func(filter string, total string) step {
		return step{method: http.MethodGet, path: "/Users?filter=" + escape(filter), status: 200, contains: []string{`"totalResults":` + total}}
	}
	for name, steps := range map[string][]step{
		"S-12 numbers, times and booleans keep or get their type": {
			shown(create(`{"level":"7","share":0.50,"joined":"2026-01-02T03:04:05Z","guest":"TRUE","shelf":"A"}`),
				`{"guest":true,"joined":"2026-01-02T03:04:05Z","level":7,"share":0.50,"shelf":"A"}`)},
		"S-12 wrong types are named": {
			badValue(`{"level":"x"}`, "level"), badValue(`{"level":1.5}`, "level"), badValue(`{"level":true}`, "level"),
			badValue(`{"joined":"tomorrow"}`, "joined"), badValue(`"A"`, wiki)},
		"F-6 filters compare by type": {create(`{"level":7,"joined":"2026-01-02T03:04:05Z","shelf":"Ab"}`),
			filtered(wiki+`:level gt 6.5`, "1"), filtered(wiki+`:level lt 7`, "0"), filtered(wiki+`:joined eq "2026-01-02T04:04:05+01:00"`, "1"),
			filtered(wiki+`:shelf eq "ab"`, "0"), filtered(`shelf sw "A"`, "1")},
		"E-9 the URN need not be in schemas, and is in the answer": {
			{method: http.MethodPost, path: "/Users", status: 201, contains: []string{`"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","` + wiki + `"]`},
				body: `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"ann","` + wiki + `":{"shelf":"A"}}`}},
		"P-10 a simple multi-valued attribute is addressed as value": {create(`{"tags":["a","b","A"]}`),
			shown(patchAnn(`{"op":"add","path":"`+wiki+`:tags","value":["c","b"]}`), `{"tags":["a","b","c"]}`),
			shown(patchAnn(`{"op":"remove","path":"`+wiki+`:tags[value eq \"b\"]"}`), `{"tags":["a","c"]}`),
			shown(patchAnn(`{"op":"remove","path":"`+wiki+`:tags","value":["C"]}`), `{"tags":["a"]}`),
			shown(patchAnn(`{"op":"replace","path":"`+wiki+`:tags[value eq \"a\"]","value":"z"}`), `{"tags":["z"]}`),
			shown(patchAnn(`{"op":"add","path":"`+wiki+`:tags[value eq \"y\"]","value":"y"}`), `{"tags":["z","y"]}`),
			patchAnn(`{"op":"remove","path":"` + wiki + `:tags"}`).without(wiki)},
		"P-9 P-35 the whole extension is set, merged and removed": {create(`{"shelf":"A"}`),
			shown(patchAnn(`{"op":"replace","path":"`+wiki+`","value":{"level":1,"nonsense":1}}`), `{"level":1,"shelf":"A"}`),
			shown(patchAnn(`{"op":"add","value":{"`+wiki+`":{"shelf":"B"},"`+wiki+`:level":2}}`), `{"level":2,"shelf":"B"}`),
			refused(patchAnn(`{"op":"add","path":"`+wiki+`","value":"B"}`), 400, "invalidValue"),
			patchAnn(`{"op":"remove","path":"` + wiki + `"}`).without(wiki)},
	} {
		t.Run(name, func(t *testing.T) {
			e := startWith(t, wikiSchema)
			saved := map[string]string{"base": e.URL}
			for _, st := range steps {
				st.run(t, e, saved)
			}
		})
	}
}
