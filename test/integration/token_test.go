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

func TestATokenOfTheUsersNeedsARoleBindingAndALabelAndTheMessagesHaveTheCommands(t *testing.T) {
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
	for _, begin := range []string{"kubectl create rolebinding ", "kubectl label secret "} {
		if got := w.App(t).Status.Token.Fingerprint; got != minted {
			t.Fatalf("Entra has the token %s before all was allowed", got)
		}
		kubectl(t, advised(t, w, begin))
	}
	app := w.ExpectReady(t)
	if app.Status.Token.Fingerprint == minted {
		t.Error("Entra still has the minted token")
	}
	w.Cycle(t)

	kit.Change(t, w, secret, func(s *corev1.Secret) { s.Labels[v1alpha1.LabelToken] = "false" })
	w.Look(t)
	advised(t, w, "kubectl label secret ")
	w.Cycle(t) // what works is not taken away

	binding := &rbacv1.RoleBinding{ObjectMeta: metav1.ObjectMeta{Namespace: w.Namespace, Name: "scim-operator-app-secrets"}}
	if err := w.Client.Delete(t.Context(), binding); err != nil {
		t.Fatal(err)
	}
	w.Look(t)
	advised(t, w, "kubectl create rolebinding ")
	w.Cycle(t)
}

// advised waits until the message that the Secret cannot be read gives a command that begins so, and gives the command.
func advised(t *testing.T, w *kit.World, begin string) string {
	t.Helper()
	var command string
	kit.Eventually(t, "a command is advised that begins with "+begin, func() error {
		message := w.ExpectStalled(t, v1alpha1.ReasonSecretNotReadable)
		_, rest, _ := strings.Cut(message, "`")
		inner, _, closed := strings.Cut(rest, "`")
		if !closed || !strings.HasPrefix(inner, begin) {
			return fmt.Errorf("the message is %s", message)
		}
		command = inner
		return nil
	})
	return command
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
