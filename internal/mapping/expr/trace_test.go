package expr

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// trace writes each step of an evaluation as a line.
func trace(t *testing.T, text string) []string {
	t.Helper()
	var lines []string
	env := john.environment()
	env.Observe = func(s Step) {
		var inputs []string
		for _, input := range s.Inputs {
			inputs = append(inputs, fmt.Sprintf("%s: %s = %q", input.Parameter, input.Node, input.Value.Values()))
		}
		line := fmt.Sprintf("%d %s (%s) = %q", s.Depth, s.Node, strings.Join(inputs, ", "), s.Result.Values())
		if s.Note != "" {
			line += " because " + s.Note
		}
		if s.Err != nil {
			line += " failed: " + s.Err.Error()
		}
		lines = append(lines, line)
	}
	_, _ = mustParse(t, text).Evaluate(env)
	return lines
}

func TestObserve(t *testing.T) {
	for text, want := range map[string][]string{
		`[mail]`: nil,
		`Append(ToLower([givenName]), "x")`: {
			`1 ToLower([givenName]) (source: [givenName] = ["John"]) = ["john"]`,
			`0 Append(ToLower([givenName]), "x") (source: ToLower([givenName]) = ["john"], suffix: "x" = ["x"]) = ["johnx"]`,
		},
		`IIF([country] = "USA", Item([proxyAddresses], 2), Now())`: {
			`1 [country] = "USA" (left: [country] = ["USA"], right: "USA" = ["USA"]) = ["True"]`,
			`1 Item([proxyAddresses], 2) (attribute: [proxyAddresses] = ["SMTP:a@contoso.com" "smtp:b@contoso.com" "SMTP:a@contoso.com"], index: 2 = ["2"]) = ["smtp:b@contoso.com"]`,
			`0 IIF([country] = "USA", Item([proxyAddresses], 2), Now()) (condition: [country] = "USA" = ["True"], valueIfTrue: Item([proxyAddresses], 2) = ["smtp:b@contoso.com"]) = ["smtp:b@contoso.com"]`,
		},
		`IIF([absent] = "", "x", "y")`: {
			`0 IIF([absent] = "", "x", "y") (valueIfFalse: "y" = ["y"]) = ["y"] because the check fails because [absent] is null or empty`,
		},
		`Append(Item("a", 0), "x")`: {
			`1 Item("a", 0) (attribute: "a" = ["a"], index: 0 = ["0"]) = [] failed: line 1, column 18: index of Item starts at 1, not 0`,
			`0 Append(Item("a", 0), "x") () = [] failed: line 1, column 18: index of Item starts at 1, not 0`,
		},
		`ToLower([proxyAddresses])`: {
			`0 ToLower([proxyAddresses]) (source: [proxyAddresses] = ["SMTP:a@contoso.com" "smtp:b@contoso.com" "SMTP:a@contoso.com"]) = [] failed: ` +
				`line 1, column 9: [proxyAddresses] has 3 values where one is needed; choose one with Item or join them with Join`,
		},
		`Join("", [empty])`: {`0 Join("", [empty]) (separator: "" = [""], source: [empty] = [""]) = []`},
	} {
		t.Run(text, func(t *testing.T) {
			if diff := cmp.Diff(want, trace(t, text)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestWithoutAnObserverNothingIsKept(t *testing.T) {
	env := john.environment()
	c := &call{node: mustParse(t, `ToLower([givenName])`), evaluation: &evaluation{env: env}}
	if _, err := c.run(); err != nil || c.inputs != nil {
		t.Errorf("%v %v", c.inputs, err)
	}
}

func TestWhatTheEnvironmentLacksIsSaid(t *testing.T) {
	for text, want := range map[string]string{
		`Now()`: "no clock here for Now", `Guid()`: "no source of randomness here for Guid", `RandomString(1, 0, 0, 0, 0)`: "no source of randomness here for RandomString",
		`DefaultDomain()`: "default domain is not known here", `SelectUniqueValue("a", "b")`: "does not run it for a SCIM app",
	} {
		if _, err := mustParse(t, text).Evaluate(Environment{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
	if value, err := mustParse(t, `[mail]`).Evaluate(Environment{}); err != nil || !value.IsNull() {
		t.Errorf("an attribute without a source: %v %v", value, err)
	}
	env := Environment{Random: strings.NewReader("short")}
	for _, text := range []string{`Guid()`, `RandomString(9, 0, 0, 0, 0)`} {
		if _, err := mustParse(t, text).Evaluate(env); err == nil || !strings.Contains(err.Error(), "no random number for") {
			t.Errorf("%s: %v", text, err)
		}
	}
}
