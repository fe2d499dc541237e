package entrasim

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var (
	markerWord = regexp.MustCompile(`(?i)\bunconfirmed\b`)
	marker     = regexp.MustCompile(`\bunconfirmed\(([a-z-]+)\)`)
)

// markers finds what the code marks as unconfirmed, by name, with the file that does; the list itself is left out.
func markers(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") ||
			strings.HasPrefix(path, "unconfirmed") {
			return err
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for i, line := range strings.Split(string(raw), "\n") {
			named := marker.FindAllStringSubmatch(line, -1)
			if len(named) != len(markerWord.FindAllString(line, -1)) {
				t.Errorf("%s:%d: the marker has to be written as unconfirmed(name): %s", path, i+1, line)
			}
			for _, m := range named {
				found[m[1]] = path
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestEveryMarkerIsInTheListAndTheOtherWayRound(t *testing.T) {
	marked, listed := map[string]bool{}, map[string]bool{}
	for name := range markers(t) {
		marked[name] = true
	}
	for _, u := range UnconfirmedBehaviours() {
		if listed[u.Name] {
			t.Errorf("%s is listed twice", u.Name)
		}
		listed[u.Name] = true
		if u.What == "" || !regexp.MustCompile(`^[0-9]+\.[0-9]+$`).MatchString(u.Point) {
			t.Errorf("%s: says %q about point %q of the reference", u.Name, u.What, u.Point)
		}
	}
	if diff := cmp.Diff(marked, listed); diff != "" {
		t.Errorf("marked in the code and listed (-marked +listed):\n%s", diff)
	}
}

// TestEverySwitchSwitches: each value but the default changes the options, and the default changes nothing that counts.
func TestEverySwitchSwitches(t *testing.T) {
	for _, u := range UnconfirmedBehaviours() {
		for i, value := range u.Values {
			value = strings.TrimSuffix(value, "...")
			var o Options
			if err := o.Switch(u.Name, value); err != nil {
				t.Errorf("%s=%s: %v", u.Name, value, err)
			}
			changed := !cmp.Equal(Options{}.switches(), o.switches())
			// A figure may be spelt out, which the zero value stands for.
			if i > 0 && !changed {
				t.Errorf("%s=%s changes nothing", u.Name, value)
			}
		}
	}
}

// switches are the parts of the options that hold plain values.
func (o Options) switches() []any { return []any{o.Tenant, o.Engine, o.Graph} }

func TestSwitchRefuses(t *testing.T) {
	for name, c := range map[string]struct{ name, value, want string }{
		"a behaviour that is not listed": {"nothing", "x", "no unconfirmed behaviour"},
		"a value that there is not":      {"secrets-put", "forget", "one of merge, replace"},
		"a behaviour without a switch":   {"discover", "x", "has no switch"},
		"a figure that is none":          {"log-lag", "soon", "no duration"},
		"a number that is none":          {"secrets-limit", "many", "no whole number"},
	} {
		t.Run(name, func(t *testing.T) {
			var o Options
			if err := o.Switch(c.name, c.value); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one that says %q", err, c.want)
			}
		})
	}
}
