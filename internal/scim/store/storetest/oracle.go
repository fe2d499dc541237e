package storetest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/scim-operator/scim-operator/internal/scim/dialect"
	"github.com/scim-operator/scim-operator/internal/scim/filter"
	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/store"
)

var filterTests = map[string]func(suite){
	"F-22 generated filters select what the evaluator selects":  filtersAgree,
	"Q-8 generated orders are those of the assembled resources": ordersAgree,
}

// generator makes resources and filters out of few values, so that they often meet.
type generator struct{ *rand.Rand }

func (g generator) pick(values ...string) string {
	return values[g.IntN(len(values))]
}

func (g generator) one(values ...any) any {
	return values[g.IntN(len(values))]
}

var texts = []string{"Ann", "ANN", "ann", "Größe", "GRÖSSE", "x%y", "", "2026-01-02T03:04:05Z", "true", "5"}

var instants = []string{
	"2026-01-02T03:04:05Z", "2026-01-02T04:04:05+01:00", "2026-01-02T03:04:05.0000001Z", "2026-01-02", "2025-10-10T14:38:21.8617979-07:00",
	"0000-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00",
}

// set gives an object some of the values; nil gives nothing.
func (g generator) set(o object, key string, values ...any) {
	if v := g.one(values...); v != nil {
		o[key] = v
	}
}

func anys(values []string) []any {
	list := make([]any, 0, len(values)+1)
	for _, v := range values {
		list = append(list, v)
	}
	return append(list, nil)
}

func (g generator) user(i int, ids []string) store.Mutation {
	doc := object{"userName": fmt.Sprintf("%s%d", g.pick("Ann", "bob", "Größe"), i)}
	for _, name := range []string{"externalId", "displayName", "title", "profileUrl"} {
		g.set(doc, name, anys(texts)...)
	}
	g.set(doc, "active", true, false, nil)
	name := object{}
	g.set(name, "givenName", anys(texts)...)
	g.set(name, "familyName", anys(texts)...)
	if len(name) > 0 {
		doc["name"] = name
	}
	var emails []any
	for range g.IntN(4) {
		email := object{"value": g.pick("A@x", "a@X", "b@x", "")}
		g.set(email, "type", "work", "Home", nil)
		g.set(email, "primary", true, false, nil)
		emails = append(emails, email)
	}
	if len(emails) > 0 {
		doc["emails"] = emails
	}
	if g.IntN(2) == 0 {
		doc["x509Certificates"] = []any{object{"value": g.pick("AAAA", "aaaa")}}
	}
	enterprise := object{}
	g.set(enterprise, "department", anys(texts)...)
	if g.IntN(3) > 0 {
		enterprise["manager"] = object{"value": g.pick(append(ids, "nobody", "")...)}
	}
	if len(enterprise) > 0 {
		doc[schema.EnterpriseUserURN] = enterprise
	}
	if extension := g.extension(); len(extension) > 0 {
		doc[wiki] = extension
	}
	m := create(schema.User, fmt.Sprintf("u%d", i), doc)
	m.At = epoch.Add(time.Duration(g.IntN(3)) * time.Millisecond)
	return m
}

// extension has, now and then, what was stored while the schema was another: values of other types, lists and no lists.
func (g generator) extension() object {
	o := object{}
	numbers := []any{json.Number("5"), json.Number("5.0"), json.Number("-7"), json.Number("0.1"), json.Number("9007199254740993"), nil}
	lists := []any{[]any{"Ann", "x"}, []any{"ann"}, []any{json.Number("5"), "Größe"}, "Ann", nil, nil}
	g.set(o, "shelf", append(anys(texts), []any{"Ann", "b"}, json.Number("5"))...)
	g.set(o, "level", append(numbers, "5", true)...)
	g.set(o, "share", append(numbers, []any{json.Number("0.1"), json.Number("5")})...)
	g.set(o, "joined", append(anys(instants), "tomorrow", "", json.Number("5"))...)
	g.set(o, "guest", true, false, nil, "true")
	g.set(o, "tags", lists...)
	g.set(o, "codes", lists...)
	g.set(o, "seen", []any{instants[0], instants[3]}, []any{instants[1], "never"}, []any{"never"}, instants[4], nil)
	return o
}

func (g generator) compare(name string, operators, literals []string) string {
	return name + " " + g.pick(operators...) + " " + g.pick(literals...)
}

