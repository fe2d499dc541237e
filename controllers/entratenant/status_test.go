package entratenant

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/conditions"
	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/fault"
	"github.com/scim-operator/scim-operator/test/gen"
)

var recommended = []string{
	"Synchronization.ReadWrite.All", "Application.ReadWrite.OwnedBy", "AppRoleAssignment.ReadWrite.All", "Application.Read.All", "Directory.Read.All",
	"ProvisioningLog.Read.All",
}

func TestPermissions(t *testing.T) {
	for name, test := range map[string]struct {
		granted        []string
		missing, vital []string
	}{
		"the recommended set is enough": {granted: recommended},
		"Application.ReadWrite.All and Synchronization.ReadWrite.All are enough to have applications": {
			granted: []string{"Application.ReadWrite.All", "Synchronization.ReadWrite.All"},
			missing: []string{"AppRoleAssignment.ReadWrite.All", "User.Read.All", "GroupMember.Read.All", "ProvisioningLog.Read.All"},
		},
		"the least permissions are enough for users and groups": {
			granted: []string{"Synchronization.ReadWrite.All", "Application.ReadWrite.OwnedBy", "Application.Read.All", "AppRoleAssignment.ReadWrite.All", "User.Read.All", "GroupMember.Read.All", "AuditLog.Read.All"},
			missing: []string{"Directory.Read.All"},
		},
		"reading the directory is not writing applications": {
			granted: []string{"Directory.Read.All", "Synchronization.ReadWrite.All"},
			missing: []string{"Application.ReadWrite.OwnedBy", "AppRoleAssignment.ReadWrite.All", "ProvisioningLog.Read.All"},
			vital:   []string{"Application.ReadWrite.OwnedBy"},
		},
		"the synchronization permission has no substitute": {
			granted: []string{"Application.ReadWrite.All", "AppRoleAssignment.ReadWrite.All", "Directory.ReadWrite.All"},
			missing: []string{"Synchronization.ReadWrite.All", "ProvisioningLog.Read.All"}, vital: []string{"Synchronization.ReadWrite.All"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			states, vital := compare(test.granted)
			var missing []string
			for _, s := range states {
				if s.NeededFor == "" {
					t.Errorf("%s does not say what it is needed for", s.Name)
				}
				if s.State == v1alpha1.PermissionMissing {
					missing = append(missing, s.Name)
				}
			}
			if diff := cmp.Diff(test.missing, missing); diff != "" {
				t.Errorf("missing (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.vital, vital); diff != "" {
				t.Errorf("missing and vital (-want +got):\n%s", diff)
			}
		})
	}
}

// verdict is what a test expects of the conditions.
type verdict struct {
	status metav1.ConditionStatus
	reason string
	also   string // Reconciling, Stalled or neither
	says   []string
}

func (v verdict) check(t *testing.T, tenant *v1alpha1.EntraTenant) {
	t.Helper()
	conds := tenant.Status.Conditions
	if err := conditions.Check(conds, tenant.Generation); err != nil {
		t.Error(err)
	}
	ready := meta.FindStatusCondition(conds, v1alpha1.ConditionReady)
	if ready == nil {
		t.Fatal("there is no condition Ready")
	}
	if ready.Status != v.status || ready.Reason != v.reason {
		t.Errorf("Ready is %s with reason %s, want %s with %s", ready.Status, ready.Reason, v.status, v.reason)
	}
	for _, kind := range []string{v1alpha1.ConditionReconciling, v1alpha1.ConditionStalled} {
		if got, want := meta.IsStatusConditionTrue(conds, kind), kind == v.also; got != want {
			t.Errorf("%s is there: %t, want %t", kind, got, want)
		}
	}
	for _, words := range v.says {
		if !strings.Contains(ready.Message, words) {
			t.Errorf("message %q does not say %q", ready.Message, words)
		}
	}
}

func generation(t *v1alpha1.EntraTenant) { t.Generation = 4 }

func TestJudge(t *testing.T) {
	for name, test := range map[string]struct {
		granted []string
		change  func(*v1alpha1.EntraTenant)
		want    verdict
	}{
		"with all permissions it is ready": {
			granted: recommended,
			want:    verdict{"True", "CredentialsValid", "", []string{string(gen.ClientID), string(gen.TenantID), "every permission"}},
		},
		"without the right to assign it is ready, and says what does not work": {
			granted: []string{"Synchronization.ReadWrite.All", "Application.ReadWrite.OwnedBy", "Directory.Read.All"},
			want:    verdict{"True", "CredentialsValid", "", []string{"lacks AppRoleAssignment.ReadWrite.All (spec.assignments: assigning users and groups)"}},
		},
		"without the right to provision it is stalled, and says what to grant": {
			granted: []string{"Application.ReadWrite.OwnedBy", "Directory.Read.All"},
			want:    verdict{"False", "PermissionMissing", "Stalled", []string{"client " + string(gen.ClientID), "lacks Synchronization.ReadWrite.All", "administrator consent"}},
		},
		"a selector that cannot be read stalls it": {
			granted: recommended,
			change: gen.WithGrant("docs", func(g *v1alpha1.Grant) {
				g.Namespaces.Selector = &metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{{Key: "a", Operator: "Has"}}}
			}),
			want: verdict{"False", "InvalidSpec", "Stalled", []string{"spec.grants[docs].namespaces.selector", "In, NotIn, Exists"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			tenant := gen.EntraTenant(gen.Tenant, generation)
			if test.change != nil {
				test.change(tenant)
			}
			judge(tenant, entra.Identity{ObjectID: "me", Permissions: test.granted})
			test.want.check(t, tenant)
			if tenant.Status.Identity != "me" || len(tenant.Status.Permissions) != len(permissions) {
				t.Errorf("status has identity %q and %d permissions", tenant.Status.Identity, len(tenant.Status.Permissions))
			}
		})
	}
}

func TestJudgeFailure(t *testing.T) {
	for name, test := range map[string]struct {
		err  error
		want verdict
		kept bool // identity and permissions of an earlier pass
	}{
		"refused credentials stall": {
			fault.NewTerminal(entra.ReasonCredentialsInvalid, errors.New("invalid client secret")),
			verdict{"False", "CredentialsInvalid", "Stalled", []string{"invalid client secret", "looks again every 60s"}}, false,
		},
		"a missing Secret stalls": {
			fault.NewTerminal(v1alpha1.ReasonSecretNotFound, errors.New("no Secret x")),
			verdict{"False", "SecretNotFound", "Stalled", []string{"no Secret x", "looks again every 30s"}}, false,
		},
		"an unreachable Entra is tried again": {
			fault.NewRetryable(entra.ReasonGraphUnreachable, errors.New("no such host")),
			verdict{"False", "GraphUnreachable", "Reconciling", []string{"no such host", "tries again"}}, true,
		},
		"an error that nobody classified is tried again": {
			errors.New("boom"), verdict{"False", "GraphUnreachable", "Reconciling", []string{"boom"}}, true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			tenant := gen.EntraTenant(gen.Tenant, generation)
			judge(tenant, entra.Identity{ObjectID: "me", Permissions: recommended})
			judgeFailure(tenant, test.err, reactionTo(test.err).After)
			test.want.check(t, tenant)
			if kept := tenant.Status.Identity != "" && tenant.Status.Permissions != nil; kept != test.kept {
				t.Errorf("what was known is kept: %t, want %t", kept, test.kept)
			}
		})
	}
}

func TestHoldNamesTheUsers(t *testing.T) {
	for name, test := range map[string]struct {
		apps int
		says []string
	}{
		"one user":        {1, []string{"ScimApp docs/a00 uses it"}},
		"some users":      {2, []string{"2 ScimApps use it: docs/a00, docs/a01:"}},
		"very many users": {12, []string{"12 ScimApps use it: docs/a00, ", "docs/a09 and 2 more:"}},
	} {
		t.Run(name, func(t *testing.T) {
			tenant := gen.EntraTenant(gen.Tenant, generation)
			var apps []v1alpha1.ScimApp
			for i := range test.apps {
				apps = append(apps, *gen.ScimApp(fmt.Sprintf("a%02d", i)))
			}
			hold(tenant, apps)
			verdict{"False", "InUse", "Stalled", test.says}.check(t, tenant)
		})
	}
}
