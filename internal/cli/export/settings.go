package export

import (
	"net/url"
	"strings"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/entra/diff"
	"github.com/scim-operator/scim-operator/internal/provisioning"
)

// tokenKey is the key in the Secret that the reader is asked to make.
const tokenKey = "token"

func (b *builder) settings() error {
	have, err := diff.SettingsOf(b.in.Secrets)
	if err != nil {
		return err
	}
	app := &b.out.App
	p := &v1alpha1.ProvisioningSpec{State: v1alpha1.ProvisioningPaused, Scope: v1alpha1.ScopeAssigned, OutOfScope: v1alpha1.OutOfScopeDisable}
	if b.in.Job.Schedule == entra.ScheduleActive {
		p.State = v1alpha1.ProvisioningRunning
	}
	if have.SyncAll {
		p.Scope = v1alpha1.ScopeAll
	}
	if have.KeepOutOfScope {
		p.OutOfScope = v1alpha1.OutOfScopeKeep
	}
	p.AccidentalDeletions = &v1alpha1.AccidentalDeletions{Protection: v1alpha1.ProtectionDisabled}
	if have.GuardDeletions {
		p.AccidentalDeletions.Protection = v1alpha1.ProtectionEnabled
	}
	if have.DeleteThreshold > 0 {
		p.AccidentalDeletions.Threshold = &have.DeleteThreshold
	}
	app.Spec.Provisioning = p
	b.notification(have.NotificationEmail)
	b.endpoint(have.BaseAddress)
	return nil
}

func (b *builder) notification(recipients string) {
	if strings.ContainsAny(recipients, "; ,") {
		b.note(true, "spec.provisioning", "Entra writes to several addresses (%s), and a ScimApp has one: name a mail group in notificationEmail", recipients)
		return
	}
	b.out.App.Spec.Provisioning.NotificationEmail = recipients
}

// endpoint is the server that Entra talks to. Its token cannot be read: whoever has it puts it into a Secret.
func (b *builder) endpoint(address string) {
	app := &b.out.App
	u, err := url.Parse(address)
	if err != nil || address == "" {
		b.note(true, "", "Entra has no address of a SCIM server for this application, so the operator would deploy one of its own; set spec.endpoint.external if there is one")
		return
	}
	switch u.RawQuery {
	case "":
	case provisioning.RFCPatch, provisioning.RFCPatch + "=":
		app.Spec.Compatibility = v1alpha1.CompatibilityRFC
	default:
		b.note(true, "spec.endpoint", "the address in Entra has the query %q, which a ScimApp cannot have; it is left out", u.RawQuery)
	}
	u.RawQuery, u.ForceQuery = "", false
	app.Spec.Endpoint = &v1alpha1.EndpointSpec{External: &v1alpha1.ExternalEndpoint{URL: u.String()}}
	app.Spec.Authentication = &v1alpha1.AuthenticationSpec{ExistingSecretRef: &v1alpha1.LocalSecretKeyReference{Name: b.in.Name + "-scim-token", Key: tokenKey}}
	if written := provisioning.Settings(app, u.String(), "").BaseAddress; app.Spec.Compatibility == v1alpha1.CompatibilityRFC && written != address {
		b.note(true, "spec.compatibility", "Entra has the address as %s, and the operator writes it as %s", address, written)
	}
	if u.Scheme != "https" {
		b.note(true, "spec.endpoint", "the address is not https, and the API server refuses it")
	}
}

// preconditions are what has to be there before the manifests are applied.
func (b *builder) preconditions() {
	b.note(false, "", "before this is applied, make the operator (status.identity of EntraTenant %s) an owner of the application and of its service principal in Entra, unless it has Application.ReadWrite.All", b.in.Tenant)
	b.note(false, "", "also a grant of EntraTenant %s for namespace %s needs adopt: [{servicePrincipalID: %s, app: %s}]%s",
		b.in.Tenant, b.in.Namespace, b.in.ServicePrincipal.ID, b.in.Name, b.hosts())
	if b.out.App.Spec.Authentication != nil {
		b.note(false, "spec.authentication", "the token cannot be read from Entra: create this Secret with the token that the server accepts now, and the label scim-operator.io/token: \"true\"")
	}
}

func (b *builder) hosts() string {
	e := b.out.App.Spec.Endpoint
	if e == nil {
		return ""
	}
	u, err := url.Parse(e.External.URL)
	if err != nil || u.Hostname() == "" {
		return ""
	}
	return ", endpointHosts: [" + u.Hostname() + "] and the groups and users below"
}
