package agent_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/client-go/kubernetes"

	"github.com/scim-operator/scim-operator/hack/lab/agent"
	"github.com/scim-operator/scim-operator/hack/lab/cluster"
	"github.com/scim-operator/scim-operator/hack/lab/proxy"
)

// lab is a control plane with a node and a network.
type lab struct {
	*testing.T
	client kubernetes.Interface
	agent  *agent.Agent
	http   *http.Client
}

func TestNode(t *testing.T) {
	l := newLab(t)
	ctx := t.Context()
	l.create(ctx)
	pods := l.client.CoreV1().Pods("default")

	l.eventually("the pod answers behind its Service's name", func() error { return l.expect("/config", "first") })
	l.eventually("the pod knows itself", func() error {
		pod, err := pods.Get(ctx, "web-0", metav1.GetOptions{})
		if err != nil {
			return err
		}
		if pod.Status.Phase != corev1.PodRunning || !ready(pod) || pod.Status.ContainerStatuses[0].RestartCount != 0 {
			return fmt.Errorf("status = %+v", pod.Status)
		}
		return l.expect("/pod", "web-0 "+pod.Status.PodIP)
	})

	configMap := webConfig("second")
	if _, err := l.client.CoreV1().ConfigMaps("default").Update(ctx, configMap, metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
	l.eventually("a changed ConfigMap arrives without a restart", func() error { return l.expect("/config", "second") })

	if err := l.agent.Crash("default", "web-0"); err != nil {
		t.Fatal(err)
	}
	l.eventually("a crashed container is restarted on the same volume", func() error {
		pod, err := pods.Get(ctx, "web-0", metav1.GetOptions{})
		if err != nil {
			return err
		}
		status := pod.Status.ContainerStatuses[0]
		if status.RestartCount != 1 || status.LastTerminationState.Terminated == nil || status.LastTerminationState.Terminated.ExitCode != 137 {
			return fmt.Errorf("container status = %+v", status)
		}
		return l.expect("/starts", "xx")
	})
	l.logs(ctx)
	l.replace(ctx)
	l.removeAll(ctx)
}

// logs reads what `kubectl logs` reads.
func (l *lab) logs(ctx context.Context) {
	l.Helper()
	for name, options := range map[string]*corev1.PodLogOptions{
		"the log":                {},
		"its last line":          {TailLines: new(int64(1))},
		"the crashed one's log":  {Previous: true},
		"the log while it grows": {Follow: true},
	} {
		stream, err := l.client.CoreV1().Pods("default").GetLogs("web-0", options).Stream(ctx)
		if err != nil {
			l.Fatalf("reading %s: %v", name, err)
		}
		line, err := bufio.NewReader(stream).ReadString('\n')
		stream.Close()
		if line != "web: listening\n" {
			l.Errorf("%s begins with %q, %v", name, line, err)
		}
	}
}

// replace deletes the pod: its successor has another address and the same volume.
func (l *lab) replace(ctx context.Context) {
	l.Helper()
	pods := l.client.CoreV1().Pods("default")
	old, err := pods.Get(ctx, "web-0", metav1.GetOptions{})
	if err != nil {
		l.Fatal(err)
	}
	if err := pods.Delete(ctx, "web-0", metav1.DeleteOptions{}); err != nil {
		l.Fatal(err)
	}
	l.eventually("a deleted pod is replaced on the same volume", func() error {
		pod, err := pods.Get(ctx, "web-0", metav1.GetOptions{})
		if err != nil {
			return err
		}
		if pod.UID == old.UID || pod.Status.PodIP == old.Status.PodIP || !ready(pod) {
			return fmt.Errorf("pod %s at %q", pod.UID, pod.Status.PodIP)
		}
		return l.expect("/starts", "xxx")
	})
}

// removeAll deletes the StatefulSet with its claims, and expects nothing to be left.
func (l *lab) removeAll(ctx context.Context) {
	l.Helper()
	if err := l.client.AppsV1().StatefulSets("default").Delete(ctx, "web", metav1.DeleteOptions{}); err != nil {
		l.Fatal(err)
	}
	l.eventually("pods, claims and volumes go with the StatefulSet", func() error {
		pods, err := l.client.CoreV1().Pods("default").List(ctx, metav1.ListOptions{})
		if err != nil {
			return err
		}
		volumes, err := l.client.CoreV1().PersistentVolumes().List(ctx, metav1.ListOptions{})
		if err != nil {
			return err
		}
		if len(pods.Items)+len(volumes.Items) > 0 {
			return fmt.Errorf("%d pods and %d volumes are left", len(pods.Items), len(volumes.Items))
		}
		return nil
	})
}

func newLab(t *testing.T) *lab {
	t.Helper()
	binaries := os.Getenv("KUBEBUILDER_ASSETS")
	if binaries == "" {
		t.Skip("KUBEBUILDER_ASSETS names no control plane; `make test` builds one")
	}
	programs := t.TempDir()
	if output, err := exec.Command("go", "build", "-o", filepath.Join(programs, "web"), "./testdata/web").CombinedOutput(); err != nil {
		t.Fatalf("building the test's program: %v\n%s", err, output)
	}
	controlPlane, err := cluster.Start(t.Context(), cluster.Options{Binaries: binaries, Directory: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(controlPlane.Stop)
	node, err := agent.New(agent.Options{
		Config: controlPlane.Config, Authority: controlPlane.Authority, Directory: t.TempDir(), Binaries: programs, VolumeLag: 200 * time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ready, done := make(chan struct{}), make(chan error, 1)
	go func() { done <- node.Run(ctx, func() { close(ready) }) }()
	select {
	case <-ready:
	case err := <-done:
		t.Fatal(err)
	}
	client := kubernetes.NewForConfigOrDie(controlPlane.Config)
	address, err := proxy.Start(ctx, client, proxy.Resolver{Pods: node.Address})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("running the node: %v", err)
		}
	})
	proxyURL, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return &lab{T: t, client: client, agent: node, http: &http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(proxyURL)}}}
}

