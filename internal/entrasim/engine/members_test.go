package engine

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWhoJoinedAndWhoLeft(t *testing.T) {
	for name, c := range map[string]struct{ before, after, joined, left string }{
		"nobody":                    {"a b c", "a b c", "", ""},
		"somebody at the end":       {"a b", "a b c", "c", ""},
		"somebody from the middle":  {"a b c", "a c", "", "b"},
		"one for another":           {"a b c", "a x c", "x", "b"},
		"several, in another order": {"a b c d", "d x a", "x", "b c"},
		"everybody joined":          {"", "a b", "a b", ""},
		"everybody left":            {"a b", "", "", "a b"},
	} {
		t.Run(name, func(t *testing.T) {
			joined, left := JoinedAndLeft(strings.Fields(c.before), strings.Fields(c.after))
			if diff := cmp.Diff([]string{c.joined, c.left}, []string{strings.Join(joined, " "), strings.Join(left, " ")}); diff != "" {
				t.Errorf("joined and left (-want +got):\n%s", diff)
			}
		})
	}
}

// TestQuarantineByRate is the published thresholds, and what a scale makes of them.
func TestQuarantineByRate(t *testing.T) {
	for name, c := range map[string]struct {
		failures, references, objects, scale int
		want                                 bool
	}{
		"4,999 of 5,000 are too few to count":      {4999, 0, 5000, 1, false},
		"5,000 of 10,000 are more than 40 percent": {5000, 0, 10_000, 1, true},
		"5,000 of 12,500 are not":                  {5000, 0, 12_500, 1, false},
		"40,001 of a million without references":   {40_001, 0, 1_000_000, 1, true},
		"40,001 of a million, one of a reference":  {40_001, 1, 1_000_000, 1, false},
		"60,001 of a million, most of references":  {60_001, 50_000, 1_000_000, 1, true},
		"5 of 10 with a thousandth of the figures": {5, 0, 10, 1000, true},
		"4 of 5 with a thousandth of the figures":  {4, 0, 5, 1000, false},
		"41 of 1,000, with a thousandth of 40,000": {41, 0, 1000, 1000, true},
		"nothing has failed and there is nobody":   {0, 0, 0, 1, false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := quarantined(c.failures, c.references, c.objects, c.scale); got != c.want {
				t.Errorf("%t, want %t", got, c.want)
			}
		})
	}
}

// TestStateCountsWhatIsManaged: the counts follow the links however they come and go.
func TestStateCountsWhatIsManaged(t *testing.T) {
	s := &State{}
	s.tie("u", &Link{TargetID: "1", Managed: true})
	s.tie("g", &Link{TargetID: "2", Group: true, Managed: true})
	s.tie("u", &Link{TargetID: "3", Managed: true})
	s.manage(s.Links["u"], true)
	if s.Users != 1 || s.Groups != 1 {
		t.Errorf("%d users and %d groups, want one of each", s.Users, s.Groups)
	}
	s.manage(s.Links["u"], false)
	s.Drop("g")
	if s.Users != 0 || s.Groups != 0 || len(s.Links) != 1 {
		t.Errorf("%d users and %d groups of %d links, want none of one", s.Users, s.Groups, len(s.Links))
	}
}
