package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// MappingObject is an AttributeMapping or a ClusterAttributeMapping: two kinds with one spec and one status.
// +kubebuilder:object:generate=false
type MappingObject interface {
	metav1.Object
	runtime.Object
	// MappingKind is the kind of the object, which its TypeMeta may lack.
	MappingKind() MappingKind
	// MappingSpec is the object's spec.
	MappingSpec() *AttributeMappingSpec
	// MappingStatus is the object's status.
	MappingStatus() *AttributeMappingStatus
}

// MappingKind implements MappingObject.
func (m *AttributeMapping) MappingKind() MappingKind { return KindAttributeMapping }

// MappingSpec implements MappingObject.
func (m *AttributeMapping) MappingSpec() *AttributeMappingSpec { return &m.Spec }

// MappingStatus implements MappingObject.
func (m *AttributeMapping) MappingStatus() *AttributeMappingStatus { return &m.Status }

// MappingKind implements MappingObject.
func (m *ClusterAttributeMapping) MappingKind() MappingKind { return KindClusterAttributeMapping }

// MappingSpec implements MappingObject.
func (m *ClusterAttributeMapping) MappingSpec() *AttributeMappingSpec { return &m.Spec }

// MappingStatus implements MappingObject.
func (m *ClusterAttributeMapping) MappingStatus() *AttributeMappingStatus { return &m.Status }

// AppliedMapping finds what the status says about the mapping; nil when it says nothing.
func (s *ScimAppStatus) AppliedMapping(m MappingObject) *AppliedMapping {
	if s.Mappings == nil {
		return nil
	}
	for i := range s.Mappings.Applied {
		if a := &s.Mappings.Applied[i]; a.Kind == m.MappingKind() && a.Name == m.GetName() {
			return a
		}
	}
	return nil
}
