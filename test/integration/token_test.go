package integration

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/test/kit"
)

func TestATokenOfTheUsersNeedsARoleBindingAndTheMessageHasTheCommand(t *testing.T) {
	t.Parallel()
	w, _ := ready(t)
	minted := w.App(t).Status.Token.Fingerprint
	secret := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.Namespace, Name: "my-token"},
		StringData: map[string]string{"token": "a-token-of-the-users-own-" + kit.SecretMark},
	}
	if err := w.Client.Create(t.Context(), secret); err != nil {
		t.Fatal(err)
	}
	w.ChangeApp(t, func(s *v1alpha1.ScimAppSpec) {
		s.Authentication = &v1alpha1.AuthenticationSpec{ExistingSecretRef: &v1alpha1.LocalSecretKeyReference{Name: "my-token", Key: "token"}}
	})
	message := w.ExpectStalled(t, v1alpha1.ReasonSecretNotReadable)
	_, command, found := strings.Cut(message, "`")
	command, _, closed := strings.Cut(command, "`")
	if !found || !closed || !strings.HasPrefix(command, "kubectl create rolebinding ") {
		t.Fatalf("the message has no command: %s", message)
	}
	kubectl(t, command)
	app := w.ExpectReady(t)
	if app.Status.Token.Fingerprint == minted {
		t.Error("Entra still has the minted token")
	}
	w.Cycle(t)

	binding := &rbacv1.RoleBinding{ObjectMeta: metav1.ObjectMeta{Namespace: w.Namespace, Name: "scim-operator-app-secrets"}}
	if err := w.Client.Delete(t.Context(), binding); err != nil {
		t.Fatal(err)
	}
	w.Look(t)
	w.ExpectStalled(t, v1alpha1.ReasonSecretNotReadable)
	w.Cycle(t) // what works is not taken away
}

// kubectl runs the command that a message gave, as an administrator.
func kubectl(t *testing.T, command string) {
	t.Helper()
	arguments := strings.Fields(command)
	output, err := exec.CommandContext(t.Context(), cluster.Kubectl(t), append(arguments[1:], "--kubeconfig", cluster.Kubeconfig(t))...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", command, err, output)
	}
}

// atLeast gives nil when there are as many.
func atLeast(got, want int) error {
	if got < want {
		return fmt.Errorf("there are %d, and not yet %d", got, want)
	}
	return nil
}
