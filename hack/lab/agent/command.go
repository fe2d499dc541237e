package agent

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/fields"

	"github.com/scim-operator/scim-operator/hack/lab/process"
)

// command builds the process that stands for the container.
func (c *container) command(volumes *volumes) (process.Command, error) {
	image := c.spec.Image
	if len(c.spec.Command) > 0 {
		image = filepath.Base(c.spec.Command[0])
	}
	program, err := c.worker.agent.program(image)
	if err != nil {
		return process.Command{}, err
	}
	mounts, err := volumes.mounts(c.spec)
	if err != nil {
		return process.Command{}, err
	}
	rewriter := newRewriter(mounts, c.ports)
	environment, expand, err := c.environment(rewriter)
	if err != nil {
		return process.Command{}, err
	}
	var arguments []string
	if len(c.spec.Command) > 1 {
		arguments = append(arguments, c.spec.Command[1:]...)
	}
	arguments = append(arguments, c.spec.Args...)
	for i, argument := range arguments {
		arguments[i] = rewriter.argument(expand.Replace(argument))
	}
	directory := filepath.Join(c.worker.directory, "root", c.spec.Name)
	if err := os.MkdirAll(directory, 0o755); err != nil {
		return process.Command{}, fmt.Errorf("making the container's directory: %w", err)
	}
	return process.Command{Path: program, Args: arguments, Directory: directory, Environment: environment}, nil
}

// environment returns the container's variables, and a replacer of $(NAME) in its arguments.
func (c *container) environment(rewriter rewriter) ([]string, *strings.Replacer, error) {
	if len(c.spec.EnvFrom) > 0 {
		return nil, nil, fmt.Errorf("container %s: the lab knows no envFrom; list the variables in env", c.spec.Name)
	}
	pod := c.worker.observed()
	environment := append([]string{"PATH=" + os.Getenv("PATH"), "HOSTNAME=" + pod.Name}, c.worker.agent.options.Environment...)
	if temporary := rewriter.path("/tmp"); temporary != "/tmp" {
		environment = append(environment, "TMPDIR="+temporary)
	}
	expansions := []string{"$$", "$"}
	for _, variable := range c.spec.Env {
		value, err := c.value(pod, variable)
		if err != nil {
			return nil, nil, fmt.Errorf("variable %s of container %s: %w", variable.Name, c.spec.Name, err)
		}
		value = rewriter.value(strings.NewReplacer(expansions...).Replace(value))
		environment = append(environment, variable.Name+"="+value)
		expansions = append(expansions, "$("+variable.Name+")", value)
	}
	return environment, strings.NewReplacer(expansions...), nil
}

func (c *container) value(pod *corev1.Pod, variable corev1.EnvVar) (string, error) {
	source := variable.ValueFrom
	switch {
	case source == nil:
		return variable.Value, nil
	case source.FieldRef != nil:
		return c.field(pod, source.FieldRef.FieldPath)
	case source.ConfigMapKeyRef != nil:
		configMap, err := c.worker.agent.configMaps.ConfigMaps(pod.Namespace).Get(source.ConfigMapKeyRef.Name)
		if err != nil {
			return "", err
		}
		return configMap.Data[source.ConfigMapKeyRef.Key], nil
	case source.SecretKeyRef != nil:
		secret, err := c.worker.agent.secrets.Secrets(pod.Namespace).Get(source.SecretKeyRef.Name)
		if err != nil {
			return "", err
		}
		return string(secret.Data[source.SecretKeyRef.Key]), nil
	}
	return "", fmt.Errorf("the lab knows value, fieldRef, configMapKeyRef and secretKeyRef only")
}

// field answers the downward API.
func (c *container) field(pod *corev1.Pod, path string) (string, error) {
	known := fields.Set{
		"metadata.name":           pod.Name,
		"metadata.namespace":      pod.Namespace,
		"metadata.uid":            string(pod.UID),
		"spec.nodeName":           pod.Spec.NodeName,
		"spec.serviceAccountName": pod.Spec.ServiceAccountName,
		"status.podIP":            c.worker.ip,
		"status.podIPs":           c.worker.ip,
		"status.hostIP":           hostIP,
		"status.hostIPs":          hostIP,
	}
	if known.Has(path) {
		return known.Get(path), nil
	}
	for prefix, values := range map[string]map[string]string{"metadata.labels['": pod.Labels, "metadata.annotations['": pod.Annotations} {
		if key, ok := strings.CutPrefix(path, prefix); ok {
			return values[strings.TrimSuffix(key, "']")], nil
		}
	}
	return "", fmt.Errorf("the lab knows no field %s", path)
}
