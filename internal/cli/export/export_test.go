package export

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/mapping/defaults"
)

const (
	servicePrincipal = "11111111-2222-4333-8444-555555555555"
	basicRole        = "00000000-0000-4000-8000-000000000001"
	editorRole       = "00000000-0000-4000-8000-000000000002"
	hiddenRole       = "00000000-0000-4000-8000-000000000003"
)

// source is an application with Entra's default mapping; change makes it differ.
func source(change func(*Source)) Source {
	users := []string{"User"}
	in := Source{
		Name: "wiki", Namespace: "docs", Tenant: "contoso",
		ServicePrincipal: entra.ServicePrincipal{ID: servicePrincipal, DisplayName: "Wiki", AppRoles: []entra.AppRole{
			{ID: basicRole, DisplayName: "User", IsEnabled: true, AllowedMemberTypes: users},
			{ID: editorRole, Value: "editor", DisplayName: "Editor", Description: "May edit.", IsEnabled: true, AllowedMemberTypes: users},
			{ID: hiddenRole, Value: "old", DisplayName: "Old", AllowedMemberTypes: users},
		}},
		Job:     entra.Job{Schedule: entra.ScheduleActive},
		Secrets: entra.Secrets{entra.SecretBaseAddress: "https://wiki.example.com/scim/v2", entra.SecretSyncAll: "False"},
		Live:    defaults.Schema(), Template: defaults.Schema(),
	}
	in.Application = entra.Application{DisplayName: "Wiki", AppRoles: in.ServicePrincipal.AppRoles}
	if change != nil {
		change(&in)
	}
	return in
}

func TestTheScimAppSaysWhatEntraHas(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Source)
		// spec has the members of the ScimApp's spec that the case is about.
		spec string
	}{
		"an application that somebody else made": {nil, `application: {creationPolicy: AdoptOnly, servicePrincipalID: ` + servicePrincipal + `, displayName: Wiki, appRoles: [{value: editor, displayName: Editor, description: May edit.}]}`},
		"roles that nothing maps":                {nil, `roles: None`},
		"a job that runs, without protection":    {nil, `provisioning: {state: Running, scope: Assigned, outOfScope: Disable, accidentalDeletions: {protection: Disabled}}`},
		"a job that is paused": {
			func(s *Source) { s.Job.Schedule = entra.SchedulePaused },
			`provisioning: {state: Paused, scope: Assigned, outOfScope: Disable, accidentalDeletions: {protection: Disabled}}`,
		},
		"all settings": {
			func(s *Source) {
				s.Secrets[entra.SecretSyncAll], s.Secrets[entra.SecretSkipOutOfScopeDeletions] = "true", "True"
				s.Secrets[entra.SecretSyncNotificationSettings] = `{"Enabled":true,"Recipients":"iam@contoso.com","DeleteThresholdEnabled":true,"DeleteThresholdValue":50}`
			},
			`provisioning: {state: Running, scope: All, outOfScope: Keep, notificationEmail: iam@contoso.com, accidentalDeletions: {protection: Enabled, threshold: 50}}`,
		},
		"an address":             {nil, `endpoint: {external: {url: "https://wiki.example.com/scim/v2"}}`},
		"a Secret for its token": {nil, `authentication: {existingSecretRef: {name: wiki-scim-token, key: token}}`},
		"a flag in the address": {func(s *Source) {
			s.Secrets[entra.SecretBaseAddress] = "https://wiki.example.com/scim/?aadOptscim062020"
		}, `compatibility: RFC`},
		"an address with the flag": {func(s *Source) {
			s.Secrets[entra.SecretBaseAddress] = "https://wiki.example.com/scim/?aadOptscim062020"
		}, `endpoint: {external: {url: "https://wiki.example.com/scim/"}}`},
		"assignments": {
			func(s *Source) {
				s.Assignments = []entra.Assignment{
					{PrincipalID: "u1", PrincipalKind: entra.PrincipalUser, PrincipalDisplayName: "Zoë Roe", AppRoleID: editorRole},
					{PrincipalID: "g2", PrincipalKind: entra.PrincipalGroup, PrincipalDisplayName: "Wiki: Editors", AppRoleID: editorRole},
					{PrincipalID: "g1", PrincipalKind: entra.PrincipalGroup, PrincipalDisplayName: "Wiki: Editors", AppRoleID: basicRole},
					{PrincipalID: "s1", PrincipalKind: "ServicePrincipal", PrincipalDisplayName: "Robot", AppRoleID: basicRole},
					{PrincipalID: "g3", PrincipalKind: entra.PrincipalGroup, PrincipalDisplayName: "Others", AppRoleID: hiddenRole},
				}
			},
			`assignments: [{name: wiki-editors, group: {objectID: g1, displayName: "Wiki: Editors"}}, {name: wiki-editors-2, group: {objectID: g2, displayName: "Wiki: Editors"}, appRole: editor}, {name: zoe-roe, user: {objectID: u1}, appRole: editor}]`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			m, err := New(source(c.change))
			if err != nil {
				t.Fatal(err)
			}
			var want, got map[string]any
			raw, err := yaml.Marshal(m.App.Spec)
			if err == nil {
				err = yaml.Unmarshal(raw, &got)
			}
			if err == nil {
				err = yaml.Unmarshal([]byte(c.spec), &want)
			}
			if err != nil {
				t.Fatal(err)
			}
			for member := range want {
				if d := cmp.Diff(want[member], got[member]); d != "" {
					t.Errorf("spec.%s (-want +got):\n%s", member, d)
				}
			}
			if len(m.Mappings) != 0 {
				t.Errorf("Entra's default mapping is exported as %+v", m.Mappings)
			}
		})
	}
}

