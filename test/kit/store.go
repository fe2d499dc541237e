package kit

import (
	"database/sql"
	"log/slog"
	"path/filepath"
	"testing"

	corev1 "k8s.io/api/core/v1"
	_ "modernc.org/sqlite" // the driver of the endpoint's own store
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/scim-operator/scim-operator/internal/desired"
	"github.com/scim-operator/scim-operator/internal/scim/endpoint"
	"github.com/scim-operator/scim-operator/internal/scim/scimtest"
)

func (w *World) startEndpoint(t testing.TB, change ...func(*endpoint.Options)) *scimtest.Endpoint {
	t.Helper()
	logged := func(o *endpoint.Options) { o.Log = slog.New(slog.NewJSONHandler(w.cluster.Logs, nil)) }
	return scimtest.Start(t, append([]func(*endpoint.Options){logged}, change...)...)
}

// BackUpStore copies the endpoint's database as it is now, and gives the copy's file.
func (w *World) BackUpStore(t testing.TB) string {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+w.Endpoint.StoreFile)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "backup.db")
	if _, err := db.ExecContext(t.Context(), "VACUUM INTO ?", file); err != nil {
		t.Fatalf("copying the database: %v", err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return file
}

// RestoreStore puts an endpoint on a copied database behind the workload, as after somebody restored a backup.
func (w *World) RestoreStore(t testing.TB, file string) {
	t.Helper()
	w.Endpoint = w.startEndpoint(t, func(o *endpoint.Options) { o.Store = "sqlite://" + file })
	w.Endpoint.StoreFile = file
	w.kubelet.serve(AppName, w.Endpoint)
}

// LoseStore puts an endpoint on a new and empty database behind the workload, as after its claim was lost.
func (w *World) LoseStore(t testing.TB) {
	t.Helper()
	w.Endpoint = w.startEndpoint(t)
	w.kubelet.serve(AppName, w.Endpoint)
}

// Token is the one that the operator minted, with which Entra comes.
func (w *World) Token(t testing.TB) string {
	t.Helper()
	secret := &corev1.Secret{}
	key := client.ObjectKey{Namespace: w.OperatorNamespace, Name: desired.TokenSecretName(w.Namespace, AppName)}
	if err := w.Client.Get(t.Context(), key, secret); err != nil {
		t.Fatal(err)
	}
	return string(secret.Data[desired.TokenKey])
}
