package tenant

import (
	"context"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/fault"
)

// secretField is the field whose Secret is read.
const secretField = "spec.credentials.clientSecret.secretRef"

// Opener opens directories.
type Opener struct {
	// Reader reads Secrets past the cache: an informer would need to list all Secrets.
	Reader client.Reader
	// Namespace is the operator's own; no Secret of another one is ever read.
	Namespace string
	// Connector makes the Directory.
	Connector entra.Connector
}

// Open gives the directory of the tenant. It reads the client secret anew each time, so that a changed Secret counts at
// once. A Secret that is missing or lacks the key is a Terminal fault with ReasonSecretNotFound, one that may not be
// read with ReasonSecretNotReadable; the connector's errors stay as they are.
func (o Opener) Open(ctx context.Context, t *v1alpha1.EntraTenant) (entra.Directory, error) {
	connection, err := o.connection(ctx, t.Spec)
	if err != nil {
		return nil, err
	}
	directory, err := o.Connector.Connect(ctx, connection)
	if err != nil {
		return nil, fmt.Errorf("connecting to tenant %s: %w", t.Spec.TenantID, err)
	}
	return directory, nil
}

func (o Opener) connection(ctx context.Context, spec v1alpha1.EntraTenantSpec) (entra.Connection, error) {
	connection := Directory(spec)
	switch credentials := spec.Credentials; {
	case credentials.WorkloadIdentity != nil:
		connection.ClientID = string(credentials.WorkloadIdentity.ClientID)
	case credentials.ClientSecret != nil:
		connection.ClientID = string(credentials.ClientSecret.ClientID)
		secret, err := o.secret(ctx, credentials.ClientSecret.SecretRef)
		if err != nil {
			return entra.Connection{}, err
		}
		connection.ClientSecret = secret
	}
	return connection, nil
}

// Directory is where the directory of an EntraTenant is, without any credentials.
func Directory(spec v1alpha1.EntraTenantSpec) entra.Connection {
	connection := entra.Connection{TenantID: string(spec.TenantID), Cloud: cloud(spec.Cloud)}
	if custom := spec.Custom; custom != nil {
		connection.GraphURL = custom.GraphURL
		connection.AuthorityURL = custom.AuthorityURL
		connection.CABundle = []byte(custom.CABundle)
	}
	return connection
}

// cloud gives the port's name of a cloud, which is the API's; Public is the default.
func cloud(c v1alpha1.Cloud) entra.Cloud {
	if c == "" {
		return entra.CloudPublic
	}
	return entra.Cloud(c)
}

// secret reads the client secret. White space around it is dropped: a line's end comes along easily with a file.
func (o Opener) secret(ctx context.Context, ref v1alpha1.LocalSecretKeyReference) (string, error) {
	secret := &corev1.Secret{}
	err := o.Reader.Get(ctx, client.ObjectKey{Namespace: o.Namespace, Name: ref.Name}, secret)
	switch {
	case apierrors.IsNotFound(err):
		return "", fault.NewTerminal(v1alpha1.ReasonSecretNotFound, fmt.Errorf(
			"%s: there is no Secret %s in the operator's namespace %s; create it with the client secret under key %q", secretField, ref.Name, o.Namespace, ref.Key))
	case apierrors.IsForbidden(err):
		return "", fault.NewTerminal(v1alpha1.ReasonSecretNotReadable, fmt.Errorf(
			"%s: the operator may not read Secret %s in its own namespace %s; restore its Role and RoleBinding of config/rbac there", secretField, ref.Name, o.Namespace))
	case err != nil:
		return "", fmt.Errorf("%s: reading Secret %s in namespace %s: %w", secretField, ref.Name, o.Namespace, err)
	}
	value := strings.TrimSpace(string(secret.Data[ref.Key]))
	if value == "" {
		return "", fault.NewTerminal(v1alpha1.ReasonSecretNotFound, fmt.Errorf(
			"%s: Secret %s in the operator's namespace %s has nothing under key %q; put the client secret there, or correct secretRef.key", secretField, ref.Name, o.Namespace, ref.Key))
	}
	return value, nil
}
