package scimapp

import (
	"context"
	"slices"

	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/mark"
	"github.com/scim-operator/scim-operator/internal/provisioning"
)

// release takes our mark off an application that stays in Entra, so that another ScimApp may take it up. On one that
// the operator made the kept mark comes in its place, by which the same manifest finds it.
func release(ctx context.Context, s *scope) error {
	st := s.app.Status.Application
	if st.ApplicationID == "" {
		return nil
	}
	application, err := s.directory.Application(ctx, st.ApplicationID)
	if entra.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	if tags, differ := s.released(application.Tags); differ {
		if err := s.directory.UpdateApplication(ctx, application.ID, entra.ApplicationPatch{Tags: tags}); err != nil {
			return err
		}
	}
	sp, err := s.directory.ServicePrincipal(ctx, st.ServicePrincipalID)
	if entra.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	if tags, differ := s.released(sp.Tags); differ {
		return s.directory.UpdateServicePrincipal(ctx, sp.ID, entra.ServicePrincipalPatch{Tags: tags})
	}
	return nil
}

// released gives the tags without our mark, and false where they do not have it.
func (s *scope) released(have []string) ([]string, bool) {
	i := slices.Index(have, s.marker())
	if i < 0 {
		return nil, false
	}
	tags := slices.Delete(slices.Clone(have), i, i+1)
	if !provisioning.Adopts(s.app) {
		tags = append(tags, mark.Kept(s.tenant.Spec.Instance, s.app.Namespace, s.app.Name))
	}
	return tags, true
}
