package integration

import (
	"fmt"
	"net/http"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/desired"
	"github.com/scim-operator/scim-operator/internal/scim/auth"
	"github.com/scim-operator/scim-operator/test/kit"
)

// TestAReadTokenIsRevokedWhateverElseIsWrong takes two read tokens out, one while no grant covers the app, the other
// while Entra's token is lost besides.
func TestAReadTokenIsRevokedWhateverElseIsWrong(t *testing.T) {
	t.Parallel()
	w := cluster.NewWorld(t)
	m := w.Manifests(t)
	tokens := map[string]string{"one": auth.NewToken(), "two": auth.NewToken(), "three": auth.NewToken()}
	listed := func(names ...string) (list []v1alpha1.ReadToken) {
		for _, name := range names {
			list = append(list, v1alpha1.ReadToken{Name: name, SHA256: auth.HashOf(tokens[name]).String()})
		}
		return list
	}
	m.App.Spec.Endpoint = &v1alpha1.EndpointSpec{Managed: &v1alpha1.ManagedEndpoint{ReadTokens: listed("one", "two", "three")}}
	w.Apply(t, m)
	w.StartOperator(t, kit.Crash{})
	w.ExpectReady(t)
	expectReader(t, w, tokens["one"], http.StatusOK)

	w.ChangeTenant(t, func(tenant *v1alpha1.EntraTenant) { tenant.Spec.Grants[0].Namespaces.Names = []string{"elsewhere"} })
	w.ExpectStalled(t, v1alpha1.ReasonDenied)
	w.ChangeApp(t, func(s *v1alpha1.ScimAppSpec) { s.Endpoint.Managed.ReadTokens = listed("two", "three") })
	expectReader(t, w, tokens["one"], http.StatusUnauthorized)

	secret := &corev1.Secret{}
	key := client.ObjectKey{Namespace: w.OperatorNamespace, Name: desired.TokenSecretName(w.Namespace, kit.AppName)}
	if err := w.Client.Get(t.Context(), key, secret); err != nil {
		t.Fatal(err)
	}
	secret.Data = nil
	if err := w.Client.Update(t.Context(), secret); err != nil {
		t.Fatal(err)
	}
	w.ChangeApp(t, func(s *v1alpha1.ScimAppSpec) { s.Endpoint.Managed.ReadTokens = listed("three") })
	expectReader(t, w, tokens["two"], http.StatusUnauthorized)
	expectReader(t, w, tokens["three"], http.StatusOK)
}

// expectReader waits until a token is answered like that.
func expectReader(t *testing.T, w *kit.World, token string, want int) {
	t.Helper()
	kit.Eventually(t, fmt.Sprintf("a read token gets %d", want), func() error {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.Endpoint.URL+"/Users", nil)
		if err != nil {
			return err
		}
		request.Header.Set("Authorization", "Bearer "+token)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return err
		}
		_ = response.Body.Close()
		if response.StatusCode != want {
			return fmt.Errorf("it gets %d", response.StatusCode)
		}
		return nil
	})
}
