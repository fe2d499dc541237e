package tenant_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/fault"
	"github.com/scim-operator/scim-operator/internal/tenant"
	"github.com/scim-operator/scim-operator/test/gen"
)

const operatorNamespace = "scim-operator-system"

// secrets is a reader that has Secrets only, by namespace/name, or fails.
type secrets struct {
	client.Reader
	data map[string]map[string][]byte
	fail error
}

func (s secrets) Get(_ context.Context, key client.ObjectKey, obj client.Object, _ ...client.GetOption) error {
	secret, ok := obj.(*corev1.Secret)
	if !ok {
		return errors.New("something else than a Secret is read")
	}
	if s.fail != nil {
		return s.fail
	}
	data, ok := s.data[key.String()]
	if !ok {
		return apierrors.NewNotFound(schema.GroupResource{Resource: "secrets"}, key.Name)
	}
	secret.ObjectMeta, secret.Data = metav1.ObjectMeta{Namespace: key.Namespace, Name: key.Name}, data
	return nil
}

// connector records the connection that it is asked for.
type connector struct {
	got  *entra.Connection
	fail error
}

func (c connector) Connect(_ context.Context, connection entra.Connection) (entra.Directory, error) {
	*c.got = connection
	return nil, c.fail
}

func open(t *v1alpha1.EntraTenant, reader secrets, fail error) (entra.Connection, error) {
	var got entra.Connection
	opener := tenant.Opener{Reader: reader, Namespace: operatorNamespace, Connector: connector{got: &got, fail: fail}}
	_, err := opener.Open(context.Background(), t)
	return got, err
}

func TestOpenGivesTheConnectionThatTheTenantDescribes(t *testing.T) {
	stored := secrets{data: map[string]map[string][]byte{operatorNamespace + "/" + gen.SecretName: {gen.SecretKey: []byte(" s3cret\n")}}}
	for name, test := range map[string]struct {
		change func(*v1alpha1.EntraTenant)
		want   entra.Connection
	}{
		"Public is the default cloud, and a line's end is no part of a secret": {
			change: func(*v1alpha1.EntraTenant) {},
			want:   entra.Connection{TenantID: string(gen.TenantID), Cloud: entra.CloudPublic, ClientID: string(gen.ClientID), ClientSecret: "s3cret"},
		},
		"a national cloud keeps its name": {
			change: func(t *v1alpha1.EntraTenant) { t.Spec.Cloud = v1alpha1.CloudUSGovernmentDoD },
			want:   entra.Connection{TenantID: string(gen.TenantID), Cloud: entra.CloudUSGovernmentDoD, ClientID: string(gen.ClientID), ClientSecret: "s3cret"},
		},
		"a custom cloud brings its addresses and certificates": {
			change: gen.WithCustomCloud("https://entra-sim.example.com", "PEM"),
			want: entra.Connection{TenantID: string(gen.TenantID), Cloud: entra.CloudCustom, ClientID: string(gen.ClientID), ClientSecret: "s3cret",
				GraphURL: "https://entra-sim.example.com", AuthorityURL: "https://entra-sim.example.com", CABundle: []byte("PEM")},
		},
		"workload identity needs no Secret": {
			change: func(t *v1alpha1.EntraTenant) {
				t.Spec.Credentials = v1alpha1.Credentials{WorkloadIdentity: &v1alpha1.WorkloadIdentity{ClientID: gen.ClientID}}
			},
			want: entra.Connection{TenantID: string(gen.TenantID), Cloud: entra.CloudPublic, ClientID: string(gen.ClientID)},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := open(gen.EntraTenant(gen.Tenant, test.change), stored, nil)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("connection (-want +got):\n%s", diff)
			}
		})
	}
}

func TestOpenSaysWhatIsWrongWithTheSecret(t *testing.T) {
	const field = "spec.credentials.clientSecret.secretRef"
	resource := schema.GroupResource{Resource: "secrets"}
	at := func(path string, data map[string][]byte) secrets {
		return secrets{data: map[string]map[string][]byte{path: data}}
	}
	for name, test := range map[string]struct {
		reader secrets
		class  fault.Class
		reason string
		says   []string
	}{
		"no Secret": {
			secrets{}, fault.Terminal, v1alpha1.ReasonSecretNotFound,
			[]string{field, "no Secret " + gen.SecretName, "namespace " + operatorNamespace, `key "` + gen.SecretKey + `"`},
		},
		"a Secret of that name in another namespace": {
			at(gen.Namespace+"/"+gen.SecretName, map[string][]byte{gen.SecretKey: []byte("x")}),
			fault.Terminal, v1alpha1.ReasonSecretNotFound, []string{"no Secret " + gen.SecretName, "namespace " + operatorNamespace},
		},
		"no such key": {
			at(operatorNamespace+"/"+gen.SecretName, map[string][]byte{"other": []byte("x")}),
			fault.Terminal, v1alpha1.ReasonSecretNotFound, []string{field, gen.SecretName, "namespace " + operatorNamespace, `nothing under key "` + gen.SecretKey + `"`},
		},
		"a key with white space only": {
			at(operatorNamespace+"/"+gen.SecretName, map[string][]byte{gen.SecretKey: []byte(" \n")}),
			fault.Terminal, v1alpha1.ReasonSecretNotFound, []string{"nothing under key"},
		},
		"a Secret that may not be read": {
			secrets{fail: apierrors.NewForbidden(resource, gen.SecretName, nil)},
			fault.Terminal, v1alpha1.ReasonSecretNotReadable, []string{field, "may not read Secret " + gen.SecretName, operatorNamespace, "config/rbac"},
		},
		"an API server that does not answer": {
			secrets{fail: errors.New("connection refused")},
			fault.Retryable, "", []string{field, "connection refused"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := open(gen.EntraTenant(gen.Tenant), test.reader, nil)
			if err == nil {
				t.Fatal("there is no error")
			}
			if fault.ClassOf(err) != test.class || fault.ReasonOf(err, "") != test.reason {
				t.Errorf("got class %s and reason %q, want %s and %q", fault.ClassOf(err), fault.ReasonOf(err, ""), test.class, test.reason)
			}
			for _, words := range test.says {
				if !strings.Contains(err.Error(), words) {
					t.Errorf("%q does not say %q", err, words)
				}
			}
		})
	}
}

func TestOpenKeepsTheClassOfTheConnectorsError(t *testing.T) {
	workload := gen.EntraTenant(gen.Tenant, func(t *v1alpha1.EntraTenant) {
		t.Spec.Credentials = v1alpha1.Credentials{WorkloadIdentity: &v1alpha1.WorkloadIdentity{ClientID: gen.ClientID}}
	})
	_, err := open(workload, secrets{}, fault.NewTerminal(entra.ReasonInvalidConnection, errors.New("no token file")))
	if fault.ReasonOf(err, "") != entra.ReasonInvalidConnection || !strings.Contains(err.Error(), string(gen.TenantID)) {
		t.Errorf("got %v with reason %q", err, fault.ReasonOf(err, ""))
	}
}
