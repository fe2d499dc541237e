package conditions_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/scim-operator/scim-operator/internal/conditions"
)

type mark func(conds *[]metav1.Condition, generation int64, reason, message string)

var marks = map[string]mark{
	"Ready": conditions.MarkReady, "Reconciling": conditions.MarkReconciling, "Stalled": conditions.MarkStalled,
}

func TestAfterEachMarkTheConditionsAreInOrderWhateverWasBefore(t *testing.T) {
	want := map[string][]string{
		"Ready": {"Ready=True"}, "Reconciling": {"Ready=False", "Reconciling=True"}, "Stalled": {"Ready=False", "Stalled=True"},
	}
	for before, first := range marks {
		for after, second := range marks {
			t.Run(before+" then "+after, func(t *testing.T) {
				var conds []metav1.Condition
				first(&conds, 1, "Before", "first")
				second(&conds, 2, "After", "second")
				if err := conditions.Check(conds, 2); err != nil {
					t.Error(err)
				}
				var got []string
				for _, c := range conds {
					got = append(got, c.Type+"="+string(c.Status))
					if c.Reason != "After" || c.Message != "second" {
						t.Errorf("condition %s has reason %q and message %q", c.Type, c.Reason, c.Message)
					}
				}
				slices.Sort(got)
				if diff := cmp.Diff(want[after], got); diff != "" {
					t.Errorf("conditions (-want +got):\n%s", diff)
				}
			})
		}
	}
}

func TestMarkingTheSameAgainChangesNothing(t *testing.T) {
	for name, mark := range marks {
		t.Run(name, func(t *testing.T) {
			var conds []metav1.Condition
			mark(&conds, 1, "Reason", "message")
			before := slices.Clone(conds)
			mark(&conds, 1, "Reason", "message")
			if diff := cmp.Diff(before, conds); diff != "" {
				t.Errorf("conditions (-before +after):\n%s", diff)
			}
		})
	}
}

func TestAMessageThatIsTooLongForTheAPIServerIsCutBetweenCharacters(t *testing.T) {
	var conds []metav1.Condition
	conditions.MarkStalled(&conds, 1, "Reason", strings.Repeat("é", 40000))
	got := []rune(meta.FindStatusCondition(conds, "Stalled").Message)
	if len(got) != 32768 || got[32766] != 'é' || got[32767] != '…' {
		t.Errorf("the message has %d characters and ends in %q", len(got), string(got[len(got)-2:]))
	}
}

func TestReadyChanged(t *testing.T) {
	ready := func(status metav1.ConditionStatus, reason, message string) []metav1.Condition {
		return []metav1.Condition{{Type: "Ready", Status: status, Reason: reason, Message: message}}
	}
	for name, test := range map[string]struct {
		before, after []metav1.Condition
		changed       bool
		eventType     string
	}{
		"the first Ready is a change":                      {nil, ready("True", "A", "x"), true, "Normal"},
		"another status is a change":                       {ready("True", "A", "x"), ready("False", "A", "x"), true, "Warning"},
		"another reason is a change":                       {ready("False", "A", "x"), ready("False", "B", "x"), true, "Warning"},
		"another message alone is none":                    {ready("True", "A", "5 users"), ready("True", "A", "6 users"), false, "Normal"},
		"not knowing is a warning":                         {ready("True", "A", "x"), ready("Unknown", "B", "x"), true, "Warning"},
		"a status that has no Ready yet is nothing to say": {nil, nil, false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, eventType, changed := conditions.ReadyChanged(test.before, test.after)
			if changed != test.changed || eventType != test.eventType {
				t.Errorf("got changed %t and event type %q, want %t and %q", changed, eventType, test.changed, test.eventType)
			}
		})
	}
}

func TestCheckFindsWhatIsWrong(t *testing.T) {
	good := func() []metav1.Condition {
		return []metav1.Condition{
			{Type: "Ready", Status: "False", Reason: "Progressing", Message: "m", ObservedGeneration: 3},
			{Type: "TokenReady", Status: "True", Reason: "TokenMinted", Message: "m", ObservedGeneration: 2},
		}
	}
	stalled := metav1.Condition{Type: "Stalled", Status: "True", Reason: "Denied", Message: "m", ObservedGeneration: 3}
	reconciling := metav1.Condition{Type: "Reconciling", Status: "True", Reason: "Progressing", Message: "m", ObservedGeneration: 3}
	if err := conditions.Check(good(), 3); err != nil {
		t.Fatalf("good conditions are refused: %v", err)
	}
	for name, test := range map[string]struct {
		spoil func(c []metav1.Condition) []metav1.Condition
		want  string
	}{
		"no Ready":                      {func(c []metav1.Condition) []metav1.Condition { return c[1:] }, "no condition Ready"},
		"an old Ready":                  {func(c []metav1.Condition) []metav1.Condition { c[0].ObservedGeneration = 2; return c }, "about generation 2, not 3"},
		"Stalled beside Ready True":     {func(c []metav1.Condition) []metav1.Condition { c[0].Status = "True"; return append(c, stalled) }, "Stalled is there, but Ready is True"},
		"Stalled beside Ready Unknown":  {func(c []metav1.Condition) []metav1.Condition { c[0].Status = "Unknown"; return append(c, stalled) }, "Stalled is there, but Ready is Unknown"},
		"Reconciling and Stalled":       {func(c []metav1.Condition) []metav1.Condition { return append(c, stalled, reconciling) }, "are there together"},
		"a Stalled that is False":       {func(c []metav1.Condition) []metav1.Condition { s := stalled; s.Status = "False"; return append(c, s) }, "instead of being absent"},
		"a condition of no generation":  {func(c []metav1.Condition) []metav1.Condition { c[1].ObservedGeneration = 0; return c }, "TokenReady has observedGeneration 0"},
		"a condition from the future":   {func(c []metav1.Condition) []metav1.Condition { c[1].ObservedGeneration = 4; return c }, "TokenReady has observedGeneration 4"},
		"a reason that is no CamelCase": {func(c []metav1.Condition) []metav1.Condition { c[1].Reason = "token_minted"; return c }, "not CamelCase"},
		"an empty message":              {func(c []metav1.Condition) []metav1.Condition { c[1].Message = ""; return c }, "TokenReady has no message"},
	} {
		t.Run(name, func(t *testing.T) {
			err := conditions.Check(test.spoil(good()), 3)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want an error with %q", err, test.want)
			}
		})
	}
}

func TestOnlyWhatChangedIsStamped(t *testing.T) {
	old, now := time.Date(2026, 11, 26, 10, 0, 0, 0, time.UTC), time.Date(2026, 11, 27, 10, 0, 0, 0, time.UTC)
	before := []metav1.Condition{
		{Type: "Same", Status: "True", LastTransitionTime: metav1.NewTime(old)},
		{Type: "Turned", Status: "True", LastTransitionTime: metav1.NewTime(old)},
	}
	after := slices.Clone(before)
	conditions.Set(&after, 1, "Same", "True", "OtherReason", "said otherwise")
	conditions.Set(&after, 1, "Turned", "False", "Reason", "turned")
	conditions.Set(&after, 1, "New", "True", "Reason", "new")
	conditions.Stamp(before, after, now)
	for kind, want := range map[string]time.Time{"Same": old, "Turned": now, "New": now} {
		if got := meta.FindStatusCondition(after, kind).LastTransitionTime.Time; !got.Equal(want) {
			t.Errorf("%s changed at %s, want %s", kind, got, want)
		}
	}
}
