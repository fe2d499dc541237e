package desired

import (
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
)

// Endpoint is what the objects of a managed endpoint are made from.
type Endpoint struct {
	App *v1alpha1.ScimApp
	// URL is the SCIM base that Entra is given.
	URL string
	// DefaultImage is used where the manifest names none.
	DefaultImage string
	// OperatorNamespace is the one namespace that may reach the management port.
	OperatorNamespace string
	// TokenHashes are all that the endpoint has to accept, the current one first.
	TokenHashes []string
	// Extensions are the extension attributes that the mappings send.
	Extensions []Extension
	// Store is the database that the endpoint is to serve; nil takes any.
	Store *v1alpha1.StoreStatus
}

// Object is any Kubernetes object, the same as controller-runtime's client.Object.
type Object interface {
	metav1.Object
	runtime.Object
}

// Objects gives all objects of the endpoint, in the order in which they are to be applied: what a pod mounts comes
// before the pod.
func Objects(e Endpoint) ([]Object, error) {
	config, err := ConfigMap(e)
	if err != nil {
		return nil, err
	}
	out := []Object{tokens(e), config}
	if Postgres(e.App) == nil {
		return append(out, claim(e), networkPolicy(e), service(e), statefulSet(e)), nil
	}
	out = append(out, networkPolicy(e), service(e))
	if Replicas(e.App) > 1 {
		out = append(out, disruptionBudget(e))
	}
	return append(out, deployment(e)), nil
}

// Obsolete gives those objects that another manifest of the same app may have had and this one has not, with nothing
// but kind and name. A claim is never among them: it holds accounts.
func Obsolete(e Endpoint) []Object {
	name := metav1.ObjectMeta{Namespace: e.App.Namespace, Name: Name(e.App.Name), Labels: Labels(e.App)}
	budget := &policyv1.PodDisruptionBudget{TypeMeta: metav1.TypeMeta{APIVersion: "policy/v1", Kind: "PodDisruptionBudget"}, ObjectMeta: name}
	if Postgres(e.App) == nil {
		return []Object{budget, &appsv1.Deployment{TypeMeta: metav1.TypeMeta{APIVersion: "apps/v1", Kind: "Deployment"}, ObjectMeta: name}}
	}
	out := []Object{&appsv1.StatefulSet{TypeMeta: metav1.TypeMeta{APIVersion: "apps/v1", Kind: "StatefulSet"}, ObjectMeta: name}}
	if Replicas(e.App) == 1 {
		out = append(out, budget)
	}
	return out
}

// WhenDeleted is what happens to the claim when the app is deleted; the default is Retain.
func WhenDeleted(app *v1alpha1.ScimApp) v1alpha1.WhenDeleted {
	if s := sqlite(app); s.WhenDeleted != "" {
		return s.WhenDeleted
	}
	return v1alpha1.WhenDeletedRetain
}

func managed(app *v1alpha1.ScimApp) v1alpha1.ManagedEndpoint {
	if app.Spec.Endpoint != nil && app.Spec.Endpoint.Managed != nil {
		return *app.Spec.Endpoint.Managed
	}
	return v1alpha1.ManagedEndpoint{}
}

func sqlite(app *v1alpha1.ScimApp) v1alpha1.SQLiteStorage {
	if s := managed(app).Storage; s != nil && s.SQLite != nil {
		return *s.SQLite
	}
	return v1alpha1.SQLiteStorage{}
}

// Postgres is the storage where it is PostgreSQL, else nil.
func Postgres(app *v1alpha1.ScimApp) *v1alpha1.PostgresStorage {
	if s := managed(app).Storage; s != nil {
		return s.Postgres
	}
	return nil
}

// Replicas is the number of pods; the default is 2 with PostgreSQL.
func Replicas(app *v1alpha1.ScimApp) int32 {
	switch n := managed(app).Replicas; {
	case Postgres(app) == nil:
		return 1
	case n == nil:
		return defaultReplicas
	default:
		return *n
	}
}

const defaultReplicas = 2

func webhook(app *v1alpha1.ScimApp) *v1alpha1.Webhook {
	if d := managed(app).Delivery; d != nil {
		return d.Webhook
	}
	return nil
}

func meta(e Endpoint, name string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Namespace: e.App.Namespace, Name: name, Labels: Labels(e.App)}
}

func claim(e Endpoint) *corev1.PersistentVolumeClaim {
	s := sqlite(e.App)
	size := resource.MustParse("1Gi")
	if s.Size != nil {
		size = *s.Size
	}
	out := &corev1.PersistentVolumeClaim{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "PersistentVolumeClaim"},
		ObjectMeta: meta(e, ClaimName(e.App.Name)),
		Spec: corev1.PersistentVolumeClaimSpec{
			AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce},
			Resources:   corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceStorage: size}},
		},
	}
	if s.StorageClassName != "" {
		out.Spec.StorageClassName = &s.StorageClassName
	}
	return out
}

func service(e Endpoint) *corev1.Service {
	return &corev1.Service{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Service"},
		ObjectMeta: meta(e, Name(e.App.Name)),
		Spec: corev1.ServiceSpec{
			Selector: selector(e.App),
			// The management port is left out on purpose: it is never published.
			Ports: []corev1.ServicePort{{Name: portNameSCIM, Port: SCIMPort, Protocol: corev1.ProtocolTCP, TargetPort: targetPort(portNameSCIM)}},
		},
	}
}
