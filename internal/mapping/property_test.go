package mapping

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tidwall/gjson"
)

const generated = 1000

// eachSeed runs a property over generated schemas and mappings: a tenth of them with -short, as under the race detector,
// which has nothing to find in a package that starts no goroutine.
func eachSeed(t *testing.T, n uint64, property func(t *testing.T, g generator)) {
	t.Helper()
	if testing.Short() {
		n /= 10
	}
	for seed := range n {
		if !t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) { property(t, newGenerator(t, seed)) }) {
			return // one counterexample says enough
		}
	}
}

func TestImportIsAFixedPoint(t *testing.T) {
	template := synthetic(t)
	eachSeed(t, generated, func(t *testing.T, g generator) {
		live := g.schema()
		for _, from := range [][]byte{template, nil} {
			d, found, err := Import(live, from)
			if err != nil || len(found) > 0 {
				t.Fatal(err, found)
			}
			if p := plan(t, live, d); !p.Empty() {
				t.Fatalf("applying what was imported changes\n%s", strings.Join(changes(p), "\n"))
			}
			applied := after(template, plan(t, template, d))
			again, found, err := Import(applied, from)
			if err != nil || len(found) > 0 {
				t.Fatal(err, found)
			}
			if diff := cmp.Diff(sorted(d), sorted(again)); diff != "" {
				t.Fatalf("import, apply to a fresh job, import (-first +second):\n%s", diff)
			}
		}
	})
}

func TestApplyIsIdempotent(t *testing.T) {
	eachSeed(t, generated/5, func(t *testing.T, g generator) {
		live, d := g.schema(), g.desired()
		p := plan(t, live, d)
		if again := plan(t, after(live, p), d); !again.Empty() {
			t.Errorf("a second pass changes\n%s", strings.Join(changes(again), "\n"))
		}
	})
}

func TestApplyOfNothingIsNothing(t *testing.T) {
	eachSeed(t, generated/10, func(t *testing.T, g generator) {
		if p := plan(t, g.schema(), Desired{}); !p.Empty() {
			t.Errorf("nothing desired changes\n%s", strings.Join(changes(p), "\n"))
		}
	})
}

// TestRemovalGivesBackTheDefault: what a mapping asked for is gone when it asks for nothing more. What it said of attributes that are
// Entra's own stays, and so does what the source directory learned: nothing comes of either by itself.
func TestRemovalGivesBackTheDefault(t *testing.T) {
	template := synthetic(t)
	eachSeed(t, generated/5, func(t *testing.T, g generator) {
		d := g.desired()
		for i := range d.Mappings {
			d.Mappings[i].TargetAttributes = slices.DeleteFunc(d.Mappings[i].TargetAttributes, func(a TargetAttribute) bool { return a.Name == "nickName" })
			d.Mappings[i].SourceAttributes = []SourceAttribute{{Name: costCenter}}
		}
		applied := after(template, plan(t, template, d))
		nothing := Desired{Mappings: []Mapping{{Object: User}, {Object: Group}}}
		removed := after(applied, plan(t, applied, nothing))
		left, found, err := Import(removed, template)
		if err != nil || len(found) > 0 {
			t.Fatal(err, found)
		}
		want := Desired{Roles: RolesNone}
		if d.Roles == RolesSingle { // its value path is no extension, and may be Entra's own as well
			want.Mappings = []Mapping{{Object: User, Base: BaseEntraDefault, TargetAttributes: []TargetAttribute{{Name: roleMappings[RolesSingle].Target}}}}
		}
		if diff := cmp.Diff(want, left); diff != "" {
			t.Errorf("what is left (-want +got):\n%s", diff)
		}
	})
}

// TestOnlyWhatWeOwnChanges: everything else survives byte for byte.
func TestOnlyWhatWeOwnChanges(t *testing.T) {
	eachSeed(t, generated/5, func(t *testing.T, g generator) {
		live := g.schema()
		p := plan(t, live, g.desired())
		result := after(live, p)
		if before, now := rest(t, withoutAnnotations(live)), rest(t, withoutAnnotations(result)); !bytes.Equal(before, now) {
			t.Errorf("beside what the mappings own (-before +after):\n%s", cmp.Diff(string(before), string(now)))
		}
		changed := map[string]bool{}
		for _, change := range p.Changes {
			changed[string(change.Object)+" "+string(change.Aspect)+" "+change.Target] = true
		}
		now := elements(result)
		for name, raw := range elements(withoutAnnotations(live)) {
			if now[name] != raw && !changed[name] {
				t.Errorf("%s is no change of the plan and is rewritten:\n%s\n%s", name, raw, now[name])
			}
		}
	})
}

// rest is a schema without what mappings own.
func rest(t *testing.T, schema []byte) []byte {
	for n := range gjson.GetBytes(schema, "synchronizationRules.0.objectMappings").Array() {
		for _, owned := range []string{"enabled", "flowTypes", "scope", "attributeMappings"} {
			schema = without(t, schema, fmt.Sprintf("synchronizationRules.0.objectMappings.%d.%s", n, owned))
		}
	}
	for i, directory := range gjson.GetBytes(schema, "directories").Array() {
		for j := range directory.Get("objects").Array() {
			schema = without(t, schema, fmt.Sprintf("directories.%d.objects.%d.attributes", i, j))
		}
	}
	return schema
}

// elements are the mapped targets and the defined attributes of a schema, by object, aspect and name.
func elements(schema []byte) map[string]string {
	all := map[string]string{}
	for _, object := range []Object{User, Group} {
		there, err := locate(schema, object)
		if err != nil {
			continue
		}
		for _, element := range there.elements {
			all[string(object)+" Attribute "+element.Get("targetAttributeName").String()] = element.Raw
		}
		for aspect, definitions := range map[Aspect]objectDefinition{AspectSourceAttribute: there.source, AspectTargetAttribute: there.target} {
			for _, definition := range definitions.attributes {
				all[string(object)+" "+string(aspect)+" "+definition.Get("name").String()] = definition.Raw
			}
		}
	}
	return all
}
