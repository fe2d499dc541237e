package v1alpha1

import (
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// GroupVersion is scim-operator.io/v1alpha1.
var GroupVersion = schema.GroupVersion{Group: "scim-operator.io", Version: "v1alpha1"}

// AddToScheme registers the kinds of this package.
func AddToScheme(scheme *runtime.Scheme) error {
	scheme.AddKnownTypes(GroupVersion,
		&ScimApp{}, &ScimAppList{},
		&AttributeMapping{}, &AttributeMappingList{},
		&ClusterAttributeMapping{}, &ClusterAttributeMappingList{},
		&EntraTenant{}, &EntraTenantList{},
	)
	metav1.AddToGroupVersion(scheme, GroupVersion)
	return nil
}
