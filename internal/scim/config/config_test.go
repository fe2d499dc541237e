package config

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/scim-operator/scim-operator/internal/scim/schema"
)

const complete = `
revision: r1
schemas:
- id: urn:ietf:params:scim:schemas:extension:wiki:2.0:User
  name: wiki
  resourceType: User
  attributes: [{name: shelf, type: string, caseExact: true}]
expectedStore: {id: 7f1c7c3e-9a43-4b8e-8c7c-2f8f7b6c8a01, sequence: 1234}
rebind: Allow
unknownMembers: Ignore
groupNames: Unique
patchAnswer: {users: NoContent}
retention: {inactive: 4320h, outbox: 168h, deadLetters: 720h, audit: 0}
delivery: {webhook: {url: "http://wiki.docs.svc/hooks/scim", signingSecretFile: /etc/scim-endpoint/webhook/secret}}
limits: {requestsPerSecond: 50}
entraToken: {tenantID: 0b0cf1c5-7a1c-4c7e-a2ab-b8a7a6f4f001, audiences: [api], allowedAppIDs: [0b0cf1c5-7a1c-4c7e-a2ab-b8a7a6f4f002]}
`

func TestParseReadsEveryKey(t *testing.T) {
	got, registry, err := Parse([]byte(complete))
	if err != nil {
		t.Fatal(err)
	}
	want := File{
		Revision: "r1",
		Schemas: []schema.ExtensionSchema{{
			ID: "urn:ietf:params:scim:schemas:extension:wiki:2.0:User", Name: "wiki", ResourceType: "User",
			Attributes: []schema.ExtensionAttribute{{Name: "shelf", Type: "string", CaseExact: true}},
		}},
		ExpectedStore: &ExpectedStore{ID: "7f1c7c3e-9a43-4b8e-8c7c-2f8f7b6c8a01", Sequence: 1234},
		Rebind:        RebindAllow, UnknownMembers: UnknownMembersIgnore, GroupNames: GroupNamesUnique,
		PatchAnswer: PatchAnswers{Users: PatchAnswerNoContent},
		Retention:   Retention{Inactive: Duration(4320 * time.Hour), Outbox: Duration(168 * time.Hour), DeadLetters: Duration(720 * time.Hour)},
		Delivery:    Delivery{Webhook: &Webhook{URL: "http://wiki.docs.svc/hooks/scim", SigningSecretFile: "/etc/scim-endpoint/webhook/secret"}},
		Limits:      Limits{RequestsPerSecond: 50, Burst: 1000},
		EntraToken:  &EntraToken{TenantID: "0b0cf1c5-7a1c-4c7e-a2ab-b8a7a6f4f001", Audiences: []string{"api"}, AllowedAppIDs: []string{"0b0cf1c5-7a1c-4c7e-a2ab-b8a7a6f4f002"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("file (-want +got):\n%s", diff)
	}
	if registry.ResourceType(schema.User).Extension("urn:ietf:params:scim:schemas:extension:wiki:2.0:User") == nil {
		t.Error("the registry lacks the extension")
	}
}

func TestAnEmptyFileMeansTheDefaults(t *testing.T) {
	for _, content := range []string{"", "# nothing\n", "retention:\n", "delivery: {webhook: }\n"} {
		got, _, err := Parse([]byte(content))
		if diff := cmp.Diff(defaults(), got, cmpopts.EquateEmpty()); diff != "" || err != nil {
			t.Errorf("%q: %v (-want +got):\n%s", content, err, diff)
		}
	}
}

func TestErrorsNameTheKeyAndTheRemedyAndNoValue(t *testing.T) {
	const marker = "Hunter2"
	const entra = "entraToken: {tenantID: 0b0cf1c5-7a1c-4c7e-a2ab-b8a7a6f4f001, audiences: [a], allowedAppIDs: [0b0cf1c5-7a1c-4c7e-a2ab-b8a7a6f4f001]}"
	for name, c := range map[string]struct{ content, key, remedy string }{
		"an unknown key":                 {"\nsecret: Hunter2", "secret (line 2)", "write one of revision"},
		"an unknown key inside":          {"limits: {rps: Hunter2}", "limits.rps (line 1)", "requestsPerSecond, burst"},
		"an unknown key in a list":       {"schemas:\n- {id: x}\n- {kind: x}", "schemas[1].kind (line 3)", "resourceType"},
		"a key twice":                    {"revision: Hunter2\nrevision: b", "revision (line 2)", "remove one"},
		"a text for a number":            {"limits: {burst: Hunter2}", "limits.burst (line 1)", "a whole number"},
		"a fraction for a number":        {"limits: {burst: 1.5}", "limits.burst (line 1)", "a whole number"},
		"a list for a text":              {"revision: [Hunter2]", "revision (line 1)", "a text"},
		"a text for a list":              {"schemas: Hunter2", "schemas (line 1)", "a list"},
		"a text for keys":                {"delivery: Hunter2", "delivery (line 1)", "keys and values"},
		"a text for the file":            {"Hunter2", "the file (line 1)", "keys and values"},
		"a text for a boolean":           {"schemas: [{attributes: [{caseExact: Hunter2}]}]", "schemas[0].attributes[0].caseExact", "true or false"},
		"an alias":                       {"revision: &a Hunter2\nrebind: *a", "rebind (line 2)", "the value itself"},
		"two documents":                  {"revision: a\n---\nrevision: Hunter2", "more than one", "write one"},
		"a time span without a unit":     {"retention: {inactive: 4320}", "retention.inactive (line 1)", "720h"},
		"a time span in days":            {"retention: {audit: 180d}", "retention.audit (line 1)", "720h"},
		"a negative time span":           {"retention: {outbox: -1h}", "retention.outbox (line 1)", "720h"},
		"a list for a time span":         {"retention: {deadLetters: [1h]}", "retention.deadLetters (line 1)", "720h"},
		"an unknown rebind":              {"rebind: Hunter2", "rebind (line 1)", "Refuse or Allow"},
		"an unknown policy for members":  {"unknownMembers: Hunter2", "unknownMembers (line 1)", "Reject or Ignore"},
		"an unknown policy for groups":   {"groupNames: Hunter2", "groupNames (line 1)", "Any or Unique"},
		"an unknown answer to a PATCH":   {"patchAnswer: {groups: Hunter2}", "patchAnswer.groups (line 1)", "Resource or NoContent"},
		"no requests at all":             {"limits: {requestsPerSecond: 0}", "limits.requestsPerSecond (line 1)", "1 or more"},
		"no burst":                       {"revision: a\nlimits:\n  burst: -1", "limits.burst (line 3)", "1 or more"},
		"a store that is no UUID":        {"expectedStore:\n  id: Hunter2", "expectedStore.id (line 2)", "/statusz"},
		"a negative sequence":            {"expectedStore: {id: 7f1c7c3e-9a43-4b8e-8c7c-2f8f7b6c8a01, sequence: -1}", "expectedStore.sequence", "/statusz"},
		"a webhook without a URL":        {"delivery: {webhook: {signingSecretFile: /s}}", "delivery.webhook.url (line 1)", "http://host"},
		"a webhook with a password":      {"delivery: {webhook: {url: 'https://a:Hunter2@b/', signingSecretFile: /s}}", "delivery.webhook.url", "without a user"},
		"a webhook of another protocol":  {"delivery: {webhook: {url: 'file:///Hunter2', signingSecretFile: /s}}", "delivery.webhook.url (line 1)", "http://host"},
		"a webhook without a secret":     {"delivery:\n  webhook:\n    url: 'https://b/'", "delivery.webhook.signingSecretFile (line 3)", "whsec_"},
		"tokens of no tenant":            {strings.Replace(entra, "tenantID: 0b", "tenantID: xx", 1), "entraToken.tenantID", "the tenant"},
		"tokens for no audience":         {strings.Replace(entra, "[a]", "[]", 1), "entraToken.audiences (line 1)", "audiences"},
		"tokens for an empty audience":   {strings.Replace(entra, "[a]", "['']", 1), "entraToken.audiences", "audiences"},
		"tokens of any application":      {strings.Replace(entra, "[0b0cf1c5-7a1c-4c7e-a2ab-b8a7a6f4f001]", "[]", 1), "entraToken.allowedAppIDs", "application IDs"},
		"an application that is no UUID": {strings.Replace(entra, "[0b0cf1c5-7a1c-4c7e-a2ab-b8a7a6f4f001]", "[Hunter2]", 1), "entraToken.allowedAppIDs", "application IDs"},
		"records that go before their events": {
			"delivery: {webhook: {url: 'http://b/', signingSecretFile: /s}}\nretention: {audit: 1h, outbox: 2h}", "retention.audit (line 2)", "or more",
		},
		"what is no YAML":                  {"a: [", "parsing YAML", "line 1"},
		"a schema with a wrong identifier": {"schemas: [{id: x, resourceType: User}]", "schema", "URN"},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := Parse([]byte(c.content))
			if err == nil {
				t.Fatal("it is accepted")
			}
			if text := err.Error(); !strings.Contains(text, c.key) || !strings.Contains(text, c.remedy) || strings.Contains(text, marker) {
				t.Errorf("the error is %q; want %q and %q in it, and not the value", text, c.key, c.remedy)
			}
		})
	}
}

