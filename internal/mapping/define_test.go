package mapping

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tidwall/gjson"
)

func TestNewPlanDefinesWhatIsDeclared(t *testing.T) {
	fresh := synthetic(t)
	owner := strings.TrimSuffix(shelf, "shelf") + "owner"
	const definitions = "directories.1.objects.0.attributes"
	defined := func(name string) string {
		return definitions + `.#(name=="` + strings.ReplaceAll(name, `"`, `\"`) + `")`
	}
	tests := map[string]struct {
		live  []byte
		want  func(*Mapping)
		lines []string
		raw   map[string]string
	}{
		"a typed attribute, mapped": {fresh, func(m *Mapping) {
			m.TargetAttributes = []TargetAttribute{{Name: shelf, Type: TypeInteger, CaseExact: new(false)}}
			m.Attributes = append(m.Attributes, Attribute{Target: shelf, Source: "extensionAttribute1"})
		}, []string{"User " + shelf + ", an attribute of the app: not defined -> Integer", "User " + shelf + ": not mapped -> [extensionAttribute1]"},
			map[string]string{defined(shelf) + ".type": `"Integer"`, defined(shelf) + ".caseExact": "false"}},
		"a reference, declared and not mapped": {fresh, func(m *Mapping) {
			m.TargetAttributes = []TargetAttribute{{Name: owner, Type: TypeReference, ReferencedObjects: []Object{User, Group}, Required: new(true), MultiValued: new(true), Mutability: MutabilityImmutable}}
		}, []string{"User " + owner + ", an attribute of the app: not defined -> Reference, several values, case counts, required, Immutable, to [" +
			enterpriseExtension + ", urn:ietf:params:scim:schemas:core:2.0:Group]"},
			map[string]string{defined(owner) + ".referencedObjects": `[{"referencedObjectName":"` + enterpriseExtension +
				`","referencedProperty":null},{"referencedObjectName":"urn:ietf:params:scim:schemas:core:2.0:Group","referencedProperty":null}]`}},
		"another characteristic of one of Entra's own": {fresh, func(m *Mapping) { m.TargetAttributes = []TargetAttribute{{Name: "title", CaseExact: new(true)}} },
			[]string{"User title, an attribute of the app: caseExact false -> caseExact true"}, map[string]string{defined("title") + ".caseExact": "true"}},
		"what is declared as it is changes nothing": {fresh, func(m *Mapping) {
			m.TargetAttributes = []TargetAttribute{{Name: "title", Type: TypeString, CaseExact: new(false), Mutability: MutabilityReadWrite, MultiValued: new(false), Required: new(false)},
				{Name: enterpriseExtension + ":manager", Type: TypeReference, ReferencedObjects: []Object{User}}}
		}, nil, nil},
		"an attribute that Entra does not list and the endpoint knows": {fresh, func(m *Mapping) {
			m.TargetAttributes = []TargetAttribute{{Name: `ims[type eq "xmpp"].value`}}
			m.Attributes = append(m.Attributes, Attribute{Target: `ims[type eq "xmpp"].value`, Source: "mail"})
		}, []string{`User ims[type eq "xmpp"].value, an attribute of the app: not defined -> String, case counts`, `User ims[type eq "xmpp"].value: not mapped -> [mail]`}, nil},
		"an extension attribute that nobody asks for any more": {
			with(t, fresh, definitions+".-1", `{"name":"`+shelf+`","type":"String","caseExact":true,"mutability":"ReadWrite"}`), func(*Mapping) {},
			[]string{"User " + shelf + ", an attribute of the app: String, case counts -> not defined"}, map[string]string{defined(shelf): ""}},
		"what is no extension stays, whoever added it": {with(t, fresh, definitions+".-1", `{"name":"entitlements","type":"String"}`), func(*Mapping) {}, nil, nil},
		"a directory extension": {fresh, func(m *Mapping) {
			m.SourceAttributes = []SourceAttribute{{Name: costCenter, Type: TypeInteger, MultiValued: new(false)}}
			m.Attributes = append(m.Attributes, Attribute{Target: "title", Source: costCenter})
		}, []string{"User " + costCenter + ", an attribute of Entra: not defined -> Integer, case counts", "User title: [jobTitle] -> [" + costCenter + "]"}, nil},
		"another type of a source attribute": {fresh, func(m *Mapping) {
			m.SourceAttributes = []SourceAttribute{{Name: "jobTitle", MultiValued: new(true)}, {Name: "mail"}}
		},
			[]string{"User jobTitle, an attribute of Entra: multivalued false -> multivalued true"}, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			d := userWith(test.want)
			p := plan(t, test.live, d)
			if diff := cmp.Diff(test.lines, changes(p)); diff != "" {
				t.Errorf("changes (-want +got):\n%s", diff)
			}
			for path, want := range test.raw {
				if got := gjson.GetBytes(p.Schema, path).Raw; got != want {
					t.Errorf("%s:\n got %s\nwant %s", path, got, want)
				}
			}
			if again := plan(t, after(test.live, p), d); !again.Empty() {
				t.Errorf("a second pass would change\n%s", strings.Join(changes(again), "\n"))
			}
		})
	}
}

