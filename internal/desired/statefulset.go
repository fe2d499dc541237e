package desired

import (
	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func statefulSet(e Endpoint) *appsv1.StatefulSet {
	one := int32(1)
	return &appsv1.StatefulSet{
		TypeMeta:   metav1.TypeMeta{APIVersion: "apps/v1", Kind: "StatefulSet"},
		ObjectMeta: meta(e, Name(e.App.Name)),
		Spec: appsv1.StatefulSetSpec{
			Replicas:    &one,
			ServiceName: Name(e.App.Name),
			Selector:    &metav1.LabelSelector{MatchLabels: selector(e.App)},
			Template:    podTemplate(e),
		},
	}
}