func TestAFileThatCannotBeReadIsNamedWithTheRemedy(t *testing.T) {
	folder := t.TempDir()
	absent := filepath.Join(folder, "absent.yaml")
	for path, want := range map[string]string{
		absent: "there is no file " + absent + ": correct the name, or leave it out",
		folder: folder + " has to be a file that the user that runs scim-endpoint may read",
	} {
		if _, err := Load(path, Gates{}, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q in it", err, want)
		}
	}
}

func TestTheFeatureGateGuardsEntraTokens(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(path, []byte(complete), 0o600); err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	if _, err := Load(path, Gates{}, log); err == nil || !strings.Contains(err.Error(), "--feature-gates EntraTokens=true") {
		t.Errorf("without the gate: %v, want the flag named", err)
	}
	if _, err := Load(path, Gates{EntraTokens: true}, log); err != nil {
		t.Errorf("with the gate: %v", err)
	}
}

func TestSubscribersHearOfEachGoodReload(t *testing.T) {
	l, err := Load("", Gates{}, slog.New(slog.NewTextHandler(t.Output(), nil)))
	if err != nil {
		t.Fatal(err)
	}
	var heard []string
	l.Subscribe(func(f File) { heard = append(heard, f.Revision) })
	for _, content := range []string{"revision: a", "unknown: b", "revision: c"} {
		l.reloaded(l.apply([]byte(content)))
	}
	if diff := cmp.Diff([]string{"", "a", "c"}, heard); diff != "" {
		t.Errorf("revisions heard of (-want +got):\n%s", diff)
	}
	if l.Err() != nil || l.Revision() != "c" {
		t.Errorf("revision %q, error %v; want c and none", l.Revision(), l.Err())
	}
}

func TestARevisionIsShownOnlyWhenEverySubscriberHasIt(t *testing.T) {
	l, err := Load("", Gates{}, slog.New(slog.NewTextHandler(t.Output(), nil)))
	if err != nil {
		t.Fatal(err)
	}
	l.Subscribe(func(f File) {
		if f.Revision != "" && l.Revision() == f.Revision {
			t.Errorf("revision %s is shown while a subscriber still has the one before", f.Revision)
		}
	})
	if err := l.apply([]byte("revision: a")); err != nil {
		t.Fatal(err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(complete))
	f.Add([]byte("a: &a [*a]"))
	f.Fuzz(func(t *testing.T, content []byte) {
		file, registry, err := Parse(content)
		if err == nil && (registry == nil || file.Limits.Burst < 1) {
			t.Error("a file was accepted without a registry or limits")
		}
	})
}
