package rollout

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

const (
	growth = 5
	// MaxWave is the size of the largest wave: all names of a wave are kept in the mapping's status.
	MaxWave = 125
)

// Size is how many apps a wave has, the first being wave 1: 1, 5, 25, 125, 125 and so on.
func Size(wave int) int {
	size := 1
	for range wave - 1 {
		size = min(size*growth, MaxWave)
	}
	return size
}

// App is one app that has some revision of the mapping already. An app whose job never ran is none: it has nobody to lose
// and waits for no wave.
type App struct {
	// Name is unique among the apps of the mapping. Their order is that of the waves.
	Name string
	// Revision of the mapping that Entra has for the app or is being given; empty where it is not known.
	Revision string
	// Wave in which it took the revision; 0 where that was in none.
	Wave int
	// Before is the last cycle before it took the revision, After the first whole one since; nil while there was none.
	Before, After *Cycle
	// Quarantine is why Entra put the job into quarantine after it took the revision; empty where it did not.
	Quarantine string
	// Refused is why Entra, or a check before it, refuses the revision for this app; empty where nothing does.
	Refused string
	// Broken is why the app has not been ready for long, and not since before it took the revision; empty where it is, or was not.
	Broken string
	// LeftOut is why the app can take no part for now; empty where it can.
	LeftOut string
}

// Cycle is what a cycle came to.
type Cycle struct {
	// Failed entries wait for another try.
	Failed int64
	// Disabled are the accounts that were disabled or deleted; nil where nobody could count them.
	Disabled *int64
}

// Rollout is how far a revision has come.
type Rollout struct {
	// Revision that is being rolled out.
	Revision string
	// Wave is the present one.
	Wave int
	// Released are the apps of the present wave, in order: they may take the revision.
	Released []string
	// Running are those of the present wave that have not ended a whole cycle with the revision.
	Running []string
	// Updated and Waiting count the apps that have the revision, and those that do not.
	Updated, Waiting int
	// LeftOut are the apps that can take no part for now.
	LeftOut []App
	// Halt is there while the rollout stands still.
	Halt *Halt
}

// Halt says what stopped a rollout.
type Halt struct {
	// App is the first one that got worse, and Wave the one that it is in.
	App  string
	Wave int
	// Cause says with figures what got worse.
	Cause string
	// Gone is true when the app does not use the mapping any more, or is deleted.
	Gone bool
	// Approval is what continues the rollout. It covers this app and those of the wave that were approved before, and no other.
	Approval string
}

// approved are the apps of the present wave that an approval covers.
func (r *Rollout) approved(approval string) []string {
	apps, ok := strings.CutPrefix(approval, r.approval())
	if !ok {
		return nil
	}
	return strings.Split(apps, ",")
}

func (r *Rollout) approval(apps ...string) string {
	return fmt.Sprintf("%s:%d:%s", r.Revision, r.Wave, strings.Join(apps, ","))
}

// Decide gives the rollout of a revision from the apps as they are, from what was decided before, and from the approval
// that somebody gave. It is false when no app is without the revision. What was decided before matters for apps that were
// released and have not taken the revision yet, and for a halt whose app went out of sight since.
func Decide(revision string, before Rollout, approval string, apps []App) (Rollout, bool) {
	apps = slices.SortedFunc(slices.Values(apps), func(a, b App) int { return cmp.Compare(a.Name, b.Name) })
	r := Rollout{Revision: revision, Wave: 1}
	if before.Revision == revision {
		r.Wave, r.Released, r.Halt = max(before.Wave, 1), before.Released, before.Halt
	}
	for _, a := range apps {
		if a.Revision == revision {
			r.Updated++
			if a.Wave > r.Wave {
				r.Wave, r.Released, r.Halt = a.Wave, nil, nil
			}
		} else {
			r.Waiting++
		}
		if a.LeftOut != "" {
			r.LeftOut = append(r.LeftOut, a)
		}
	}
	if r.Waiting == 0 {
		return Rollout{}, false
	}
	r.advance(apps, approval)
	return r, true
}