func quoted(values ...string) []string {
	list := make([]string, 0, len(values))
	for _, v := range values {
		list = append(list, `"`+v+`"`)
	}
	return list
}

var (
	allOps   = []string{"eq", "eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"}
	orderOps = []string{"eq", "eq", "ne", "gt", "ge", "lt", "le"}
	equality = []string{"eq", "ne"}
)

func (g generator) term(ids []string) string {
	words := quoted("Ann", "ann", "RÖSS", "größe", "n", "", "%", "x%y", "5", "work", "direct", "User", "a@x", "A@X", "@", "AAAA")
	names := quoted(append(ids, "u", "", "nobody")...)
	times := quoted(instants...)
	numbers := []string{"5", "5.0", "0.1", "-7", "9007199254740992", "1e3"}
	switch g.IntN(12) {
	case 0:
		return g.compare(g.pick("userName", "externalId", "displayName", "title", "profileUrl", "name.givenName", "name.familyName", "department",
			wiki+":shelf", wiki+":tags", wiki+":codes", "groups.display", "groups.type", "manager.displayName", "emails.type"), allOps, words)
	case 1:
		return g.compare(g.pick("emails", "emails.value"), allOps, quoted("A@X", "b@x", "x", "no", ""))
	case 2:
		return g.compare(g.pick("id", "manager", "groups", "groups.$ref", "manager.$ref", "meta.location"), allOps, append(names, quoted(baseURL+"/Users/u1", baseURL+"/Groups/g1")...))
	case 3:
		return g.compare(g.pick(wiki+":joined", wiki+":seen", "meta.created", "meta.lastModified"), orderOps, append(times, quoted(epoch.Format(time.RFC3339Nano), "2026-01-02T03:04:05.6785Z")...))
	case 4:
		return g.compare(g.pick(wiki+":level", wiki+":share"), orderOps, numbers)
	case 5:
		if g.IntN(4) == 0 {
			return g.compare("x509Certificates", []string{"eq", "ne", "co", "sw", "ew"}, quoted("AAAA", "a", ""))
		}
		return g.compare(g.pick("active", wiki+":guest", "emails.primary"), equality, []string{"true", "false"})
	case 6:
		return g.pick("externalId", "displayName", "active", "name", "name.givenName", "emails", "emails.type", "manager", "manager.value", "manager.displayName", "groups", "groups.display",
			"meta", "schemas", wiki+":shelf", wiki+":level", wiki+":joined", wiki+":tags", wiki+":seen", "x509Certificates") + " pr"
	case 7:
		return "emails[" + g.element("type", "value", "primary") + "]"
	case 8:
		return g.pick(`groups[`+g.compare("display", allOps, words)+` and `+g.compare("value", equality, names)+`]`, `name[`+g.compare("givenName", allOps, words)+`]`,
			`name[not (givenName pr)]`, `manager[`+g.compare("displayName", allOps, words)+`]`, `manager[not (value eq "u1")]`, `meta[`+g.compare("lastModified", orderOps, times)+`]`)
	case 9:
		return g.pick(wiki+`:tags[`+g.compare("value", allOps, words)+`]`, wiki+`:codes[not (`+g.compare("value", allOps, words)+`)]`, wiki+`:seen[value pr and not (`+g.compare("value", orderOps, times)+`)]`,
			wiki+`:seen[`+g.compare("value", orderOps, times)+`]`)
	case 10:
		return g.compare("schemas", allOps, quoted(schema.UserURN, schema.EnterpriseUserURN, wiki, "urn:"))
	}
	return g.pick("externalId", "title", "active", "manager", wiki+":level") + g.pick(" eq null", " ne null")
}

// element is a filter inside brackets.
func (g generator) element(kind, value, flag string) string {
	terms := []string{
		g.compare(kind, equality, quoted("work", "home")), g.compare(value, allOps, quoted("a@x", "@", "")), flag + " eq true", "not (" + flag + " eq true)",
		kind + " pr", "not (" + value + ` eq "b@x")`,
	}
	return g.pick(terms...) + g.pick(" and ", " or ") + g.pick(terms...)
}

func (g generator) filter(ids []string, depth int) string {
	if depth == 0 || g.IntN(4) == 0 {
		return g.term(ids)
	}
	left, right := g.filter(ids, depth-1), g.filter(ids, depth-1)
	return g.pick(left+" and "+right, left+" or "+right, "("+left+") and "+right, "not ("+left+") and "+right, "not ("+left+")")
}

