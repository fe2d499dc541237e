package mapping

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tidwall/gjson"
)

// TestUnknownMembersSurvive plants members that we do not know at every level and changes mappings around them.
func TestUnknownMembersSurvive(t *testing.T) {
	const odd = `{ "b" : 1.50e2,"a":[ true , null ], "é":"\u00e9 <&>" }`
	live := synthetic(t)
	paths := []string{"unknown", "synchronizationRules.0.unknown", "synchronizationRules.0.objectMappings.1.unknown", "synchronizationRules.0.objectMappings.0.unknown",
		"directories.0.unknown", "directories.1.objects.0.unknown", "directories.1.objects.0.attributes.5.unknown", indexOf(t, live, "title") + ".unknown",
		indexOf(t, live, "externalId") + ".unknown", indexOf(t, live, "displayName") + ".source.unknown"}
	for _, path := range paths {
		live = with(t, live, path, odd)
	}
	live = with(t, live, "synchronizationRules.-1", `{"name": "OTHER", "objectMappings": [ {"sourceObjectName": "Device" } ] }`)
	d := users(Attribute{Target: "externalId", Source: "objectId"}, Attribute{Target: shelf, Source: "mail"}, Attribute{Target: "title", Constant: "x"})
	d.Roles = RolesSingle
	p := plan(t, live, d)
	for _, path := range paths {
		if got := gjson.GetBytes(p.Schema, path).Raw; got != odd {
			t.Errorf("%s became %s", path, got)
		}
	}
	for _, path := range []string{"synchronizationRules.1", "synchronizationRules.0.objectMappings.0", "synchronizationRules.0.metadata", "directories.0", "directories.1.objects.1", "version", "id"} {
		if want, got := gjson.GetBytes(live, path).Raw, gjson.GetBytes(p.Schema, path).Raw; got != want {
			t.Errorf("%s became %s", path, got)
		}
	}
	untouched := 0
	for i, element := range gjson.GetBytes(live, userMappings).Array() {
		if gjson.GetBytes(p.Schema, fmt.Sprintf("%s.%d", userMappings, i)).Raw == element.Raw {
			untouched++
		}
	}
	if untouched != len(allOfUser.Attributes)-2 {
		t.Errorf("%d of %d mappings are untouched; two were overridden", untouched, len(allOfUser.Attributes))
	}
	if keys := topKeys(p.Schema); !slices.Equal(keys, []string{"id", "version", "synchronizationRules", "directories", "unknown"}) {
		t.Errorf("the members of the schema are now %q", keys)
	}
}

func topKeys(schema []byte) []string {
	var keys []string
	gjson.ParseBytes(schema).ForEach(func(key, _ gjson.Result) bool {
		keys = append(keys, key.String())
		return true
	})
	return keys
}

func TestWithoutAnnotations(t *testing.T) {
	tests := map[string]struct{ raw, want string }{
		"without any, everything stays as it is":      {`{ "a" : [ 1 ] }`, `{ "a" : [ 1 ] }`},
		"those of the root and of members go":         {`{"@odata.context":"x", "a" : {"b@odata.context":1,"c":[ 2 ]}, "a@odata.nextLink":null}`, `{"a":{"c":[ 2 ]}}`},
		"those in lists go":                           {`[{"@odata.id":1},{"a":2}]`, `[{},{"a":2}]`},
		"type annotations stay, for they carry sense": {`{"value@odata.type":"#Collection(String)","@odata.etag":"x"}`, `{"value@odata.type":"#Collection(String)"}`},
		"texts that only mention one stay":            {`{"a":"see @odata.context"}`, `{"a":"see @odata.context"}`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := string(withoutAnnotations([]byte(test.raw))); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

// TestPlanIsIdempotent applies random mappings to randomly changed schemas: a second pass changes nothing, the document stays valid, and
// the default mapping gives the default back.
func TestPlanIsIdempotent(t *testing.T) {
	fresh := synthetic(t)
	for seed := range uint64(100) {
		random := rand.New(rand.NewPCG(seed, 1))
		live := disturb(t, random, fresh)
		d := randomDesired(random)
		p, err := NewPlan(live, fresh, d)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		applied := after(live, p)
		if !gjson.ValidBytes(applied) {
			t.Fatalf("seed %d: the schema is not valid JSON any more", seed)
		}
		if again := plan(t, applied, d); !again.Empty() {
			t.Fatalf("seed %d: a second pass would change %q", seed, changes(again))
		}
		restored := plan(t, applied, Desired{Mappings: []Mapping{allOfUser, allOfGroup}})
		if diff := cmp.Diff(meaning(fresh), meaning(after(applied, restored))); diff != "" {
			t.Fatalf("seed %d: the default mapping is not back:\n%s", seed, diff)
		}
	}
}

// meaning is what a schema maps for people, without regard to order.
func meaning(schema []byte) map[string]string {
	meant := map[string]string{}
	for _, element := range gjson.GetBytes(schema, userMappings).Array() {
		f := readFlow(element)
		meant[f.target] += f.String()
	}
	return meant
}

// disturb changes the User mappings as somebody in the portal might.
func disturb(t *testing.T, random *rand.Rand, schema []byte) []byte {
	live := bytes.Clone(schema)
	for range random.IntN(6) {
		i := random.IntN(len(gjson.GetBytes(live, userMappings).Array()))
		path := fmt.Sprintf("%s.%d", userMappings, i)
		switch random.IntN(5) {
		case 0:
			live = without(t, live, path)
		case 1:
			live = with(t, live, path+".source", "null")
		case 2:
			live = with(t, live, path+".defaultValue", `"x"`)
		case 3:
			live = with(t, live, userMappings+".0", gjson.GetBytes(live, path).Raw)
		case 4:
			live = with(t, live, path+".matchingPriority", "7")
		}
	}
	return live
}

// randomDesired is a valid mapping of some targets.
func randomDesired(random *rand.Rand) Desired {
	values := []Attribute{{Source: "mail"}, {Source: "extensionAttribute7"}, {Constant: "a \"quoted\" \\ <text>"}, {Expression: `Append([mail], "x")`}, {Default: "d"},
		{Source: "objectId", Default: "d", OnCreate: true}, {Expression: `IIF([country]="USA", "1", Replace([mail], , "(?<a>@)", "a", "", , ))`}}
	targets := []string{"title", "displayName", "nickName", shelf, "externalId", "urn:contoso:scim:wiki:1.0:User:desk", enterpriseExtension + ":costCenter"}
	random.Shuffle(len(targets), func(i, j int) { targets[i], targets[j] = targets[j], targets[i] })
	var attributes []Attribute
	for _, target := range targets[:1+random.IntN(len(targets))] {
		a := values[random.IntN(len(values))]
		a.Target = target
		attributes = append(attributes, a)
	}
	d := users(attributes...)
	d.Roles = []Roles{"", RolesNone, RolesAssertive, RolesSingle}[random.IntN(4)]
	return d
}
