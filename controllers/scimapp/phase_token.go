package scimapp

import (
	"context"
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/desired"
	"github.com/scim-operator/scim-operator/internal/phase"
	"github.com/scim-operator/scim-operator/internal/token"
)

// secretRecheck is how soon a Secret of the user's is looked at again: it is not watched, for we may not list Secrets.
const secretRecheck = 30 * time.Second

// minProvided is the least length of a token of the user's for a managed endpoint. Whoever can read ConfigMaps can try
// guesses against its hash.
const minProvided = 32

// ensureToken finds the token that Entra is to present: the user's, or one of ours, which is minted when there is none.
func (r *Reconciler) ensureToken(ctx context.Context, s *scope) phase.Outcome {
	if ref := existingSecret(s.app); ref != nil {
		return r.readProvidedToken(ctx, s, *ref)
	}
	secret := &corev1.Secret{}
	key := client.ObjectKey{Namespace: r.OperatorNamespace, Name: desired.TokenSecretName(s.app.Namespace, s.app.Name)}
	err := r.Live.Get(ctx, key, secret)
	if apierrors.IsNotFound(err) {
		secret, err = r.mintToken(ctx, s, key)
	}
	if err != nil {
		return phase.Fail("TokenNotSaved", fmt.Errorf("getting the token's Secret %s: %w", key, err))
	}
	raw := string(secret.Data[desired.TokenKey])
	if raw == "" {
		return phase.Stall("TokenLost",
			"Secret %s has no key %q, so the token that Entra presents is unknown; delete the Secret, and the operator mints a new token and gives it to Entra", key, desired.TokenKey)
	}
	s.setToken(raw)
	if issued, err := time.Parse(time.RFC3339, string(secret.Data[desired.IssuedAtKey])); err == nil {
		s.app.Status.Token.IssuedAt = &metav1.Time{Time: issued}
	}
	return phase.Succeed(v1alpha1.ReasonTokenMinted, "the operator minted the token with fingerprint %s", token.Fingerprint(raw))
}

func (r *Reconciler) mintToken(ctx context.Context, s *scope, key client.ObjectKey) (*corev1.Secret, error) {
	secret := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: key.Namespace, Name: key.Name, Labels: desired.Labels(s.app)},
		Type:       corev1.SecretTypeOpaque,
		Data: map[string][]byte{
			desired.TokenKey:    []byte(token.Mint()),
			desired.IssuedAtKey: []byte(r.Clock.Now().UTC().Format(time.RFC3339)),
		},
	}
	if err := r.Client.Create(ctx, secret, client.FieldOwner(v1alpha1.FieldManager)); err != nil {
		return nil, fmt.Errorf("saving a new token: %w", err)
	}
	return secret, nil
}

func (r *Reconciler) readProvidedToken(ctx context.Context, s *scope, ref v1alpha1.LocalSecretKeyReference) phase.Outcome {
	const field = "spec.authentication.existingSecretRef"
	secret := &corev1.Secret{}
	err := r.Live.Get(ctx, client.ObjectKey{Namespace: s.app.Namespace, Name: ref.Name}, secret)
	switch {
	case apierrors.IsForbidden(err):
		return phase.Stall(v1alpha1.ReasonSecretNotReadable,
			"%s: the operator may not read Secrets in namespace %s; allow it with `kubectl create rolebinding scim-operator-app-secrets --namespace %s --clusterrole scim-operator-app-secrets --serviceaccount %s:%s`",
			field, s.app.Namespace, s.app.Namespace, r.OperatorNamespace, r.ServiceAccount).Recheck(secretRecheck)
	case apierrors.IsNotFound(err):
		return phase.Stall(v1alpha1.ReasonSecretNotReadable,
			"%s: there is no Secret %s in namespace %s; create it with the token under key %q and the label %s=true", field, ref.Name, s.app.Namespace, ref.Key, v1alpha1.LabelToken).Recheck(secretRecheck)
	case err != nil:
		return phase.Fail(v1alpha1.ReasonSecretNotReadable, fmt.Errorf("%s: %w", field, err))
	case secret.Labels[v1alpha1.LabelToken] != "true":
		return phase.Stall(v1alpha1.ReasonSecretNotReadable,
			"%s: Secret %s does not say that ScimApps may send it to Entra; whoever may write the Secret allows it with `kubectl label secret %s --namespace %s %s=true --overwrite`",
			field, ref.Name, ref.Name, s.app.Namespace, v1alpha1.LabelToken).Recheck(secretRecheck)
	}
	raw := strings.TrimSpace(string(secret.Data[ref.Key]))
	if raw == "" {
		return phase.Stall(v1alpha1.ReasonSecretNotReadable,
			"%s: Secret %s has nothing under key %q; put the token there", field, ref.Name, ref.Key).Recheck(secretRecheck)
	}
	if external(s.app) == nil && len(raw) < minProvided {
		return phase.Stall(v1alpha1.ReasonSecretNotReadable,
			"%s: the token in Secret %s has %d characters; its hash stands in a ConfigMap, so at least %d random ones are needed: make it with `openssl rand -hex 32`", field, ref.Name, len(raw), minProvided).Recheck(secretRecheck)
	}
	s.setToken(raw)
	s.app.Status.Token.IssuedAt = nil
	return phase.Succeed(v1alpha1.ReasonTokenProvided, "the token with fingerprint %s is from Secret %s", token.Fingerprint(raw), ref.Name)
}

func (s *scope) setToken(raw string) {
	s.token, s.tokenHash = raw, token.Hash(raw)
}
