package export

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/entra/diff"
)

// The limits of a ScimApp.
const (
	maxAssignments    = 1500
	maxAssignmentName = 63
	maxAppName        = 40
)

func (b *builder) assignments() {
	live := slices.Clone(b.in.Assignments)
	slices.SortStableFunc(live, func(x, y entra.Assignment) int {
		return cmp.Or(cmp.Compare(x.PrincipalKind, y.PrincipalKind), cmp.Compare(x.PrincipalDisplayName, y.PrincipalDisplayName),
			cmp.Compare(x.PrincipalID, y.PrincipalID), cmp.Compare(x.AppRoleID, y.AppRoleID))
	})
	names := map[string]bool{}
	left := 0
	for _, a := range live {
		role, ok := b.appRole(a.AppRoleID)
		switch {
		case a.PrincipalKind != entra.PrincipalUser && a.PrincipalKind != entra.PrincipalGroup:
			b.note(false, "spec.assignments", "%s %s (%s) is assigned and left out: a ScimApp assigns users and groups. It stays assigned", a.PrincipalKind, a.PrincipalID, a.PrincipalDisplayName)
		case !ok:
			b.note(false, "spec.assignments", "%s is assigned with role %s, which has no value that a ScimApp could name, and left out. The assignment stays", a.PrincipalDisplayName, a.AppRoleID)
		case len(b.out.App.Spec.Assignments) == maxAssignments:
			left++
		default:
			b.out.App.Spec.Assignments = append(b.out.App.Spec.Assignments, entry(a, role, names))
		}
	}
	if left > 0 {
		b.note(false, "spec.assignments", "a ScimApp takes %d assignments; %d more are left out and stay as they are", maxAssignments, left)
	}
}

// appRole is how a manifest names a role; false where it cannot.
func (b *builder) appRole(id string) (string, bool) {
	roles := b.in.ServicePrincipal.AppRoles
	if id == diff.BasicAccess(roles) {
		return "", true
	}
	i := slices.IndexFunc(roles, func(r entra.AppRole) bool { return r.ID == id })
	if i < 0 || !expressible(roles[i]) {
		return "", false
	}
	named, ok := diff.Enabled(roles, roles[i].Value)
	return named.Value, ok && named.ID == id
}

func entry(a entra.Assignment, role string, names map[string]bool) v1alpha1.Assignment {
	out := v1alpha1.Assignment{Name: unique(Slug(a.PrincipalDisplayName, maxAssignmentName), names), AppRole: role}
	if a.PrincipalKind == entra.PrincipalGroup {
		out.Group = &v1alpha1.GroupReference{ObjectID: v1alpha1.ObjectID(a.PrincipalID), DisplayName: a.PrincipalDisplayName}
	} else {
		out.User = &v1alpha1.UserReference{ObjectID: v1alpha1.ObjectID(a.PrincipalID)}
	}
	return out
}

// unique adds a number to a name that is taken.
func unique(name string, taken map[string]bool) string {
	candidate := name
	for i := 2; taken[candidate]; i++ {
		suffix := fmt.Sprintf("-%d", i)
		candidate = strings.TrimRight(name[:min(len(name), maxAssignmentName-len(suffix))], "-") + suffix
	}
	taken[candidate] = true
	return candidate
}

// AppName is a name for the ScimApp of an application.
func AppName(displayName string) string {
	name := strings.TrimLeft(Slug(displayName, maxAppName), "0123456789-")
	if name == "" {
		return "app"
	}
	return name
}

// Slug makes a name of Kubernetes out of one of people: without accents, in lower case, with - for all else.
func Slug(name string, limit int) string {
	var out strings.Builder
	for _, r := range norm.NFD.String(strings.ToLower(name)) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			out.WriteRune(r)
		case r < 0x300 || r > 0x36f: // not an accent
			if !strings.HasSuffix(out.String(), "-") {
				out.WriteByte('-')
			}
		}
	}
	text := strings.Trim(out.String(), "-")
	text = strings.Trim(text[:min(len(text), limit)], "-")
	if text == "" {
		return "entry"
	}
	return text
}
