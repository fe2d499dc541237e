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
}

// Approval is what continues a rollout that has halted in this wave at this app, and no other one.
func Approval(revision string, wave int, app string) string {
	return fmt.Sprintf("%s:%d:%s", revision, wave, app)
}

// Approvals is the whole approval that releases this halt, and keeps what has been given in the same wave already.
func Approvals(revision string, halt Halt, given string) string {
	var all []string
	for part := range strings.SplitSeq(given, ",") {
		if strings.HasPrefix(part, Approval(revision, halt.Wave, "")) {
			all = append(all, part)
		}
	}
	if own := Approval(revision, halt.Wave, halt.App); !slices.Contains(all, own) {
		all = append(all, own)
	}
	return strings.Join(all, ",")
}

func approves(given, revision string, wave int, app string) bool {
	return slices.Contains(strings.Split(given, ","), Approval(revision, wave, app))
}

// Decide gives the rollout of a revision from the apps as they are, from what was decided before, and from the approval
// that somebody gave. It is false when no app is without the revision and no halt stands. A halt stays until it is approved
// or the revision changes, whatever becomes of its app.
func Decide(revision string, before Rollout, approval string, apps []App) (Rollout, bool) {
	apps = slices.SortedFunc(slices.Values(apps), func(a, b App) int { return cmp.Compare(a.Name, b.Name) })
	r := Rollout{Revision: revision, Wave: 1}
	if before.Revision == revision {
		r.Wave, r.Released = max(before.Wave, 1), before.Released
		if h := before.Halt; h != nil && !approves(approval, revision, h.Wave, h.App) {
			r.Halt = h
		}
	}
	for _, a := range apps {
		if a.Revision == revision {
			r.Updated++
			if a.Wave > r.Wave {
				r.Wave, r.Released = a.Wave, nil
			}
		} else {
			r.Waiting++
		}
		if a.LeftOut != "" {
			r.LeftOut = append(r.LeftOut, a)
		}
	}
	if r.Waiting == 0 && r.Halt == nil {
		return Rollout{}, false
	}
	r.advance(apps, approval)
	return r, true
}

// advance sets who is in the present wave, after it has gone over to the next one where that may be: when the wave is
// full, and each app in it that can has shown how it does.
func (r *Rollout) advance(apps []App, approval string) {
	members, candidates, room := r.sort(apps)
	if r.Halt == nil {
		r.Halt = r.worse(apps, approval)
	}
	if r.Halt != nil {
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

// worse finds the first app of the wave that does worse with the revision than before and is not approved. Who is left out
// since it took the revision counts: to pause a bad app does not make the revision good.
func (r *Rollout) worse(apps []App, approval string) *Halt {
	for _, a := range apps {
		inWave := a.Revision == r.Revision && a.Wave == r.Wave
		released := a.Revision != r.Revision && slices.Contains(r.Released, a.Name)
		if !inWave && !released || approves(approval, r.Revision, r.Wave, a.Name) {
			continue
		}
		cause := a.Refused
		if cause == "" && a.Revision == r.Revision {
			cause = a.worse()
		}
		if cause != "" {
			return &Halt{App: a.Name, Wave: r.Wave, Cause: cause}
		}
	}
	return nil
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
	case a.After == nil:
		return ""
	case a.After.Failed > before.Failed:
		return fmt.Sprintf("%d entries failed in its first whole cycle with the change, and %d in the one before it", a.After.Failed, before.Failed)
	case a.After.Disabled != nil && *a.After.Disabled > before.disabled():
		return fmt.Sprintf("%d accounts were disabled or deleted in its first whole cycle with the change, and %d in the one before it",
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
