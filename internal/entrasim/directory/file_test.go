package directory

import (
	"os"
	"strings"
	"testing"
)

const sample = "../../../config/samples/directory/contoso.yaml"

// TestSampleDirectory holds the lab's directory to what the samples and the demo rely on.
func TestSampleDirectory(t *testing.T) {
	d, err := Load(sample)
	if err != nil {
		t.Fatal(err)
	}
	if len(d.Users) != 300 || len(d.Groups) != 15 {
		t.Errorf("%d users and %d groups, want 300 and 15", len(d.Users), len(d.Groups))
	}
	byID := map[string]*User{}
	for _, u := range d.Users {
		byID[u.ID] = u
	}
	var guests, disabled, withoutMail, apostrophes, notLatin int
	deepest := 0
	for _, u := range d.Users {
		if u.IsGuest() && strings.Contains(u.UserPrincipalName, "#EXT#@"+d.Domain) {
			guests++
		}
		if !u.Enabled() {
			disabled++
		}
		if u.Mail == "" {
			withoutMail++
		}
		if strings.Contains(u.DisplayName, "'") {
			apostrophes++
		}
		if strings.ContainsFunc(u.DisplayName, func(r rune) bool { return r > 0x24f }) {
			notLatin++
		}
		depth := 0
		for m := u.Manager; m != ""; m = byID[m].Manager {
			depth++
		}
		deepest = max(deepest, depth)
	}
	for what, n := range map[string]int{"guests": guests, "disabled accounts": disabled, "people without mail": withoutMail,
		"names with an apostrophe": apostrophes, "names in another script than Latin": notLatin} {
		if n < 5 {
			t.Errorf("%d %s, want at least 5", n, what)
		}
	}
	if deepest < 3 {
		t.Errorf("managers are %d levels deep, want at least 3", deepest)
	}
	checkSampleGroups(t, d)
}

func checkSampleGroups(t *testing.T, d *Directory) {
	t.Helper()
	sizes, names, nested, notSecurity := map[string]int{}, map[string]int{}, false, 0
	ids := map[string]bool{}
	for _, g := range d.Groups {
		ids[g.ID] = true
	}
	for _, g := range d.Groups {
		sizes[g.DisplayName] = len(g.Members)
		names[g.DisplayName]++
		if !g.Security() {
			notSecurity++
		}
		for _, m := range g.Members {
			nested = nested || ids[m]
		}
	}
	if sizes["Wiki Editors"] != 12 || sizes["Wiki Readers"] != 40 {
		t.Errorf("Wiki Editors has %d members and Wiki Readers %d, want 12 and 40", sizes["Wiki Editors"], sizes["Wiki Readers"])
	}
	if !nested || notSecurity == 0 || names["Project Phoenix"] != 2 {
		t.Errorf("nested %t, not security-enabled %d, groups named Project Phoenix %d", nested, notSecurity, names["Project Phoenix"])
	}
}

func TestParseRefuses(t *testing.T) {
	const good = "users:\n- {id: 00000000-0000-4000-8000-000000000001, userPrincipalName: a@b.c, displayName: A}\n"
	if _, err := Parse([]byte(good)); err != nil {
		t.Fatalf("the base of the cases is refused: %v", err)
	}
	for name, c := range map[string]struct{ yaml, want string }{
		"an unknown property":   {"users:\n- {id: 00000000-0000-4000-8000-000000000001, displayname2: A}\n", "displayname2"},
		"an id that is no GUID": {"users:\n- {id: one, userPrincipalName: a@b.c, displayName: A}\n", "not a lower-case GUID"},
		"a user principal name in another case": {good + "- {id: 00000000-0000-4000-8000-000000000002, userPrincipalName: A@B.C, displayName: B}\n",
			"already that of"},
		"a manager who does not exist": {strings.Replace(good, "displayName: A", "displayName: A, manager: nobody", 1), "manager nobody"},
		"a member who does not exist": {good + "groups:\n- {id: 00000000-0000-4000-8000-00000000000a, displayName: G, members: [nobody]}\n",
			"member nobody"},
		"a userType that Graph does not have": {strings.Replace(good, "displayName: A", "displayName: A, userType: Robot", 1), "Robot"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse([]byte(c.yaml))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one that says %q", err, c.want)
			}
		})
	}
}

func TestGenerateIsRepeatable(t *testing.T) {
	a, err := Generate(50, 7)
	if err != nil {
		t.Fatal(err)
	}
	b, _ := Generate(50, 7)
	other, _ := Generate(50, 8)
	if err := a.Validate(); err != nil {
		t.Errorf("the generated directory is not valid: %v", err)
	}
	if a.Users[49].ID != b.Users[49].ID || a.TenantID != b.TenantID {
		t.Error("the same seed made different people")
	}
	if a.Users[49].ID == other.Users[49].ID {
		t.Error("another seed made the same people")
	}
}

func TestLoadNamesTheFile(t *testing.T) {
	file := t.TempDir() + "/broken.yaml"
	if err := os.WriteFile(file, []byte("users: {"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(file); err == nil || !strings.Contains(err.Error(), file) {
		t.Errorf("error %v, want one that names %s", err, file)
	}
}
