package controllers_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxcd/cli-utils/pkg/kstatus/status"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/conditions"
	"github.com/scim-operator/scim-operator/test/gen"
)

func credentials(secret string) *corev1.Secret {
	return &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: operatorNamespace, Name: gen.SecretName},
		StringData: map[string]string{gen.SecretKey: secret},
	}
}

// expectTenant waits until Ready is as wanted, and holds the status against the rules of conditions.
func expectTenant(t *testing.T, tenant *v1alpha1.EntraTenant, ready metav1.ConditionStatus, reason string, kstatus status.Status) {
	t.Helper()
	eventually(t, func(ctx context.Context) error {
		if err := server.Client.Get(ctx, client.ObjectKeyFromObject(tenant), tenant); err != nil {
			return err
		}
		c := meta.FindStatusCondition(tenant.Status.Conditions, v1alpha1.ConditionReady)
		if c == nil || c.Status != ready || c.Reason != reason {
			return fmt.Errorf("Ready is %+v, want %s with reason %s", c, ready, reason)
		}
		return nil
	})
	if err := conditions.Check(tenant.Status.Conditions, tenant.Generation); err != nil {
		t.Error(err)
	}
	if tenant.Status.ObservedGeneration != tenant.Generation {
		t.Errorf("observedGeneration is %d, want %d", tenant.Status.ObservedGeneration, tenant.Generation)
	}
	if got := kstatusOf(t, tenant); got != kstatus {
		t.Errorf("kstatus is %s, want %s", got, kstatus)
	}
}

func TestATenantFollowsItsSecret(t *testing.T) {
	startOperator(t)
	tenant := gen.EntraTenant("follows", startEntra(t, "right"))
	create(t, tenant)
	expectTenant(t, tenant, metav1.ConditionFalse, v1alpha1.ReasonSecretNotFound, status.FailedStatus)

	secret := credentials("wrong")
	create(t, secret)
	expectTenant(t, tenant, metav1.ConditionFalse, v1alpha1.ReasonCredentialsInvalid, status.FailedStatus)

	secret.StringData = map[string]string{gen.SecretKey: "right\n"}
	if err := server.Client.Update(context.Background(), secret); err != nil {
		t.Fatal(err)
	}
	expectTenant(t, tenant, metav1.ConditionTrue, v1alpha1.ReasonCredentialsValid, status.CurrentStatus)
	if tenant.Status.Identity == "" {
		t.Error("the operator's own identity is not told")
	}
	for _, p := range tenant.Status.Permissions {
		if p.State != v1alpha1.PermissionGranted {
			t.Errorf("permission %s is %s", p.Name, p.State)
		}
	}
	if !slices.Contains(tenant.Finalizers, v1alpha1.Finalizer) {
		t.Errorf("finalizers are %q, want %q among them", tenant.Finalizers, v1alpha1.Finalizer)
	}
	want := []string{"Normal CredentialsValid", "Warning CredentialsInvalid", "Warning SecretNotFound"}
	eventually(t, func(ctx context.Context) error {
		got, err := eventsOf(ctx, tenant)
		if err != nil {
			return err
		}
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" {
			return fmt.Errorf("events (-want +got):\n%s", diff)
		}
		return nil
	})
}

// TestAnAnnotationBringsAPassOverATenant that is Ready, and would else be looked at after a quarter of an hour.
func TestAnAnnotationBringsAPassOverATenant(t *testing.T) {
	startOperator(t)
	secret := credentials("right")
	create(t, secret)
	tenant := gen.EntraTenant("annotated", startEntra(t, "right"))
	create(t, tenant)
	expectTenant(t, tenant, metav1.ConditionTrue, v1alpha1.ReasonCredentialsValid, status.CurrentStatus)

	secret.StringData = map[string]string{gen.SecretKey: "wrong"}
	if err := server.Client.Update(context.Background(), secret); err != nil {
		t.Fatal(err)
	}
	patch := client.RawPatch(types.MergePatchType, []byte(`{"metadata":{"annotations":{"scim-operator.io/reconcile":"now"}}}`))
	if err := server.Client.Patch(context.Background(), tenant, patch); err != nil {
		t.Fatal(err)
	}
	expectTenant(t, tenant, metav1.ConditionFalse, v1alpha1.ReasonCredentialsInvalid, status.FailedStatus)
	if message := meta.FindStatusCondition(tenant.Status.Conditions, v1alpha1.ConditionReady).Message; !strings.Contains(message, "spec.credentials.clientSecret of the EntraTenant") {
		t.Errorf("the message does not say whose field is wrong: %s", message)
	}
}

