package agent

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"sync"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/utils/ptr"
)

// volumes are a pod's volumes as directories of this machine.
type volumes struct {
	directories map[string]string // volume name → directory
	files       []*fileVolume     // those that follow a ConfigMap or Secret

	mu sync.Mutex // one refresh at a time
}

// A fileVolume is a directory with the keys of a ConfigMap or Secret as files.
type fileVolume struct {
	name   string
	writer *atomicWriter
	read   func() (map[string]file, error)
}

// mount makes the pod's volumes, or says what is missing for one.
func (w *worker) mount() (*volumes, error) {
	pod := w.observed()
	made := &volumes{directories: map[string]string{}}
	for i := range pod.Spec.Volumes {
		volume := &pod.Spec.Volumes[i]
		directory := filepath.Join(w.directory, "volumes", volume.Name)
		switch {
		case volume.EmptyDir != nil:
			if err := os.MkdirAll(directory, 0o755); err != nil {
				return nil, fmt.Errorf("volume %s: %w", volume.Name, err)
			}
		case volume.PersistentVolumeClaim != nil:
			var err error
			if directory, err = w.agent.claimed(pod.Namespace, volume.PersistentVolumeClaim.ClaimName); err != nil {
				return nil, fmt.Errorf("volume %s: %w", volume.Name, err)
			}
		case volume.ConfigMap != nil, volume.Secret != nil:
			made.files = append(made.files, &fileVolume{
				name: volume.Name, writer: &atomicWriter{directory: directory}, read: w.agent.source(pod.Namespace, volume),
			})
		default:
			return nil, fmt.Errorf("volume %s: the lab knows configMap, secret, emptyDir and persistentVolumeClaim only "+
				"(a pod that needs no token sets automountServiceAccountToken: false)", volume.Name)
		}
		made.directories[volume.Name] = directory
	}
	return made, made.refresh()
}

// refresh writes what has changed in ConfigMaps and Secrets.
func (v *volumes) refresh() error {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, volume := range v.files {
		files, err := volume.read()
		if err == nil {
			err = volume.writer.write(files)
		}
		if err != nil {
			return fmt.Errorf("volume %s: %w", volume.name, err)
		}
	}
	return nil
}

// mounts returns where a container's mounts really are.
func (v *volumes) mounts(container *corev1.Container) ([]mount, error) {
	var mounts []mount
	for _, m := range container.VolumeMounts {
		directory, ok := v.directories[m.Name]
		if !ok {
			return nil, fmt.Errorf("container %s mounts %s, which is no volume of the pod", container.Name, m.Name)
		}
		mounts = append(mounts, mount{container: m.MountPath, host: filepath.Join(directory, m.SubPath)})
	}
	return mounts, nil
}

// source returns how to read the files of a ConfigMap or Secret volume. A missing optional one is an empty directory.
func (a *Agent) source(namespace string, volume *corev1.Volume) func() (map[string]file, error) {
	if source := volume.Secret; source != nil {
		return func() (map[string]file, error) {
			secret, err := a.secrets.Secrets(namespace).Get(source.SecretName)
			if apierrors.IsNotFound(err) && ptr.Deref(source.Optional, false) {
				return nil, nil
			} else if err != nil {
				return nil, err
			}
			return selectFiles(secret.Data, source.Items, source.DefaultMode)
		}
	}
	source := volume.ConfigMap
	return func() (map[string]file, error) {
		configMap, err := a.configMaps.ConfigMaps(namespace).Get(source.Name)
		if apierrors.IsNotFound(err) && ptr.Deref(source.Optional, false) {
			return nil, nil
		} else if err != nil {
			return nil, err
		}
		data := map[string][]byte{}
		maps.Copy(data, configMap.BinaryData)
		for key, value := range configMap.Data {
			data[key] = []byte(value)
		}
		return selectFiles(data, source.Items, source.DefaultMode)
	}
}

// selectFiles maps keys to files: all of them under their own names, or the items only.
func selectFiles(data map[string][]byte, items []corev1.KeyToPath, defaultMode *int32) (map[string]file, error) {
	mode := fs.FileMode(ptr.Deref(defaultMode, 0o644))
	files := map[string]file{}
	if len(items) == 0 {
		for key, content := range data {
			files[key] = file{content: content, mode: mode}
		}
		return files, nil
	}
	for _, item := range items {
		content, ok := data[item.Key]
		if !ok {
			return nil, fmt.Errorf("it has no key %s", item.Key)
		}
		files[item.Path] = file{content: content, mode: fs.FileMode(ptr.Deref(item.Mode, int32(mode)))}
	}
	return files, nil
}
