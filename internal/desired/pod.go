package desired

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

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

	dataPath    = "/data"
	tokensPath  = "/etc/scim/tokens"
	configPath  = "/etc/scim/config"
	webhookPath = "/etc/scim/webhook"
	tmpPath     = "/tmp"

	webhookSecretFile = "secret"

	// reservedPrefix begins every variable that the endpoint reads a flag from.
	reservedPrefix = "SCIM_ENDPOINT_"
	storeVariable  = reservedPrefix + "STORE"
	// defaultConnectionKey is what CloudNativePG calls the URL in the Secret of a cluster's application.
	defaultConnectionKey = "uri"

	// graceSeconds is above the 25 seconds that the endpoint gives requests in flight after SIGTERM.
	graceSeconds = 30
	// leaveSeconds is how long a pod that goes away still serves before SIGTERM.
	leaveSeconds = 10
)

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
	grace := int64(graceSeconds)
	if Postgres(e.App) != nil {
		grace += leaveSeconds
	}
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

			TopologySpreadConstraints: spread(e, t.TopologySpreadConstraints),
		},
	}
}

func container(e Endpoint, t v1alpha1.PodTemplate) corev1.Container {
	no, yes := false, true
	image := managed(e.App).Image
	if image == "" {
		image = e.DefaultImage
	}
	out := corev1.Container{
		Name:            "scim-endpoint",
		Image:           image,
		ImagePullPolicy: corev1.PullIfNotPresent,
		Args:            arguments(e),
		Env:             environment(e, t),
		Ports: []corev1.ContainerPort{
			{Name: portNameSCIM, ContainerPort: SCIMPort, Protocol: corev1.ProtocolTCP},
			{Name: portNameManagement, ContainerPort: ManagementPort, Protocol: corev1.ProtocolTCP},
		},
		Resources: resources(t),
		SecurityContext: &corev1.SecurityContext{
			AllowPrivilegeEscalation: &no, ReadOnlyRootFilesystem: &yes,
			Capabilities: &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
		},
		VolumeMounts: mounts(e),
		// A migration of a large database may take a while; the startup probe gives it five minutes.
		StartupProbe:   probe("/readyz", 2, 150),
		ReadinessProbe: probe("/readyz", 2, 2),
		LivenessProbe:  probe("/healthz", 10, 3),
	}
	if Postgres(e.App) != nil {
		// The pod goes on serving until every node has taken its address off the Service.
		out.Lifecycle = &corev1.Lifecycle{PreStop: &corev1.LifecycleHandler{Sleep: &corev1.SleepAction{Seconds: leaveSeconds}}}
	}
	return out
}

func arguments(e Endpoint) []string {
	out := []string{
		"serve",
		fmt.Sprintf("--listen=:%d", SCIMPort),
		fmt.Sprintf("--management-listen=:%d", ManagementPort),
		"--base-path=" + BasePath,
		"--public-url=" + e.URL,
	}
	if Postgres(e.App) == nil {
		out = append(out, "--store=sqlite://"+path.Join(dataPath, "scim.db"))
	}
	return append(out,
		"--token-hashes="+path.Join(tokensPath, HashesKey),
		"--config="+path.Join(configPath, ConfigKey),
	)
}

// environment hands over the connection string by reference, so that it stands in no object and in no process list.
func environment(e Endpoint, t v1alpha1.PodTemplate) []corev1.EnvVar {
	var out []corev1.EnvVar
	for _, variable := range t.Env {
		if !strings.HasPrefix(variable.Name, reservedPrefix) {
			out = append(out, variable)
		}
	}
	pg := Postgres(e.App)
	if pg == nil {
		return out
	}
	key := pg.ConnectionSecretRef.Key
	if key == "" {
		key = defaultConnectionKey
	}
	return append(out, corev1.EnvVar{Name: storeVariable, ValueFrom: &corev1.EnvVarSource{SecretKeyRef: &corev1.SecretKeySelector{
		LocalObjectReference: corev1.LocalObjectReference{Name: pg.ConnectionSecretRef.Name}, Key: key,
	}}})
}

// spread puts the pods of a PostgreSQL endpoint on different nodes where that is possible, beside what the manifest asks
// for. Constraints of the same kind and topology would be refused, so the manifest's own wins.
func spread(e Endpoint, own []corev1.TopologySpreadConstraint) []corev1.TopologySpreadConstraint {
	var out []corev1.TopologySpreadConstraint
	for _, c := range own {
		if c.LabelSelector == nil {
			c.LabelSelector = &metav1.LabelSelector{MatchLabels: selector(e.App)}
		}
		out = append(out, c)
	}
	onNodes := func(c corev1.TopologySpreadConstraint) bool {
		return c.TopologyKey == corev1.LabelHostname && c.WhenUnsatisfiable == corev1.ScheduleAnyway
	}
	if Postgres(e.App) == nil || slices.ContainsFunc(own, onNodes) {
		return out
	}
	return append(out, corev1.TopologySpreadConstraint{
		MaxSkew: 1, TopologyKey: corev1.LabelHostname, WhenUnsatisfiable: corev1.ScheduleAnyway,
		LabelSelector: &metav1.LabelSelector{MatchLabels: selector(e.App)},
		// Only pods of the same revision count, or a rollout would end with both on one node.
		MatchLabelKeys: []string{appsv1.DefaultDeploymentUniqueLabelKey},
	})
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
	out := []corev1.Volume{
		configVolume("tokens", TokensName(e.App.Name)),
		configVolume("config", ConfigName(e.App.Name)),
		{Name: "tmp", VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}},
	}
	if Postgres(e.App) == nil {
		out = slices.Insert(out, 0, corev1.Volume{Name: "data", VolumeSource: corev1.VolumeSource{
			PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: ClaimName(e.App.Name)},
		}})
	}
	if w := webhook(e.App); w != nil {
		out = append(out, corev1.Volume{Name: "webhook", VolumeSource: corev1.VolumeSource{Secret: &corev1.SecretVolumeSource{
			SecretName: w.SigningSecretRef.Name,
			Items:      []corev1.KeyToPath{{Key: w.SigningSecretRef.Key, Path: webhookSecretFile}},
		}}})
	}
	return out
}

func mounts(e Endpoint) []corev1.VolumeMount {
	out := []corev1.VolumeMount{
		{Name: "tokens", MountPath: tokensPath, ReadOnly: true},
		{Name: "config", MountPath: configPath, ReadOnly: true},
		{Name: "tmp", MountPath: tmpPath},
	}
	if Postgres(e.App) == nil {
		out = slices.Insert(out, 0, corev1.VolumeMount{Name: "data", MountPath: dataPath})
	}
	if webhook(e.App) != nil {
		out = append(out, corev1.VolumeMount{Name: "webhook", MountPath: webhookPath, ReadOnly: true})
	}
	return out
}
