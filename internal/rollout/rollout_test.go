package rollout_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scim-operator/scim-operator/internal/rollout"
)

func cycle(failed, disabled int64) *rollout.Cycle {
	return &rollout.Cycle{Failed: failed, Disabled: &disabled}
}

// The apps of the tables, by how far they have come with revision new.
func old(name string) rollout.App { return rollout.App{Name: name, Revision: "old"} }

func wrote(name string, wave int) rollout.App {
	return rollout.App{Name: name, Revision: "new", Wave: wave, Before: cycle(1, 1)}
}

func ended(name string, wave int, after *rollout.Cycle) rollout.App {
	a := wrote(name, wave)
	a.After = after
	return a
}

func good(name string, wave int) rollout.App { return ended(name, wave, cycle(1, 1)) }

func with(a rollout.App, change func(*rollout.App)) rollout.App {
	change(&a)
	return a
}

func leftOut(a rollout.App) rollout.App {
	return with(a, func(a *rollout.App) { a.LeftOut = "suspended" })
}

// many are apps of these names that have the old revision.
func many(names string) []rollout.App {
	var apps []rollout.App
	for name := range strings.FieldsSeq(names) {
		apps = append(apps, old(name))
	}
	return apps
}

func TestDecide(t *testing.T) {
	decided := func(wave int, released ...string) rollout.Rollout {
		return rollout.Rollout{Revision: "new", Wave: wave, Released: released}
	}
	halted := func(wave int, app string) rollout.Rollout {
		r := decided(wave, app)
		r.Halt = &rollout.Halt{App: app, Wave: wave, Cause: "it was bad"}
		return r
	}
	for name, test := range map[string]struct {
		before   rollout.Rollout
		approval string
		apps     []rollout.App
		wave     int
		released string
		running  string
		halt     string // App and part of the cause
	}{
		"the only app is the first wave":                                           {apps: many("a"), wave: 1, released: "a", running: "a"},
		"the only app that is refused halts, and may try again":                    {before: decided(1, "a"), apps: []rollout.App{with(old("a"), func(a *rollout.App) { a.Refused = "Entra cannot parse it" })}, wave: 1, released: "a", running: "a", halt: "a Entra cannot parse it"},
		"the only app that is left is held by the halt of one that is gone":        {before: halted(1, "b"), apps: many("a"), wave: 1, halt: "b it was bad"},
		"the only app that is left out is not released":                            {apps: []rollout.App{leftOut(old("a"))}, wave: 1},
		"the first wave is the first app":                                          {apps: many("c b a"), wave: 1, released: "a", running: "a"},
		"who was released stays so until it has taken it":                          {before: decided(1, "b"), apps: many("a b c"), wave: 1, released: "b", running: "b"},
		"a new revision begins anew":                                               {before: rollout.Rollout{Revision: "other", Wave: 3, Released: []string{"c"}}, apps: many("a b c"), wave: 1, released: "a", running: "a"},
		"a revision that is not known is an old one":                               {apps: []rollout.App{{Name: "a"}, old("b")}, wave: 1, released: "a", running: "a"},
		"who has written it runs until a whole cycle has ended":                    {before: decided(1, "a"), apps: append(many("b c"), wrote("a", 1)), wave: 1, released: "a", running: "a"},
		"after a good cycle the next wave begins":                                  {before: decided(1, "a"), apps: append(many("b c d e f g h"), good("a", 1)), wave: 2, released: "b c d e f", running: "b c d e f"},
		"a wave waits for its last app":                                            {before: decided(2, "b", "c"), apps: append(many("d"), good("a", 1), good("b", 2), wrote("c", 2)), wave: 2, released: "b c d", running: "c d"},
		"the status of the mapping was lost in the second wave":                    {apps: append(many("c d e f g h"), good("a", 1), wrote("b", 2)), wave: 2, released: "b c d e f", running: "b c d e f"},
		"the status of the mapping was lost between two waves":                     {apps: append(many("b c"), good("a", 1)), wave: 2, released: "b c", running: "b c"},
		"who took it in no wave proves nothing":                                    {apps: append(many("b"), rollout.App{Name: "a", Revision: "new"}), wave: 1, released: "b", running: "b"},
		"who is left out is replaced before it has taken it":                       {before: decided(1, "a"), apps: append(many("b c"), leftOut(old("a"))), wave: 1, released: "b", running: "b"},
		"who is left out is replaced after it has taken it":                        {before: decided(1, "a"), apps: append(many("b c"), leftOut(wrote("a", 1))), wave: 1, released: "b", running: "b"},
		"who is gone is replaced":                                                  {before: decided(1, "a"), apps: many("b c"), wave: 1, released: "b", running: "b"},
		"where all are left out nobody is released":                                {apps: []rollout.App{leftOut(old("a")), leftOut(old("b"))}, wave: 1},
		"a wave is filled up first, and who is left out keeps its place":           {before: decided(2, "b", "c"), apps: append(many("d e f g h i"), good("a", 1), good("b", 2), leftOut(wrote("c", 2))), wave: 2, released: "b d e f", running: "d e f"},
		"a full wave goes by who is not left out":                                  {before: decided(2, "b", "c", "d", "e", "f"), apps: append(many("g h"), good("a", 1), good("b", 2), good("c", 2), good("d", 2), good("e", 2), leftOut(wrote("f", 2))), wave: 3, released: "g h", running: "g h"},
		"the status of the mapping was lost when a part of the wave had ended":     {apps: append(many("c d e f g h"), good("a", 1), good("b", 2)), wave: 2, released: "b c d e f", running: "c d e f"},
		"more failures than before halt":                                           {before: decided(1, "a"), apps: append(many("b"), ended("a", 1, cycle(2, 0))), wave: 1, released: "a", halt: "a 2 entries failed in its first whole cycle with the change, and 1 in the one before"},
		"more accounts disabled than before halt":                                  {before: decided(1, "a"), apps: append(many("b"), ended("a", 1, cycle(0, 7))), wave: 1, released: "a", halt: "a 7 accounts were disabled or deleted from the change to the end of its first whole cycle with it, and 1 in"},
		"disables that nobody can count do not halt":                               {before: decided(1, "a"), apps: append(many("b"), ended("a", 1, &rollout.Cycle{Failed: 1})), wave: 2, released: "b", running: "b"},
		"without a cycle before any failure halts":                                 {before: decided(1, "a"), apps: append(many("b"), with(ended("a", 1, cycle(1, 0)), func(a *rollout.App) { a.Before = nil })), wave: 1, released: "a", halt: "a 1 entries failed"},
		"a quarantine halts before any cycle has ended":                            {before: decided(1, "a"), apps: append(many("b"), with(wrote("a", 1), func(a *rollout.App) { a.Quarantine = "TooManyDeletes" })), wave: 1, released: "a", running: "a", halt: "a quarantine after the change (TooManyDeletes)"},
		"a refusal halts, and may be tried again":                                  {before: decided(1, "a"), apps: append(many("b"), with(old("a"), func(a *rollout.App) { a.Refused = "Entra cannot parse it" })), wave: 1, released: "a", running: "a", halt: "a Entra cannot parse it"},
		"a refusal of who is not released yet halts nothing":                       {before: decided(1, "a"), apps: []rollout.App{wrote("a", 1), with(old("b"), func(a *rollout.App) { a.Refused = "Entra cannot parse it" })}, wave: 1, released: "a", running: "a"},
		"a halt takes back the release of who has not taken it":                    {before: decided(2, "b", "c", "d"), apps: append(many("c d e"), good("a", 1), ended("b", 2, cycle(9, 0))), wave: 2, released: "b", halt: "b 9 entries"},
		"an approval of the wave continues":                                        {before: decided(1, "a"), approval: "new:1:a", apps: append(many("b"), ended("a", 1, cycle(2, 0))), wave: 2, released: "b", running: "b"},
		"an approval fills up the wave that halted":                                {before: decided(2, "b"), approval: "new:2:b", apps: append(many("c d"), good("a", 1), ended("b", 2, cycle(9, 0))), wave: 2, released: "b c d", running: "c d"},
		"an approval of another wave releases nothing":                             {before: decided(2, "b"), approval: "new:1:a", apps: append(many("c"), good("a", 1), ended("b", 2, cycle(9, 0))), wave: 2, released: "b", halt: "b 9"},
		"an approval of another revision releases nothing":                         {before: decided(1, "a"), approval: "old:1:a", apps: append(many("b"), ended("a", 1, cycle(2, 0))), wave: 1, released: "a", halt: "a 2"},
		"an approval does not hurry a wave that runs":                              {before: decided(1, "a"), approval: "new:1:a", apps: append(many("b"), wrote("a", 1)), wave: 1, released: "a", running: "a"},
		"an approval of one app is none of another":                                {before: decided(2, "b", "c"), approval: "new:2:b", apps: append(many("d"), good("a", 1), ended("b", 2, cycle(9, 0)), ended("c", 2, cycle(0, 400))), wave: 2, released: "b c", halt: "c 400 accounts"},
		"an approval may cover several apps":                                       {before: decided(2, "b", "c", "d", "e", "f"), approval: "new:2:b,c", apps: append(many("g"), good("a", 1), ended("b", 2, cycle(9, 0)), ended("c", 2, cycle(0, 400)), good("d", 2), good("e", 2), good("f", 2)), wave: 3, released: "g", running: "g"},
		"a halt stays when the app's job is stopped":                               {before: halted(1, "a"), apps: append(many("b"), leftOut(ended("a", 1, cycle(0, 400)))), wave: 1, halt: "a 400 accounts"},
		"a halt is seen although the app is left out already":                      {before: decided(1, "a"), apps: append(many("b"), leftOut(ended("a", 1, cycle(0, 400)))), wave: 1, halt: "a 400 accounts"},
		"a halt stays when the app is gone":                                        {before: halted(1, "a"), apps: many("b"), wave: 1, halt: "a it was bad"},
		"a halt whose app is gone can be approved":                                 {before: halted(1, "a"), approval: "new:1:a", apps: many("b"), wave: 1, released: "b", running: "b"},
		"a halt stays when the app's quarantine is over and no cycle has ended":    {before: halted(1, "a"), apps: append(many("b"), wrote("a", 1)), wave: 1, released: "a", running: "a", halt: "a it was bad"},
		"a halt ends when the app's quarantine is over and a good cycle has ended": {before: halted(1, "a"), apps: append(many("b"), good("a", 1)), wave: 2, released: "b", running: "b"},
		"a halt ends when the refusal has ended":                                   {before: halted(1, "a"), apps: many("a b"), wave: 1, released: "a", running: "a"},
		"an app that broke after it took the change halts": {before: decided(1, "a"), apps: append(many("b"), with(wrote("a", 1), func(a *rollout.App) { a.Broken = "it has not been ready" })),
			wave: 1, released: "a", running: "a", halt: "a it has not been ready"},
		"a halt of another revision is over":                     {before: rollout.Rollout{Revision: "other", Wave: 1, Halt: &rollout.Halt{App: "a", Wave: 1, Cause: "it was bad"}}, apps: many("a b"), wave: 1, released: "a", running: "a"},
		"what an earlier wave comes to later is approved or old": {before: decided(2, "b"), apps: append(many("c"), ended("a", 1, cycle(9, 9)), wrote("b", 2)), wave: 2, released: "b c", running: "b c"},
	} {
		t.Run(name, func(t *testing.T) {
			r, going := rollout.Decide("new", test.before, test.approval, test.apps)
			if !going {
				t.Fatal("nothing is rolled out, although an app has the old revision")
			}
			if r.Wave != test.wave {
				t.Errorf("it is wave %d, want %d", r.Wave, test.wave)
			}
			if diff := cmp.Diff(strings.Fields(test.released), append([]string{}, r.Released...)); diff != "" {
				t.Errorf("released (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(strings.Fields(test.running), append([]string{}, r.Running...)); diff != "" {
				t.Errorf("running (-want +got):\n%s", diff)
			}
			halt := ""
			if r.Halt != nil {
				halt = r.Halt.App + " " + r.Halt.Cause
			}
			if app, cause, _ := strings.Cut(test.halt, " "); (halt == "") != (test.halt == "") || !strings.HasPrefix(halt, app) || !strings.Contains(halt, cause) {
				t.Errorf("the halt is %q, want %q", halt, test.halt)
			}
		})
	}
}

func TestARolloutIsOverWhenEachAppHasTheRevision(t *testing.T) {
	for name, apps := range map[string][]rollout.App{
		"no app at all": nil,
		"the last app has just written it, and how it does is for its own status": {good("a", 1), wrote("b", 2)},
		"the one app has it": {wrote("a", 1)},
	} {
		t.Run(name, func(t *testing.T) {
			if r, going := rollout.Decide("new", rollout.Rollout{Revision: "new", Wave: 2, Released: []string{"b"}}, "", apps); going {
				t.Errorf("it goes on: %+v", r)
			}
		})
	}
}

func TestCountsAndWhoIsLeftOut(t *testing.T) {
	r, _ := rollout.Decide("new", rollout.Rollout{}, "", append(many("c d"), good("a", 1), leftOut(old("b"))))
	if r.Updated != 1 || r.Waiting != 3 || len(r.LeftOut) != 1 || r.LeftOut[0].Name != "b" {
		t.Errorf("got %d updated, %d waiting and %v left out; want 1, 3 and b", r.Updated, r.Waiting, r.LeftOut)
	}
}

// TestAllAppsGetThereInWavesWhateverIsLost runs whole rollouts, losing what was decided before each step or not.
func TestAllAppsGetThereInWavesWhateverIsLost(t *testing.T) {
	for name, lost := range map[string]func(step int) bool{
		"nothing is lost":                        func(int) bool { return false },
		"the mapping's status is lost each time": func(int) bool { return true },
		"it is lost now and then":                func(step int) bool { return step%3 == 0 },
	} {
		t.Run(name, func(t *testing.T) {
			apps := map[string]rollout.App{}
			for i := range 300 {
				a := old(fmt.Sprintf("app-%03d", i))
				apps[a.Name] = a
			}
			sizes := map[int]int{}
			before, last := rollout.Rollout{}, rollout.Rollout{}
			for step := 0; ; step++ {
				if lost(step) {
					before = rollout.Rollout{}
				}
				r, going := rollout.Decide("new", before, "", slices.Collect(values(apps)))
				if !going {
					break
				}
				if step > 500 || len(r.Running) == 0 {
					t.Fatalf("after %d steps nobody runs: %+v", step, r)
				}
				// Some apps make one step each: they write, or they end their cycle.
				for _, name := range r.Running[:min(len(r.Running), 7)] {
					a := apps[name]
					if a.Revision == "new" {
						a.After = cycle(0, 0)
					} else {
						a.Revision, a.Wave = "new", r.Wave
						sizes[r.Wave]++
					}
					apps[a.Name] = a
				}
				before, last = r, r
			}
			if diff := cmp.Diff(map[int]int{1: 1, 2: 5, 3: 25, 4: 125, 5: 125, 6: 19}, sizes); diff != "" {
				t.Errorf("apps by wave (-want +got):\n%s\nlast: %+v", diff, last)
			}
		})
	}
}

func values(apps map[string]rollout.App) func(func(rollout.App) bool) {
	return func(yield func(rollout.App) bool) {
		for _, a := range apps {
			if !yield(a) {
				return
			}
		}
	}
}

func TestAHaltSaysWhetherItsAppIsGone(t *testing.T) {
	before := rollout.Rollout{Revision: "new", Wave: 1, Released: []string{"a"}, Halt: &rollout.Halt{App: "a", Wave: 1, Cause: "it was bad"}}
	for name, test := range map[string]struct {
		apps []rollout.App
		gone bool
	}{
		"it is there, and has shown nothing yet": {append(many("b"), wrote("a", 1)), false},
		"it is gone":                             {many("b"), true},
	} {
		t.Run(name, func(t *testing.T) {
			r, _ := rollout.Decide("new", before, "", test.apps)
			if r.Halt == nil || r.Halt.Gone != test.gone {
				t.Errorf("the halt is %+v", r.Halt)
			}
		})
	}
}
