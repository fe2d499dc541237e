package desired

import (
	"fmt"
	"maps"
	"path"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
)

const (
	// user is the uid and gid that the endpoint's image runs as.
	user int64 = 65532

	dataPath   = "/data"
	tokensPath = "/etc/scim/tokens"
	configPath = "/etc/scim/config"
	tmpPath    = "/tmp"
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

func podTemplate(e Endpoint) corev1.PodTemplateSpec {
	var t v1alpha1.PodTemplate
	if m := managed(e.App); m.PodTemplate != nil {
		t = *m.PodTemplate
	}
	labels := maps.Clone(t.Labels)
	if labels == nil {
		labels = map[string]string{}
	}
	maps.Copy(labels, Labels(e.App))
	grace := int64(30)
	no, yes, id := false, true, user
	return corev1.PodTemplateSpec{
		ObjectMeta: metav1.ObjectMeta{Labels: labels, Annotations: t.Annotations},
		Spec: corev1.PodSpec{
			AutomountServiceAccountToken:  &no,
			EnableServiceLinks:            &no,
			TerminationGracePeriodSeconds: &grace,
			SecurityContext: &corev1.PodSecurityContext{
				RunAsNonRoot: &yes, RunAsUser: &id, RunAsGroup: &id, FSGroup: &id,
				SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault},
			},
			Containers:        []corev1.Container{container(e, t)},
			Volumes:           volumes(e),
			NodeSelector:      t.NodeSelector,
			Tolerations:       t.Tolerations,
			Affinity:          t.Affinity,
			PriorityClassName: t.PriorityClassName,
			ImagePullSecrets:  t.ImagePullSecrets,
		},
	}
}

func container(e Endpoint, t v1alpha1.PodTemplate) corev1.Container {
	no, yes := false, true
	image := managed(e.App).Image
	if image == "" {
		image = e.DefaultImage
	}
	return corev1.Container{
		Name:            "scim-endpoint",
		Image:           image,
		ImagePullPolicy: corev1.PullIfNotPresent,
		Args: []string{
			"serve",
			fmt.Sprintf("--listen=:%d", SCIMPort),
			fmt.Sprintf("--management-listen=:%d", ManagementPort),
			"--base-path=" + BasePath,
			"--public-url=" + e.URL,
			"--store=sqlite://" + path.Join(dataPath, "scim.db"),
			"--token-hashes=" + path.Join(tokensPath, HashesKey),
			"--config=" + path.Join(configPath, ConfigKey),
		},
		Ports: []corev1.ContainerPort{
			{Name: portNameSCIM, ContainerPort: SCIMPort, Protocol: corev1.ProtocolTCP},
			{Name: portNameManagement, ContainerPort: ManagementPort, Protocol: corev1.ProtocolTCP},
		},
		Resources: resources(t),
		SecurityContext: &corev1.SecurityContext{
			AllowPrivilegeEscalation: &no, ReadOnlyRootFilesystem: &yes,
			Capabilities: &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
		},
		VolumeMounts: []corev1.VolumeMount{
			{Name: "data", MountPath: dataPath},
			{Name: "tokens", MountPath: tokensPath, ReadOnly: true},
			{Name: "config", MountPath: configPath, ReadOnly: true},
			{Name: "tmp", MountPath: tmpPath},
		},
		// A migration of a large database may take a while; the startup probe gives it five minutes.
		StartupProbe:   probe("/readyz", 2, 150),
		ReadinessProbe: probe("/readyz", 2, 2),
		LivenessProbe:  probe("/healthz", 10, 3),
	}
}

func probe(path string, periodSeconds, failures int32) *corev1.Probe {
	return &corev1.Probe{
		ProbeHandler:     corev1.ProbeHandler{HTTPGet: &corev1.HTTPGetAction{Path: path, Port: intstr.FromString(portNameManagement)}},
		PeriodSeconds:    periodSeconds,
		FailureThreshold: failures,
	}
}

func resources(t v1alpha1.PodTemplate) corev1.ResourceRequirements {
	if t.Resources != nil {
		return *t.Resources
	}
	return corev1.ResourceRequirements{
		Requests: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("20m"), corev1.ResourceMemory: resource.MustParse("64Mi")},
		Limits:   corev1.ResourceList{corev1.ResourceMemory: resource.MustParse("512Mi")},
	}
}

func volumes(e Endpoint) []corev1.Volume {
	configVolume := func(name, configMap string) corev1.Volume {
		return corev1.Volume{Name: name, VolumeSource: corev1.VolumeSource{
			ConfigMap: &corev1.ConfigMapVolumeSource{LocalObjectReference: corev1.LocalObjectReference{Name: configMap}},
		}}
	}
	return []corev1.Volume{
		{Name: "data", VolumeSource: corev1.VolumeSource{
			PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: ClaimName(e.App.Name)},
		}},
		configVolume("tokens", TokensName(e.App.Name)),
		configVolume("config", ConfigName(e.App.Name)),
		{Name: "tmp", VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}},
	}
}
