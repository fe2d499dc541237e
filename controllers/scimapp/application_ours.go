package scimapp

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/entra/diff"
	"github.com/scim-operator/scim-operator/internal/mark"
	"github.com/scim-operator/scim-operator/internal/phase"
	"github.com/scim-operator/scim-operator/internal/provisioning"
)

// clockSkew is how far Entra's clock may be behind ours.
const clockSkew = 5 * time.Minute

// checkOurs tells whether an application that was found by our mark or creation name may be taken up. Mark and name are no
// secrets: who may register applications in the tenant can make one that bears them. To be of use to him it has to be his
// to change afterwards, and so he has to own it: ADR 0001 has what that leaves open.
func checkOurs(ctx context.Context, s *scope, found entra.Application, sp entra.ServicePrincipal) phase.Outcome {
	if owner := claimant(s.marker(), found, sp); owner != "" {
		return claimed(s, found, sp, owner)
	}
	if found.TemplateID == "" {
		return phase.Stall(v1alpha1.ReasonApplicationClaimed,
			"application %s has our name or mark and was not made from an application template, so it is not ours and cannot be provisioned; rename or delete it in Entra", found.ID)
	}
	strangers, err := strangers(ctx, s, found.ID, sp.ID)
	switch {
	case entra.IsNotFound(err):
		return phase.Wait(v1alpha1.ReasonReplicating, replicationRecheck, "the owners of application %s do not show yet", found.ID)
	case err != nil:
		return phase.Fail(v1alpha1.ReasonGraphUnreachable, err)
	case len(strangers) > 0:
		return phase.Stall(v1alpha1.ReasonApplicationClaimed,
			"application %s has our name or mark and is owned by %s, who could change all that the operator sets there, so it is not taken up; if it is this ScimApp's, remove the owner in Entra or name it in spec.application.owners, else delete the application there",
			found.ID, strings.Join(strangers, ", "))
	}
	return phase.Succeed("", "")
}

// strangers are the owners of an application, and of its service principal unless that is empty, who are neither we nor
// declared.
func strangers(ctx context.Context, s *scope, applicationID, servicePrincipalID string) ([]string, error) {
	known, err := wantedOwners(ctx, s)
	if err != nil {
		return nil, err
	}
	owners, err := s.directory.ApplicationOwners(ctx, applicationID)
	if err != nil {
		return nil, err
	}
	if servicePrincipalID != "" {
		more, err := s.directory.ServicePrincipalOwners(ctx, servicePrincipalID)
		if err != nil {
			return nil, err
		}
		owners = append(owners, more...)
	}
	slices.Sort(owners)
	return diff.Missing(known, slices.Compact(owners)), nil
}

// wantedOwners are we and the declared owners.
func wantedOwners(ctx context.Context, s *scope) ([]string, error) {
	identity, err := s.directory.Identity(ctx)
	if err != nil {
		return nil, err
	}
	want := []string{identity.ObjectID}
	for _, id := range provisioning.ApplicationSpec(s.app).Owners {
		want = append(want, string(id))
	}
	return want, nil
}

// madeBefore is true for an application that is older than our request, so that it cannot be what the request made.
func madeBefore(found entra.Application, st *v1alpha1.ApplicationStatus) bool {
	return st.RequestedAt != nil && !found.CreatedAt.IsZero() && found.CreatedAt.Before(st.RequestedAt.Add(-clockSkew))
}

// claimant gives the mark of another ScimApp, or nothing.
func claimant(marker string, application entra.Application, sp entra.ServicePrincipal) string {
	for _, tag := range slices.Concat(application.Tags, sp.Tags) {
		if mark.IsClaim(tag) && tag != marker {
			return tag
		}
	}
	return ""
}

func claimed(s *scope, application entra.Application, sp entra.ServicePrincipal, owner string) phase.Outcome {
	return phase.Stall(v1alpha1.ReasonApplicationClaimed,
		"application %s carries the mark %q of another ScimApp; two must not manage one application: delete that ScimApp with deletionPolicy: Retain, which takes the mark off and leaves the application, or delete this one; "+
			"if that one is gone, take the tag off yourself: `%s` and `%s`", application.ID, owner,
		untag(s, "applications/"+application.ID, application.Tags, owner), untag(s, "servicePrincipals/"+sp.ID, sp.Tags, owner))
}

// untag is the command that takes a tag off. Graph replaces the whole list. Tags are anybody's text who may change the
// application, so they are quoted for the shell. The Azure CLI asks for a token by its own cloud's addresses, unless it is
// told for whom the token is.
func untag(s *scope, object string, tags []string, owner string) string {
	root := entra.Cloud(s.tenant.Spec.Cloud).GraphRoot()
	if custom := s.tenant.Spec.Custom; custom != nil {
		root = custom.GraphURL
	}
	rest := slices.DeleteFunc(slices.Clone(tags), func(tag string) bool { return tag == owner })
	body, err := json.Marshal(map[string][]string{"tags": append([]string{}, rest...)})
	if err != nil {
		return err.Error() // texts can always be encoded
	}
	return "az rest --method PATCH --resource " + root + " --url " + root + "/v1.0/" + object + " --body '" + strings.ReplaceAll(string(body), "'", `'\''`) + "'"
}
