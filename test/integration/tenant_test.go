package integration

import (
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	corev1 "k8s.io/api/core/v1"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/test/kit"
)

// An app whose EntraTenant has credentials that Entra refuses says so when the EntraTenant does, and not at its own next
// look an hour later; and both get over it without being asked to, once the Secret is right.
func TestAnAppSaysThatItsTenantCannotBeUsed(t *testing.T) {
	w, _ := ready(t)
	secret := w.Manifests(t).Secret
	right := secret.StringData
	set := func(data map[string]string) {
		kit.Change(t, w, secret, func(s *corev1.Secret) { s.StringData = data })
	}
	wrong := map[string]string{}
	for key := range right {
		wrong[key] = "not-the-secret"
	}
	set(wrong)
	w.ChangeTenant(t, func(tenant *v1alpha1.EntraTenant) {
		metav1.SetMetaDataAnnotation(&tenant.ObjectMeta, "scim-operator.io/reconcile", time.Now().Format(time.RFC3339Nano))
	})
	if message := w.ExpectStalled(t, entra.ReasonCredentialsInvalid); !strings.Contains(message, "spec.credentials") {
		t.Errorf("the message does not name the field: %s", message)
	}
	set(right)
	w.ExpectReady(t)
}