func TestATenantNamesTheVitalPermissionThatItLacks(t *testing.T) {
	startOperator(t)
	create(t, credentials("right"))
	tenant := gen.EntraTenant("lacks", startEntra(t, "right", "Application.ReadWrite.OwnedBy", "Directory.Read.All"))
	create(t, tenant)
	expectTenant(t, tenant, metav1.ConditionFalse, v1alpha1.ReasonPermissionMissing, status.FailedStatus)
	if message := meta.FindStatusCondition(tenant.Status.Conditions, v1alpha1.ConditionReady).Message; !strings.Contains(message, "lacks Synchronization.ReadWrite.All") {
		t.Errorf("message %q does not name the permission", message)
	}
}

func TestATenantThatNobodyAnswersForIsTriedAgain(t *testing.T) {
	startOperator(t)
	create(t, credentials("right"))
	tenant := gen.EntraTenant("silent", gen.WithCustomCloud("https://127.0.0.1:9", ""))
	create(t, tenant)
	expectTenant(t, tenant, metav1.ConditionFalse, v1alpha1.ReasonGraphUnreachable, status.InProgressStatus)
}

func TestATenantIsHeldWhileScimAppsUseIt(t *testing.T) {
	startOperator(t)
	create(t, credentials("right"))
	tenant := gen.EntraTenant("held", startEntra(t, "right"))
	create(t, tenant)
	other := gen.ScimApp("other", gen.WithTenant("another"))
	create(t, other)
	apps := []*v1alpha1.ScimApp{gen.ScimApp("first", gen.WithTenant("held")), gen.ScimApp("second", gen.WithTenant("held"))}
	for _, app := range apps {
		create(t, app)
	}
	expectUsedBy(t, tenant, &v1alpha1.UsedBy{Count: 2, Examples: []string{"docs/first", "docs/second"}})

	if err := server.Client.Delete(context.Background(), tenant); err != nil {
		t.Fatal(err)
	}
	expectTenant(t, tenant, metav1.ConditionFalse, v1alpha1.ReasonInUse, status.TerminatingStatus)
	if message := meta.FindStatusCondition(tenant.Status.Conditions, v1alpha1.ConditionReady).Message; !strings.Contains(message, "docs/first, docs/second") {
		t.Errorf("message %q does not name the ScimApps", message)
	}
	remove(t, apps[0])
	expectUsedBy(t, tenant, &v1alpha1.UsedBy{Count: 1, Examples: []string{"docs/second"}})
	remove(t, apps[1])
	eventually(t, func(ctx context.Context) error { return gone(ctx, tenant) })
}

func expectUsedBy(t *testing.T, tenant *v1alpha1.EntraTenant, want *v1alpha1.UsedBy) {
	t.Helper()
	eventually(t, func(ctx context.Context) error {
		if err := server.Client.Get(ctx, client.ObjectKeyFromObject(tenant), tenant); err != nil {
			return err
		}
		if diff := cmp.Diff(want, tenant.Status.UsedBy); diff != "" {
			return fmt.Errorf("usedBy (-want +got):\n%s", diff)
		}
		return nil
	})
}

func TestATenantIsWrittenOnlyWhenSomethingChanged(t *testing.T) {
	o := startOperator(t)
	create(t, credentials("right"))
	tenant := gen.EntraTenant("quiet", startEntra(t, "right"))
	create(t, tenant)
	expectTenant(t, tenant, metav1.ConditionTrue, v1alpha1.ReasonCredentialsValid, status.CurrentStatus)
	const path = "/apis/scim-operator.io/v1alpha1/entratenants/quiet"
	want := []string{"PATCH " + path, "PATCH " + path + "/status"}
	o.afterPeriods(t)
	if diff := cmp.Diff(want, o.written()); diff != "" {
		t.Errorf("writes: the finalizer alone, then the status, then nothing (-want +got):\n%s", diff)
	}
}
