package entrasim_test

import (
	"fmt"
	"slices"
	"testing"
)

// soul is a person as the oracle knows them. It shares nothing with the engine but the words of the reference.
type soul struct {
	id, nick, upn, name, title, department, manager string
	disabled, deleted, purged                       bool

	everEntitled bool // at the beginning of a cycle
	everOut      bool // was provisioned, and unassigned or filtered out at the beginning of a cycle after that
	managed      bool // entitled at the beginning of a cycle, and not out at that of a later one
	titles       []string
}

// band is a group as the oracle knows it.
type band struct {
	id, name string
	members  []string
	assigned bool
	deleted  bool
}

// oracle says what the endpoint has to look like.
type oracle struct {
	people   []*soul
	bands    []*band
	assigned map[string]bool // people who are assigned themselves
	faulty   bool            // requests went wrong: what failed may be missing
}

const scopeDepartment = "In"

func (o *oracle) person(id string) *soul {
	return o.people[slices.IndexFunc(o.people, func(p *soul) bool { return p.id == id })]
}

func (o *oracle) isAssigned(p *soul) bool {
	return o.assigned[p.id] || slices.ContainsFunc(o.bands, func(b *band) bool {
		return !b.deleted && b.assigned && slices.Contains(b.members, p.id)
	})
}

func (o *oracle) entitled(p *soul) bool {
	return !p.purged && !p.deleted && !p.disabled && p.department == scopeDepartment && o.isAssigned(p)
}

// beforeCycle notes what the coming cycle will see.
func (o *oracle) beforeCycle() {
	for _, p := range o.people {
		if p.purged {
			continue
		}
		out := !o.isAssigned(p) || p.department != scopeDepartment
		p.managed = o.entitled(p) || p.managed && !out
		p.everOut = p.everOut || out && p.everEntitled
		p.everEntitled = p.everEntitled || o.entitled(p)
	}
}

// account is a user at the endpoint.
type account struct{ id, userName, displayName, title, department, manager, nick, active string }

func accounts(t *testing.T, w *wire) map[string]account {
	t.Helper()
	const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
	out := map[string]account{}
	for _, r := range scimList(t, w.URL, w.Token, "Users", "userName") {
		extension, _ := r[enterprise].(object)
		manager, _ := extension["manager"].(object)
		a := account{id: r["id"].(string), userName: fmt.Sprint(r["userName"]), displayName: fmt.Sprint(r["displayName"]), active: fmt.Sprint(r["active"])}
		a.title, _ = r["title"].(string)
		a.department, _ = extension["department"].(string)
		a.manager, _ = manager["value"].(string)
		a.nick, _ = r["externalId"].(string)
		if _, twice := out[a.nick]; twice {
			t.Errorf("two accounts have the externalId %s", a.nick)
		}
		out[a.nick] = a
	}
	return out
}

// check holds the endpoint against what assignment, scope and mapping say. settled says that a restart of the watermark has
// repaired the references; before it they may be missing, and how many are is returned.
func (o *oracle) check(t *testing.T, w *wire, settled bool) (broken int) {
	t.Helper()
	there := accounts(t, w)
	for _, p := range o.people {
		a, exists := there[p.nick]
		switch {
		case o.entitled(p):
			o.checkAccount(t, p, a, exists)
		case exists:
			o.checkInactive(t, p, a)
		case !p.everEntitled || p.purged && p.managed || o.faulty:
		default:
			t.Errorf("%s was provisioned and has no account any more", p.nick)
		}
		if boss := p.manager; exists && o.entitled(p) && boss != "" && o.entitled(o.person(boss)) &&
			a.manager != there[o.person(boss).nick].id {
			broken++
			if settled {
				t.Errorf("the manager of %s is %q, want %s", p.nick, a.manager, o.person(boss).nick)
			}
		}
	}
	return broken + o.checkBands(t, w, there, settled)
}

func (o *oracle) checkAccount(t *testing.T, p *soul, a account, exists bool) {
	t.Helper()
	want := account{id: a.id, userName: p.upn, displayName: p.name, title: p.title, department: p.department, nick: p.nick,
		active: "true", manager: a.manager}
	if p.title == "" && slices.Contains(p.titles, a.title) {
		want.title = a.title // no empty values flow: an old one stays
	}
	if !exists || a != want {
		t.Errorf("%s is entitled: %+v at the endpoint, want %+v", p.nick, a, want)
	}
}

// checkInactive: who is not entitled has an account only from before, and it is inactive. The account of who was purged is
// gone, unless they had been let go before that: then nobody looks after it, for ever.
func (o *oracle) checkInactive(t *testing.T, p *soul, a account) {
	t.Helper()
	if a.active != "false" || !p.everEntitled {
		t.Errorf("%s is not entitled: %+v at the endpoint, provisioned before: %t", p.nick, a, p.everEntitled)
	}
	if p.purged && (!p.everOut || !o.faulty && p.managed) {
		t.Errorf("%s was purged while they were looked after, and still has an account: %+v", p.nick, a)
	}
}

func (o *oracle) checkBands(t *testing.T, w *wire, there map[string]account, settled bool) (broken int) {
	t.Helper()
	groups := scimList(t, w.URL, w.Token, "Groups", "externalId")
	for _, b := range o.bands {
		g := groups[b.id]
		if provisioned := b.assigned && !b.deleted; provisioned != (g != nil) {
			t.Errorf("group %s is assigned: %t, at the endpoint: %v", b.name, provisioned, g)
		}
		if g == nil {
			continue
		}
		if g["displayName"] != b.name {
			t.Errorf("group %s is called %v", b.name, g["displayName"])
		}
		members := map[string]bool{}
		list, _ := g["members"].([]any)
		for _, m := range list {
			members[m.(object)["value"].(string)] = true
		}
		for _, p := range o.people {
			listed := !p.purged && !p.deleted && slices.Contains(b.members, p.id)
			id := there[p.nick].id
			switch {
			case listed && o.entitled(p) && !members[id]:
				broken++
				if settled {
					t.Errorf("%s is missing in %s", p.nick, b.name)
				}
			case !listed && id != "" && members[id] && !(p.purged && p.everOut) && !w.lost["/Groups/"+g["id"].(string)]:
				// Nobody looks after the account of who was let go and then purged, nor after its memberships; and a member
				// who was added without an answer is not known to be one.
				t.Errorf("%s is a member of %s at the endpoint only", p.nick, b.name)
			}
		}
	}
	return broken
}