func TestExtensionsOfDeclaredAttributes(t *testing.T) {
	const urn = "urn:ietf:params:scim:schemas:extension:wiki:2.0:User"
	d := users(Attribute{Target: shelf, Source: "a"}, Attribute{Target: urn + ":desk", Source: "a"}, Attribute{Target: urn + ":gone", Remove: true})
	d.Mappings[0].TargetAttributes = []TargetAttribute{
		{Name: shelf, Type: TypeInteger, MultiValued: new(true)},
		{Name: urn + ":owner", Type: TypeReference, ReferencedObjects: []Object{Group}, Mutability: MutabilityImmutable, Required: new(true)},
		{Name: urn + ":tag", CaseExact: new(false), Mutability: MutabilityReadWrite},
		{Name: urn + ":since", Type: TypeDateTime},
		{Name: "title", CaseExact: new(true)},
	}
	want := []ExtensionSchema{{ID: urn, Name: "wiki", ResourceType: "User", Attributes: []ExtensionAttribute{
		{Name: "desk", Type: "string", CaseExact: true},
		{Name: "owner", Type: "reference", CaseExact: true, Required: true, Mutability: "immutable", ReferenceTypes: []string{"Group"}},
		{Name: "shelf", Type: "integer", MultiValued: true},
		{Name: "since", Type: "dateTime"},
		{Name: "tag", Type: "string"},
	}}}
	if diff := cmp.Diff(want, Extensions(d)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestAnExtensionIsServedForAsLongAsEntraMapsIt: what Entra may still send is in use, with the type that Entra knows.
func TestAnExtensionIsServedForAsLongAsEntraMapsIt(t *testing.T) {
	fresh := synthetic(t)
	d := users(Attribute{Target: shelf, Source: "extensionAttribute1"})
	d.Mappings[0].TargetAttributes = []TargetAttribute{{Name: shelf, Type: TypeInteger}}
	live := after(fresh, plan(t, fresh, d))
	if diff := cmp.Diff(Extensions(d), ExtensionsInUse(live)); diff != "" {
		t.Errorf("in use (-declared +in use):\n%s", diff)
	}
	if got := ExtensionsInUse([]byte(`{}`)); got != nil {
		t.Errorf("an empty schema uses %v", got)
	}
	desk := Extensions(users(Attribute{Target: strings.TrimSuffix(shelf, "shelf") + "desk", Source: "a"}))
	merged := MergeExtensions(desk, MergeExtensions(Extensions(d), ExtensionsInUse(live)))
	want := []ExtensionSchema{{ID: desk[0].ID, Name: "wiki", ResourceType: "User", Attributes: []ExtensionAttribute{
		{Name: "desk", Type: "string", CaseExact: true}, {Name: "shelf", Type: "integer"},
	}}}
	if diff := cmp.Diff(want, merged); diff != "" {
		t.Errorf("merged (-want +got):\n%s", diff)
	}
}
