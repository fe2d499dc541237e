package desired

import (
	appsv1 "k8s.io/api/apps/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// deployment runs the endpoint on PostgreSQL. A pod is taken away only when another one is ready in its place.
func deployment(e Endpoint) *appsv1.Deployment {
	replicas, none, one := Replicas(e.App), intstr.FromInt32(0), intstr.FromInt32(1)
	return &appsv1.Deployment{
		TypeMeta:   metav1.TypeMeta{APIVersion: "apps/v1", Kind: "Deployment"},
		ObjectMeta: meta(e, Name(e.App.Name)),
		Spec: appsv1.DeploymentSpec{
			Replicas: &replicas,
			Selector: &metav1.LabelSelector{MatchLabels: selector(e.App)},
			Strategy: appsv1.DeploymentStrategy{
				Type:          appsv1.RollingUpdateDeploymentStrategyType,
				RollingUpdate: &appsv1.RollingUpdateDeployment{MaxUnavailable: &none, MaxSurge: &one},
			},
			Template: podTemplate(e),
		},
	}
}

// disruptionBudget keeps a drained node from taking the last pod along. Pods that do not serve are no reason to keep a
// node from being drained.
func disruptionBudget(e Endpoint) *policyv1.PodDisruptionBudget {
	one, always := intstr.FromInt32(1), policyv1.AlwaysAllow
	return &policyv1.PodDisruptionBudget{
		TypeMeta:   metav1.TypeMeta{APIVersion: "policy/v1", Kind: "PodDisruptionBudget"},
		ObjectMeta: meta(e, Name(e.App.Name)),
		Spec: policyv1.PodDisruptionBudgetSpec{
			MinAvailable:               &one,
			Selector:                   &metav1.LabelSelector{MatchLabels: selector(e.App)},
			UnhealthyPodEvictionPolicy: &always,
		},
	}
}