func (g generator) groupTerm(ids []string) string {
	names := quoted(append(ids, "g1", "nobody", "")...)
	return g.pick(g.compare("members", allOps, names), g.compare("members.type", equality, quoted("user", "Group")), g.compare("members.display", allOps, quoted("ANN", "n", "")),
		"members pr", "members.display pr", `members[type eq "User" and `+g.compare("value", equality, names)+`]`, `members[not (display pr)]`,
		g.compare("displayName", allOps, quoted("Ann", "größe", "")), g.compare("members.$ref", allOps, quoted(baseURL+"/Users/u1", "/Groups/")), g.compare("schemas", equality, quoted(schema.GroupURN)))
}

// populate makes users, and groups with users and groups in them, and returns the ids of some.
func (s suite) populate(g generator) []string {
	var ids []string
	for i := range 80 {
		m := g.user(i, ids)
		s.apply(m)
		if i < 4 {
			ids = append(ids, m.ID)
		}
	}
	for i := range 12 {
		members := []string{}
		for range g.IntN(5) {
			members = append(members, g.pick(fmt.Sprintf("u%d", g.IntN(20)), fmt.Sprintf("g%d", i)))
		}
		m := group(fmt.Sprintf("g%d", i), g.pick("Ann", "größe", "x%y", "A group"))
		s.apply(m, update(schema.Group, m.ID, nil, adding(members...)))
	}
	return append(ids, "g1", "g2")
}

// assembled are the whole resources of a type, as clients see them, in the order of creation.
func (s suite) assembled(rt *schema.ResourceType) []object {
	s.Helper()
	var docs []object
	for _, r := range s.page(store.Query{Select: []store.Selection{{Type: rt}}, Want: store.Want{Groups: true, Manager: true}}).Resources {
		docs = append(docs, s.assemble(rt, r))
	}
	return docs
}

func (s suite) assemble(rt *schema.ResourceType, r store.Resource) object {
	s.Helper()
	location := func(resourceType, id string) string { return baseURL + "/" + resourceType + "s/" + id }
	doc := maps.Clone(r.Doc)
	urns := []any{rt.Schema.ID}
	for _, e := range rt.Extensions {
		if doc[e.Schema.ID] != nil {
			urns = append(urns, e.Schema.ID)
		}
	}
	const layout = "2006-01-02T15:04:05.000Z"
	doc["schemas"], doc["id"] = urns, r.ID
	doc["meta"] = object{
		"resourceType": r.Type, "created": r.Created.Format(layout), "lastModified": r.Modified.Format(layout),
		"location": location(r.Type, r.ID), "version": fmt.Sprintf(`W/"%d"`, r.Version),
	}
	list := func(refs []store.Ref, kind string) (list []any) {
		for _, ref := range refs {
			element := object{"value": ref.ID, "$ref": location(ref.Type, ref.ID), "type": cmp.Or(kind, ref.Type)}
			if ref.Display != "" {
				element["display"] = ref.Display
			}
			list = append(list, element)
		}
		return list
	}
	if groups := list(r.Groups, "direct"); rt.Name == schema.User && len(groups) > 0 {
		doc["groups"] = groups
	}
	if rt.Name == schema.Group {
		var refs []store.Ref
		s.wantError(s.store.Members(s.ctx, r.ID, func(ref store.Ref) error {
			refs = append(refs, ref)
			return nil
		}), nil)
		if members := list(refs, ""); len(members) > 0 {
			doc["members"] = members
		}
	}
	if id := store.ManagerID(r.Doc); id != "" {
		manager := object{"value": id, "$ref": location(schema.User, id)}
		if r.Manager != nil && r.Manager.Display != "" {
			manager["displayName"] = r.Manager.Display
		}
		enterprise := maps.Clone(doc[schema.EnterpriseUserURN].(object))
		enterprise["manager"] = manager
		doc[schema.EnterpriseUserURN] = enterprise
	}
	return doc
}

func filtersAgree(s suite) {
	g := generator{rand.New(rand.NewPCG(7, 11))}
	ids := s.populate(g)
	users, groups := types(s)
	met := s.agree(users, 600, func() string { return g.filter(ids, 3) })
	met += s.agree(groups, 200, func() string {
		return g.pick(g.groupTerm(ids), g.groupTerm(ids)+" and "+g.groupTerm(ids), "not ("+g.groupTerm(ids)+")")
	})
	if met == 0 {
		s.Error("no generated filter selected anything: the test proves nothing")
	}
}