func TestWhatCannotBeSaidIsNoted(t *testing.T) {
	for name, c := range map[string]struct {
		change  func(*Source)
		says    string
		differs bool
	}{
		"a service principal that is assigned": {
			func(s *Source) {
				s.Assignments = []entra.Assignment{{PrincipalID: "s1", PrincipalKind: "ServicePrincipal", PrincipalDisplayName: "Robot", AppRoleID: basicRole}}
			}, "ServicePrincipal s1 (Robot) is assigned and left out", false,
		},
		"a role without a value that is not the basic one": {
			func(s *Source) {
				s.Assignments = []entra.Assignment{{PrincipalID: "g1", PrincipalKind: entra.PrincipalGroup, PrincipalDisplayName: "Others", AppRoleID: hiddenRole}}
			}, "Others is assigned with role " + hiddenRole, false,
		},
		"several addresses for mail": {
			func(s *Source) {
				s.Secrets[entra.SecretSyncNotificationSettings] = `{"Enabled":true,"Recipients":"a@contoso.com;b@contoso.com"}`
			}, "name a mail group", true,
		},
		"no address of a server":     {func(s *Source) { delete(s.Secrets, entra.SecretBaseAddress) }, "the operator would deploy one of its own", true},
		"an unknown flag":            {func(s *Source) { s.Secrets[entra.SecretBaseAddress] += "?other" }, `has the query "other"`, true},
		"a flag without a slash":     {func(s *Source) { s.Secrets[entra.SecretBaseAddress] += "?aadOptscim062020" }, "and the operator writes it as https://wiki.example.com/scim/v2/?aadOptscim062020", true},
		"an address without TLS":     {func(s *Source) { s.Secrets[entra.SecretBaseAddress] = "http://wiki.example.com/scim" }, "is not https", true},
		"two names":                  {func(s *Source) { s.ServicePrincipal.DisplayName = "Wiki (old)" }, "without displayName both stay as they are", false},
		"the grant that is needed":   {nil, "adopt: [{servicePrincipalID: " + servicePrincipal + ", app: wiki}], endpointHosts: [wiki.example.com]", false},
		"the token that is not read": {nil, "the token cannot be read from Entra", false},
	} {
		t.Run(name, func(t *testing.T) {
			m, err := New(source(c.change))
			if err != nil {
				t.Fatal(err)
			}
			for _, note := range m.Notes {
				if strings.Contains(note.Message, c.says) && note.Differs == c.differs {
					return
				}
			}
			t.Errorf("no note says %q (differs: %t): %+v", c.says, c.differs, m.Notes)
		})
	}
}

func TestWriteKeepsTextsTexts(t *testing.T) {
	m := Manifests{App: v1alpha1.ScimApp{TypeMeta: typeMeta("ScimApp")}, Notes: []Note{{Path: "spec.application.notes", Message: "above notes"}, {Message: "on top"}}}
	m.App.Name = "on"
	m.App.Spec.TenantRef.Name = "0x10"
	m.App.Spec.Application = &v1alpha1.ApplicationSpec{DisplayName: "yes", Notes: "say \"hi\" # or not", ServiceManagementReference: "1e3"}
	var out bytes.Buffer
	if err := Write(&out, m); err != nil {
		t.Fatal(err)
	}
	const want = `# on top
apiVersion: scim-operator.io/v1alpha1
kind: ScimApp
metadata:
  name: "on"
spec:
  tenantRef:
    name: "0x10"
  application:
    displayName: "yes"
    # above notes
    notes: 'say "hi" # or not'
    serviceManagementReference: "1e3"
`
	if d := cmp.Diff(want, out.String()); d != "" {
		t.Errorf("written (-want +got):\n%s", d)
	}
	var read v1alpha1.ScimApp
	if err := yaml.UnmarshalStrict(out.Bytes(), &read); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(m.App.Spec, read.Spec); d != "" {
		t.Errorf("read again (-want +got):\n%s", d)
	}
}

func TestNames(t *testing.T) {
	for in, want := range map[string]string{
		"Käse & Wiki": "kase-wiki", "42 Things": "things", "***": "entry", "Ünïcode": "unicode", "日本": "entry",
		"A very long name of an application that goes on": "a-very-long-name-of-an-application-that",
	} {
		if got := AppName(in); got != want {
			t.Errorf("the app of %q is %q, want %q", in, got, want)
		}
	}
}
