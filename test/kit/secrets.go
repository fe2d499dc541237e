package kit

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// SecretMark is in every secret that a test makes up, and mintedMark begins every token that the operator mints, so that
// a line of a log need not be compared with each secret there is.
const (
	SecretMark = "Zq8vR2mK"
	mintedMark = "scimop_"
)

var secretMarks = []string{SecretMark, mintedMark}

// checkSecrets looks for the client secret and every token of the world where none may be: the logs, the events, our
// objects with their status, ConfigMaps, and workloads, whose arguments are those of processes.
func (w *World) checkSecrets(ctx context.Context, t testing.TB) {
	t.Helper()
	secrets := w.secrets(ctx, t)
	for _, secret := range secrets {
		if !slices.ContainsFunc(secretMarks, func(mark string) bool { return strings.Contains(secret, mark) }) {
			t.Errorf("a secret has no mark by which it could be found")
		}
		for _, line := range w.cluster.Logs.leaks(secret) {
			t.Errorf("a secret is in a log: %s", strings.ReplaceAll(line, secret, "[the secret]"))
		}
	}
	objects := w.owned(ctx, t)
	for _, list := range []client.ObjectList{&eventsv1.EventList{}, &corev1.ConfigMapList{}, &appsv1.StatefulSetList{}, &appsv1.DeploymentList{}} {
		for _, namespace := range append(w.namespaces(), w.OperatorNamespace, "default") {
			w.list(ctx, t, list, client.InNamespace(namespace))
			objects = append(objects, objectsOf(t, list)...)
		}
	}
	for _, obj := range objects {
		text, err := json.Marshal(obj)
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range secrets {
			if strings.Contains(string(text), secret) {
				t.Errorf("a secret is in %T %s/%s", obj, obj.GetNamespace(), obj.GetName())
			}
		}
	}
}

// secrets are the raw values that nobody may see, of this world's present and past.
func (w *World) secrets(ctx context.Context, t testing.TB) []string {
	t.Helper()
	w.rememberTokens(ctx, t)
	out := []string{w.clientSecret}
	for token := range w.tokens {
		out = append(out, token)
	}
	return out
}

// rememberTokens keeps the values of all Secrets there are, since a lost one was still never to be seen.
func (w *World) rememberTokens(ctx context.Context, t testing.TB) {
	t.Helper()
	for _, namespace := range append(w.namespaces(), w.OperatorNamespace) {
		list := &corev1.SecretList{}
		w.list(ctx, t, list, client.InNamespace(namespace))
		for _, secret := range list.Items {
			for key, value := range secret.Data {
				if key != "issuedAt" {
					w.tokens[string(value)] = true
				}
			}
		}
	}
}
