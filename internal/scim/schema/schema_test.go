package schema

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func registry(t *testing.T, configured ...ExtensionSchema) *Registry {
	t.Helper()
	r, err := NewRegistry(configured...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

const wikiURN = "urn:ietf:params:scim:schemas:extension:wiki:2.0:User"

func wiki(attributes ...ExtensionAttribute) ExtensionSchema {
	return ExtensionSchema{ID: wikiURN, Name: "wiki", ResourceType: "User", Attributes: attributes}
}

func TestResolve(t *testing.T) {
	// The second extension's URN begins with the whole of the first's, so that only the longest match is right.
	longer := ExtensionSchema{ID: wikiURN + ":shelf", ResourceType: "User", Attributes: []ExtensionAttribute{{Name: "row", Type: Integer}, {Name: "department", Type: String}}}
	user := registry(t, wiki(ExtensionAttribute{Name: "shelf", Type: String}), longer).ResourceType(User)
	for name, c := range map[string]struct {
		notation, want string
		long           bool
	}{
		"a core attribute in any case":                        {"USERNAME", "userName", false},
		"a common attribute":                                  {"meta.lastModified", "meta.lastModified", false},
		"a sub-attribute":                                     {"name.GivenName", "name.givenName", false},
		"S-26 the core URN is optional":                       {UserURN + ":userName", "userName", false},
		"S-26 the dots of a URN do not split it":              {strings.ToUpper(EnterpriseUserURN) + ":manager.value", EnterpriseUserURN + ":manager.value", false},
		"a URN alone is the whole extension":                  {EnterpriseUserURN, EnterpriseUserURN, false},
		"S-26 the longest URN wins":                           {wikiURN + ":shelf:row", wikiURN + ":shelf:row", false},
		"P-11 a name that one extension has resolves to it":   {"manager", EnterpriseUserURN + ":manager", true},
		"P-11 without short names it is unknown":              {"manager", "", false},
		"P-11 a name that two extensions have is unknown":     {"department", "", true},
		"an unknown name":                                     {"shoeSize", "", true},
		"an unknown sub-attribute":                            {"name.nick", "", true},
		"a dot without a sub-attribute":                       {"name.", "", true},
		"an unknown URN":                                      {"urn:x:y:2.0:User:a", "", true},
		"the base URN alone":                                  {UserURN, "", true},
		"a URN that is a prefix of a longer word is no match": {EnterpriseUserURN + "s:department", "", true},
	} {
		t.Run(name, func(t *testing.T) {
			path, err := user.Resolve(c.notation, c.long)
			if err != nil && c.want != "" || err == nil && path.String() != c.want {
				t.Errorf("%q resolves to %q, error %v; want %q", c.notation, path, err, c.want)
			}
		})
	}
}

func TestExtensionErrorsNameTheField(t *testing.T) {
	ok := ExtensionAttribute{Name: "shelf", Type: String}
	for name, c := range map[string]struct {
		declared ExtensionSchema
		want     string
	}{
		"an unknown resource type":             {ExtensionSchema{ID: wikiURN, ResourceType: "Robot", Attributes: []ExtensionAttribute{ok}}, "resourceType"},
		"an id that is no URN":                 {ExtensionSchema{ID: "wiki", ResourceType: "User", Attributes: []ExtensionAttribute{ok}}, "URN"},
		"an id in use":                         {ExtensionSchema{ID: EnterpriseUserURN, ResourceType: "User", Attributes: []ExtensionAttribute{ok}}, "already in use"},
		"no attributes":                        {wiki(), "attributes"},
		"a bad attribute name":                 {wiki(ExtensionAttribute{Name: "a.b", Type: String}), `"a.b"`},
		"a complex type":                       {wiki(ExtensionAttribute{Name: "a", Type: Complex}), `"complex"`},
		"a reference to nothing that there is": {wiki(ExtensionAttribute{Name: "a", Type: Reference, ReferenceTypes: []string{"Robot"}}), `"Robot"`},
		"reference types of a text":            {wiki(ExtensionAttribute{Name: "a", Type: String, ReferenceTypes: []string{"User"}}), "no reference"},
		"an attribute twice":                   {wiki(ok, ExtensionAttribute{Name: "Shelf", Type: String}), "twice"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := NewRegistry(c.declared); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q in it", err, c.want)
			}
		})
	}
}