// agree compares the store with the evaluator on generated filters, and returns how many resources were selected.
func (s suite) agree(rt *schema.ResourceType, n int, generate func() string) (met int) {
	s.Helper()
	docs := s.assembled(rt)
	for range n {
		text := generate()
		e, err := filter.Parse(rt, dialect.Entra, text)
		if err != nil {
			s.Fatalf("%s: %v", text, err)
		}
		want := []string{}
		for _, doc := range docs {
			if filter.Match(e, doc) {
				want = append(want, doc["id"].(string))
			}
		}
		met += len(want)
		page := s.page(store.Query{Select: []store.Selection{{Type: rt, Filter: e}}, Total: true, BaseURL: baseURL})
		if got := idsOf(page); !slices.Equal(got, want) || page.Total != len(want) {
			s.Errorf("filter %s\nstore     %v, total %d\nevaluator %v", text, got, page.Total, want)
		}
	}
	return met
}

func ordersAgree(s suite) {
	g := generator{rand.New(rand.NewPCG(3, 5))}
	s.populate(g)
	users, _ := types(s)
	docs := s.assembled(users)
	for _, notation := range []string{
		"userName", "externalId", "displayName", "title", "active", "name.givenName", "emails", "emails.type", "emails.primary", "x509Certificates", "groups", "groups.display", "schemas",
		"id", "meta.created", "meta.location", "meta.version", "manager", "manager.displayName", "manager.$ref", "department", wiki + ":shelf", wiki + ":level", wiki + ":share", wiki + ":joined",
		wiki + ":guest", wiki + ":tags", wiki + ":codes", wiki + ":seen",
	} {
		path := s.userPath(notation)
		for _, descending := range []bool{false, true} {
			q := store.Query{Select: []store.Selection{{Type: users, SortBy: path}}, Sorted: true, Descending: descending, BaseURL: baseURL}
			want := slices.Clone(docs)
			slices.SortStableFunc(want, func(a, b object) int {
				order := compareKeys(sortKey(path, a), sortKey(path, b))
				if descending {
					return -order
				}
				return order
			})
			if got := s.walk(q, 7); !slices.EqualFunc(got, want, func(id string, doc object) bool { return id == doc["id"] }) {
				s.Errorf("sorted by %s, descending %v:\nstore  %v\noracle %v", notation, descending, got, ids(want))
			}
		}
	}
}

func ids(docs []object) []any {
	list := make([]any, 0, len(docs))
	for _, doc := range docs {
		list = append(list, doc["id"])
	}
	return list
}

// sortKey is what a resource sorts by: a string, float64, time.Time or bool; nil for none.
func sortKey(p schema.Path, doc object) any {
	if p.Extension != nil {
		doc, _ = doc[p.Extension.ID].(object)
	}
	v := doc[p.Attribute.Name]
	if list, ok := v.([]any); ok {
		chosen := slices.IndexFunc(list, func(element any) bool {
			o, ok := element.(object)
			return ok && o["primary"] == true
		})
		v = list[max(chosen, 0)]
	}
	leaf := p.Leaf()
	if o, ok := v.(object); ok {
		if leaf.Type == schema.Complex {
			leaf = leaf.Sub("value")
		}
		v = o[leaf.Name]
	}
	switch v := v.(type) {
	case bool:
		if leaf.Type == schema.Boolean {
			return v
		}
	case json.Number:
		if f, err := v.Float64(); err == nil && (leaf.Type == schema.Integer || leaf.Type == schema.Decimal) {
			return f
		}
	case string:
		return textKey(leaf, v)
	}
	return nil
}

func textKey(leaf *schema.Attribute, s string) any {
	switch {
	case leaf.Type == schema.DateTime:
		if t, err := filter.ParseTime(s); err == nil {
			return t
		}
		return nil
	case s == "" || leaf.Type == schema.Boolean || leaf.Type == schema.Integer || leaf.Type == schema.Decimal:
		return nil
	case leaf.CaseExact:
		return s
	}
	return schema.Fold(s)
}

// compareKeys puts what has no key last.
func compareKeys(a, b any) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return 1
	case b == nil:
		return -1
	}
	switch a := a.(type) {
	case string:
		return strings.Compare(a, b.(string))
	case float64:
		return cmp.Compare(a, b.(float64))
	case time.Time:
		return a.Compare(b.(time.Time))
	case bool:
		if a == b.(bool) {
			return 0
		} else if a {
			return 1
		}
		return -1
	}
	return 0
}
