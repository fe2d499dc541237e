package defaults_test

import (
	"testing"

	"github.com/tidwall/gjson"

	"github.com/scim-operator/scim-operator/internal/mapping"
	"github.com/scim-operator/scim-operator/internal/mapping/defaults"
)

// TestEveryDefaultTargetAndSourceIsDefined: a mapping that named an attribute without definition would be refused by Entra.
func TestEveryDefaultTargetAndSourceIsDefined(t *testing.T) {
	known := map[string]bool{}
	schema := gjson.ParseBytes(defaults.Schema())
	for _, directory := range schema.Get("directories").Array() {
		for _, object := range directory.Get("objects").Array() {
			for _, attribute := range object.Get("attributes").Array() {
				known[object.Get("name").String()+" "+attribute.Get("name").String()] = true
			}
		}
	}
	for _, use := range mapping.SourcesInUse(defaults.Schema()) {
		if !known[string(use.Object)+" "+use.Source] {
			t.Errorf("%s has no attribute %s, from which %s is mapped", use.Object, use.Source, use.Target)
		}
	}
	counts := map[string]int{}
	for _, object := range schema.Get("synchronizationRules.0.objectMappings").Array() {
		target := object.Get("targetObjectName").String()
		for _, attribute := range object.Get("attributeMappings").Array() {
			counts[object.Get("sourceObjectName").String()]++
			if name := attribute.Get("targetAttributeName").String(); !known[target+" "+name] {
				t.Errorf("%s has no attribute %s, which is mapped", target, name)
			}
		}
	}
	if counts["User"] != 22 || counts["Group"] != 3 {
		t.Errorf("%d attributes of users and %d of groups are mapped, want 22 and 3", counts["User"], counts["Group"])
	}
}

func TestTheTypesThatDecideTheWireFormAreDefined(t *testing.T) {
	schema := gjson.ParseBytes(defaults.Schema())
	for query, want := range map[string]string{
		`directories.1.objects.0.attributes.#(name=="active").type`:                                                             "Boolean",
		`directories.1.objects.0.attributes.#(name=="userName").type`:                                                           "String",
		`directories.1.objects.0.attributes.#(name=="urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager").type`: "Reference",
		`directories.1.objects.1.attributes.#(name=="members").multivalued`:                                                     "true",
		`directories.0.objects.0.attributes.#(name=="proxyAddresses").multivalued`:                                              "true",
	} {
		if got := schema.Get(query).String(); got != want {
			t.Errorf("%s is %q, want %q", query, got, want)
		}
	}
}