func TestReferencesOfExtensions(t *testing.T) {
	r := registry(t, wiki(ExtensionAttribute{Name: "owner", Type: Reference, ReferenceTypes: []string{"User", "Group"}}, ExtensionAttribute{Name: "page", Type: Reference}))
	for name, want := range map[string][]string{"owner": {"User", "Group"}, "page": {"external"}} {
		if diff := cmp.Diff(want, r.Schema(wikiURN).Attribute(name).ReferenceTypes); diff != "" {
			t.Errorf("%s refers to (-want +got):\n%s", name, diff)
		}
	}
}

func TestD4EveryCharacteristicIsInTheJSON(t *testing.T) {
	want := map[string]any{
		"name": "shelf", "type": "string", "multiValued": false, "description": "Configured for this application.", "required": false,
		"caseExact": true, "mutability": "readWrite", "returned": "default", "uniqueness": "none",
	}
	r := registry(t, wiki(ExtensionAttribute{Name: "shelf", Type: String, CaseExact: true}))
	encoded, err := json.Marshal(r.Schema(wikiURN).Attributes[0])
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(encoded, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("attribute (-want +got):\n%s", diff)
	}
}

func TestK1FoldIsOneKeyForWhatPeopleTakeForEqual(t *testing.T) {
	for name, pair := range map[string][2]string{
		"ASCII case":                    {"BJensen", "bjensen"},
		"case beyond ASCII":             {"ÅSA", "åsa"},
		"sharp s":                       {"Straße", "STRASSE"},
		"composed and decomposed":       {"Zo\u00eb", "Zoe\u0308"},
		"full width and half width":     {"\uff21nn", "ann"},
		"Greek final sigma":             {"ΣΊΣΥΦΟΣ", "σίσυφος"},
		"already lower case is its key": {"plain#ext#@x", "plain#ext#@x"},
	} {
		if Fold(pair[0]) != Fold(pair[1]) {
			t.Errorf("%s: %q and %q have the keys %q and %q", name, pair[0], pair[1], Fold(pair[0]), Fold(pair[1]))
		}
	}
	if Fold("a b") == Fold("ab") || Fold("i") == Fold("ı") {
		t.Error("different names have one key")
	}
}

func TestS1S4TheSchemasKeepTheirOwnRules(t *testing.T) {
	r, err := NewRegistry()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range r.Schemas() {
		for i := range s.Attributes {
			checkDefinition(t, &s.Attributes[i], false)
		}
	}
	for _, name := range []string{"emails", "phoneNumbers", "ims", "photos", "entitlements", "roles", "x509Certificates"} {
		for _, sub := range []string{"value", "display", "type", "primary"} {
			if coreUser.Attribute(name).Sub(sub) == nil {
				t.Errorf("S-4: %s has no %s", name, sub)
			}
		}
	}
}

// checkDefinition holds S-1 (names) and S-2 (complex holds no complex, and every characteristic is there).
func checkDefinition(t *testing.T, a *Attribute, inside bool) {
	t.Helper()
	if a.Name != "$ref" && !attributeNamePattern.MatchString(a.Name) {
		t.Errorf("the name %q is not allowed", a.Name)
	}
	if a.Type == "" || a.Mutability == "" || a.Returned == "" || a.Uniqueness == "" || a.Description == "" {
		t.Errorf("%s lacks a characteristic: %+v", a.Name, a)
	}
	if (a.Type == Complex) != (len(a.SubAttributes) > 0) || inside && a.Type == Complex {
		t.Errorf("%s is %s with %d sub-attributes", a.Name, a.Type, len(a.SubAttributes))
	}
	for i := range a.SubAttributes {
		checkDefinition(t, &a.SubAttributes[i], true)
	}
}