// advance sets who is in the present wave, after it has gone over to the next one where that may be: when the wave is
// full, and each app in it that can has shown how it does.
func (r *Rollout) advance(apps []App, approval string) {
	members, candidates, room := r.sort(apps)
	if r.Halt = r.halt(apps, r.approved(approval)); r.Halt != nil {
		// Who is refused may try again: that is how it is found out that the refusal has ended.
		r.release(slices.DeleteFunc(members, func(a App) bool { return a.Revision != r.Revision && a.Refused == "" }))
		return
	}
	if room == 0 && len(candidates) > 0 && !slices.ContainsFunc(members, r.running) {
		r.Wave++
		members, room = nil, Size(r.Wave)
	}
	r.release(append(members, candidates[:min(room, len(candidates))]...))
}

// sort finds who is in the present wave and shows how it does, who could be, and how many more the wave takes. Who has the
// revision from this wave and is left out keeps its place in it, but a wave of such apps alone proves nothing.
func (r *Rollout) sort(apps []App) (members, candidates []App, room int) {
	room = Size(r.Wave)
	for _, a := range apps {
		inWave := a.Revision == r.Revision && a.Wave == r.Wave
		switch {
		case a.Revision == r.Revision && !inWave:
		case a.LeftOut != "":
			if inWave {
				room--
			}
		case inWave || slices.Contains(r.Released, a.Name):
			members = append(members, a)
			room--
		default:
			candidates = append(candidates, a)
		}
	}
	if len(members) == 0 {
		room = max(room, 1)
	}
	return members, candidates, max(room, 0)
}

func (r *Rollout) release(members []App) {
	r.Released, r.Running = nil, nil
	for _, a := range members {
		r.Released = append(r.Released, a.Name)
		if r.running(a) {
			r.Running = append(r.Running, a.Name)
		}
	}
	slices.Sort(r.Released)
	slices.Sort(r.Running)
}

// running is true for a member of the wave that has not shown yet how it does with the revision.
func (r *Rollout) running(a App) bool { return a.Revision != r.Revision || a.After == nil }

// halt finds the first app of the wave that does worse with the revision than before, but for those that were approved. Who
// is left out is judged too: to stop a job is what people do first where it does harm. A halt from before stays where its app
// does not show that the cause has ended.
func (r *Rollout) halt(apps []App, approved []string) *Halt {
	for _, a := range apps {
		if cause := r.worse(a); cause != "" && !slices.Contains(approved, a.Name) {
			return &Halt{App: a.Name, Wave: r.Wave, Cause: cause, Approval: r.approval(append(approved, a.Name)...)}
		}
	}
	if r.Halt == nil || slices.Contains(approved, r.Halt.App) || slices.ContainsFunc(apps, r.recovered) {
		return nil
	}
	gone := !slices.ContainsFunc(apps, func(a App) bool { return a.Name == r.Halt.App })
	return &Halt{App: r.Halt.App, Wave: r.Wave, Cause: r.Halt.Cause, Gone: gone, Approval: r.approval(append(approved, r.Halt.App)...)}
}

// recovered is true for the app of the halt when it does no worse any more: it may try again, or has shown a good cycle.
func (r *Rollout) recovered(a App) bool {
	return a.Name == r.Halt.App && a.LeftOut == "" && (a.Revision != r.Revision || a.After != nil)
}

// worse says why an app of the present wave does worse with the revision than before; empty where it does not.
func (r *Rollout) worse(a App) string {
	switch {
	case a.Revision == r.Revision && a.Wave == r.Wave:
		return cmp.Or(a.Refused, a.worse())
	case a.Revision != r.Revision && slices.Contains(r.Released, a.Name):
		return a.Refused
	default:
		return ""
	}
}

// worse compares the first whole cycle with the revision to the one before it.
func (a App) worse() string {
	var before Cycle
	if a.Before != nil {
		before = *a.Before
	}
	switch {
	case a.Quarantine != "":
		return fmt.Sprintf("Entra put its job into quarantine after the change (%s)", a.Quarantine)
	case a.Broken != "":
		return a.Broken
	case a.After == nil:
		return ""
	case a.After.Failed > before.Failed:
		return fmt.Sprintf("%d entries failed in its first whole cycle with the change, and %d in the one before it", a.After.Failed, before.Failed)
	case a.After.Disabled != nil && *a.After.Disabled > before.disabled():
		return fmt.Sprintf("%d accounts were disabled or deleted from the change to the end of its first whole cycle with it, and %d in the cycle before it",
			*a.After.Disabled, before.disabled())
	default:
		return ""
	}
}

func (c Cycle) disabled() int64 {
	if c.Disabled == nil {
		return 0
	}
	return *c.Disabled
}
