package endpoint

import (
	"context"
	"reflect"
	"time"

	"github.com/scim-operator/scim-operator/internal/scim/auth"
	"github.com/scim-operator/scim-operator/internal/scim/config"
	"github.com/scim-operator/scim-operator/internal/scim/delivery"
	"github.com/scim-operator/scim-operator/internal/scim/retention"
	"github.com/scim-operator/scim-operator/internal/scim/server"
)

// settings, webhook and retention hand what the configuration says to who asks for it, each time anew.

func (e *Endpoint) settings() server.Settings {
	f := e.config.File()
	return server.Settings{
		Rebind: server.Rebind(f.Rebind), UnknownMembers: server.UnknownMembers(f.UnknownMembers),
		GroupNames: server.GroupNames(f.GroupNames), PatchUsers: server.PatchAnswer(f.PatchAnswer.Users), PatchGroups: server.PatchAnswer(f.PatchAnswer.Groups),
		RequestsPerSecond: float64(f.Limits.RequestsPerSecond), Burst: f.Limits.Burst,
	}
}

func (e *Endpoint) webhook() delivery.Webhook {
	hook := e.config.File().Delivery.Webhook
	if hook == nil {
		return delivery.Webhook{}
	}
	return delivery.Webhook{URL: hook.URL, SecretFile: hook.SigningSecretFile}
}

func (e *Endpoint) retention() retention.Policy {
	r := e.config.File().Retention
	return retention.Policy{
		Inactive: time.Duration(r.Inactive), Outbox: time.Duration(r.Outbox), DeadLetters: time.Duration(r.DeadLetters), Audit: time.Duration(r.Audit),
	}
}

// entraTokens brings the verifier to what the configuration says of tokens that Entra issues.
type entraTokens struct {
	options  Options
	verifier *auth.Verifier
	inForce  *config.EntraToken
}

// use keeps the keys that were fetched as long as nothing changes.
func (t *entraTokens) use(ctx context.Context, want *config.EntraToken) {
	if reflect.DeepEqual(want, t.inForce) {
		return
	}
	t.inForce = want
	if want == nil {
		t.verifier.UseEntra(nil)
		return
	}
	e, err := auth.NewEntra(ctx, auth.EntraOptions{
		TenantID: want.TenantID, Audiences: want.Audiences, AllowedAppIDs: want.AllowedAppIDs,
		Authority: t.options.EntraAuthority, Log: t.options.Log, Now: t.options.Now,
	})
	if err != nil {
		t.options.Log.Error("tokens of Entra are not accepted", "error", err)
	}
	t.verifier.UseEntra(e)
}
