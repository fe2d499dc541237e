package scimapp

import (
	"context"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/desired"
	"github.com/scim-operator/scim-operator/internal/endpoint"
	"github.com/scim-operator/scim-operator/internal/phase"
)

// revokeReaders takes read tokens that the manifest does not list any more out of those that the endpoint accepts. It
// needs nothing and comes first: a token that leaked must not stay accepted because a grant, the tenant or Entra's token
// is not in order. New ones are handed on with the rest of the endpoint.
func (r *Reconciler) revokeReaders(ctx context.Context, s *scope) phase.Outcome {
	if external(s.app) != nil {
		return phase.Succeed("", "")
	}
	cm := &corev1.ConfigMap{}
	key := client.ObjectKey{Namespace: s.app.Namespace, Name: desired.TokensName(s.app.Name)}
	// Live, because what is written back must have every token that Entra may present.
	if err := r.Live.Get(ctx, key, cm); apierrors.IsNotFound(err) {
		return phase.Succeed("", "")
	} else if err != nil {
		return phase.Fail("EndpointNotApplied", fmt.Errorf("reading the accepted token hashes in ConfigMap %s: %w", key, err))
	}
	before := cm.Data[desired.HashesKey]
	after := desired.Revoke(s.app, before)
	if after == before {
		return phase.Succeed("", "")
	}
	if err := r.applyObject(ctx, s, desired.TokensConfigMap(r.wantedEndpoint(s), after)); err != nil {
		return phase.Fail("EndpointNotApplied", err)
	}
	return phase.Succeed("", "")
}

// readers says what the pod does not do yet with the read tokens; empty when it is up to date. A new one is handed on
// only where a grant covers the endpoint.
func (s *scope) readers(p servingPod) string {
	listed := desired.Readers(s.app)
	revoked := func(t endpoint.Token) bool {
		return t.Scope == endpoint.ScopeRead && !slices.ContainsFunc(listed, func(l v1alpha1.ReadToken) bool { return l.Name == t.ID })
	}
	if i := slices.IndexFunc(p.status.Tokens, revoked); i >= 0 {
		return "refuse read token " + p.status.Tokens[i].ID
	}
	for _, reader := range listed {
		if s.granted && !p.status.Accepts(reader.SHA256) {
			return "accept read token " + reader.Name
		}
	}
	return ""
}
