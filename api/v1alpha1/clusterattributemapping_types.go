package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// ClusterAttributeMapping is an AttributeMapping that ScimApps of every namespace may name: the platform's library.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:path=clusterattributemappings,scope=Cluster,shortName=camap,categories=scim
// +kubebuilder:printcolumn:name="Object",type=string,JSONPath=`.spec.object`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Used by",type=integer,JSONPath=`.status.usedBy.count`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type ClusterAttributeMapping struct {
	metav1.TypeMeta `json:",inline"`
	// metadata is the standard object's metadata.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty,omitzero"`

	// spec is what is wanted.
	// +required
	Spec AttributeMappingSpec `json:"spec,omitzero"`

	// status is what was found. The operator alone writes it.
	// +optional
	// +kubebuilder:default={"observedGeneration":-1}
	Status AttributeMappingStatus `json:"status,omitempty,omitzero"`
}

// ClusterAttributeMappingList is a list of ClusterAttributeMappings.
// +kubebuilder:object:root=true
type ClusterAttributeMappingList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []ClusterAttributeMapping `json:"items"`
}