// create makes a StatefulSet with all that the agent knows how to do.
func (l *lab) create(ctx context.Context) {
	l.Helper()
	_, err := l.client.CoreV1().ConfigMaps("default").Create(ctx, webConfig("first"), metav1.CreateOptions{})
	if err == nil {
		_, err = l.client.CoreV1().Services("default").Create(ctx, &corev1.Service{
			ObjectMeta: metav1.ObjectMeta{Name: "web"},
			Spec: corev1.ServiceSpec{
				Selector: map[string]string{"app": "web"},
				Ports:    []corev1.ServicePort{{Port: 80, TargetPort: intstr.FromString("http")}},
			},
		}, metav1.CreateOptions{})
	}
	if err == nil {
		_, err = l.client.AppsV1().StatefulSets("default").Create(ctx, webSet(), metav1.CreateOptions{})
	}
	if err != nil {
		l.Fatal(err)
	}
}

func webConfig(text string) *corev1.ConfigMap {
	return &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "web", Namespace: "default"}, Data: map[string]string{"text": text}}
}

func webSet() *appsv1.StatefulSet {
	probe := &corev1.Probe{ProbeHandler: corev1.ProbeHandler{HTTPGet: &corev1.HTTPGetAction{Path: "/config", Port: intstr.FromString("http")}}}
	field := func(name, path string) corev1.EnvVar {
		return corev1.EnvVar{Name: name, ValueFrom: &corev1.EnvVarSource{FieldRef: &corev1.ObjectFieldSelector{FieldPath: path}}}
	}
	return &appsv1.StatefulSet{
		ObjectMeta: metav1.ObjectMeta{Name: "web"},
		Spec: appsv1.StatefulSetSpec{
			Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"app": "web"}},
			PersistentVolumeClaimRetentionPolicy: &appsv1.StatefulSetPersistentVolumeClaimRetentionPolicy{
				WhenDeleted: appsv1.DeletePersistentVolumeClaimRetentionPolicyType,
			},
			VolumeClaimTemplates: []corev1.PersistentVolumeClaim{{
				ObjectMeta: metav1.ObjectMeta{Name: "data"},
				Spec: corev1.PersistentVolumeClaimSpec{
					AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce},
					Resources:   corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("1Gi")}},
				},
			}},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{"app": "web"}},
				Spec: corev1.PodSpec{
					AutomountServiceAccountToken: new(false),
					Volumes: []corev1.Volume{{Name: "config", VolumeSource: corev1.VolumeSource{
						ConfigMap: &corev1.ConfigMapVolumeSource{LocalObjectReference: corev1.LocalObjectReference{Name: "web"}},
					}}},
					Containers: []corev1.Container{{
						Name:  "web",
						Image: "example.com/web:dev",
						Args:  []string{"--listen=:8080", "--config=/etc/web/text", "--starts=/data/starts"},
						Env:   []corev1.EnvVar{field("POD", "metadata.name"), field("POD_IP", "status.podIP")},
						Ports: []corev1.ContainerPort{{Name: "http", ContainerPort: 8080}},
						VolumeMounts: []corev1.VolumeMount{
							{Name: "config", MountPath: "/etc/web"},
							{Name: "data", MountPath: "/data"},
						},
						StartupProbe: probe, ReadinessProbe: probe, LivenessProbe: probe,
					}},
				},
			},
		},
	}
}

// expect asks the Service through the proxy.
func (l *lab) expect(path, want string) error {
	response, err := l.http.Get("http://web.default.svc" + path)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if got := strings.TrimSpace(string(body)); got != want {
		return fmt.Errorf("%s answered %q, want %q", path, got, want)
	}
	return nil
}

// eventually polls a condition, and fails the test with the last reason why it is not met.
func (l *lab) eventually(what string, condition func() error) {
	l.Helper()
	deadline := time.After(time.Minute)
	for {
		err := condition()
		if err == nil {
			return
		}
		select {
		case <-deadline:
			l.Fatalf("%s: %v", what, err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func ready(pod *corev1.Pod) bool {
	for _, condition := range pod.Status.Conditions {
		if condition.Type == corev1.PodReady {
			return condition.Status == corev1.ConditionTrue
		}
	}
	return false
}
