package config

import (
	"cmp"
	"net/url"
	"slices"

	"github.com/google/uuid"
)

// validate checks what the form alone does not; each message names the key and the remedy.
func (f File) validate() error {
	if f.Limits.RequestsPerSecond < 1 {
		return fault("limits.requestsPerSecond", "is too low: write 1 or more, or leave it out for 200")
	}
	if f.Limits.Burst < 1 {
		return fault("limits.burst", "is too low: write 1 or more, or leave it out for 1000")
	}
	if keep := f.Retention; f.Delivery.Webhook != nil && keep.Audit > 0 && keep.Audit < max(keep.Outbox, keep.DeadLetters) {
		// An event is made of its record.
		return fault("retention.audit", "is shorter than retention.outbox or retention.deadLetters: write the longest of them or more")
	}
	return cmp.Or(f.ExpectedStore.validate(), f.Delivery.Webhook.validate(), f.EntraToken.validate())
}

func (e *ExpectedStore) validate() error {
	switch {
	case e == nil:
		return nil
	case uuid.Validate(e.ID) != nil:
		return fault("expectedStore.id", "is no UUID: write the storeID that /statusz shows")
	case e.Sequence < 0:
		return fault("expectedStore.sequence", "is negative: write a sequence that /statusz showed, or 0")
	}
	return nil
}

func (w *Webhook) validate() error {
	if w == nil {
		return nil
	}
	u, err := url.Parse(w.URL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.Fragment != "" {
		return fault("delivery.webhook.url", "is no such URL: write http://host[:port]/path or https://…, without a user or password")
	}
	if w.SigningSecretFile == "" {
		return fault("delivery.webhook.signingSecretFile", "is required: name the file that holds the secret, whsec_<base64>")
	}
	return nil
}

func (e *EntraToken) validate() error {
	noUUID := func(id string) bool { return uuid.Validate(id) != nil }
	switch {
	case e == nil:
		return nil
	case noUUID(e.TenantID):
		return fault("entraToken.tenantID", "is no UUID: write the ID of the tenant whose tokens are accepted")
	case len(e.Audiences) == 0 || slices.Contains(e.Audiences, ""):
		return fault("entraToken.audiences", "is empty or has an empty element: write the audiences that are accepted")
	case len(e.AllowedAppIDs) == 0 || slices.ContainsFunc(e.AllowedAppIDs, noUUID):
		return fault("entraToken.allowedAppIDs", "is empty or has an element that is no UUID: write the application IDs that may call")
	}
	return nil
}
