package agent

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	coreinformers "k8s.io/client-go/informers/core/v1"
	"k8s.io/client-go/tools/cache"
	"k8s.io/utils/ptr"
)

// The lab's storage class, which is the default one, and the provisioner behind it, which is the agent.
const (
	storageClass = "lab"
	provisioner  = "scim-operator.io/lab"
)

// provision makes the storage class and serves claims on it: a directory for each, removed with the volume.
func (a *Agent) provision(ctx context.Context, core coreinformers.Interface) error {
	_, err := a.client.StorageV1().StorageClasses().Create(ctx, &storagev1.StorageClass{
		ObjectMeta: metav1.ObjectMeta{
			Name:        storageClass,
			Annotations: map[string]string{"storageclass.kubernetes.io/is-default-class": "true"},
		},
		Provisioner:       provisioner,
		ReclaimPolicy:     new(corev1.PersistentVolumeReclaimDelete),
		VolumeBindingMode: new(storagev1.VolumeBindingImmediate),
	}, metav1.CreateOptions{})
	if err != nil && !apierrors.IsAlreadyExists(err) {
		return fmt.Errorf("creating the storage class: %w", err)
	}
	claims := func(object any) { a.provisionClaim(ctx, object.(*corev1.PersistentVolumeClaim)) }
	if _, err := core.PersistentVolumeClaims().Informer().AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    claims,
		UpdateFunc: func(_, object any) { claims(object) },
	}); err != nil {
		return fmt.Errorf("watching claims: %w", err)
	}
	volumes := func(object any) { a.reclaim(ctx, object.(*corev1.PersistentVolume)) }
	if _, err := core.PersistentVolumes().Informer().AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    volumes,
		UpdateFunc: func(_, object any) { volumes(object) },
	}); err != nil {
		return fmt.Errorf("watching volumes: %w", err)
	}
	return nil
}

// provisionClaim makes a volume for an unbound claim; the volume controller binds the two.
func (a *Agent) provisionClaim(ctx context.Context, claim *corev1.PersistentVolumeClaim) {
	if claim.Spec.VolumeName != "" || claim.DeletionTimestamp != nil || ptr.Deref(claim.Spec.StorageClassName, storageClass) != storageClass {
		return
	}
	name := "pvc-" + string(claim.UID)
	directory := filepath.Join(a.options.Directory, "claims", name)
	err := os.MkdirAll(directory, 0o755)
	if err == nil {
		_, err = a.client.CoreV1().PersistentVolumes().Create(ctx, claimedVolume(name, directory, claim), metav1.CreateOptions{})
	}
	if err != nil && !apierrors.IsAlreadyExists(err) {
		a.events.Eventf(claim, corev1.EventTypeWarning, "ProvisioningFailed", "making a volume: %v", err)
	}
}

func claimedVolume(name, directory string, claim *corev1.PersistentVolumeClaim) *corev1.PersistentVolume {
	return &corev1.PersistentVolume{
		ObjectMeta: metav1.ObjectMeta{
			Name:        name,
			Annotations: map[string]string{"pv.kubernetes.io/provisioned-by": provisioner},
		},
		Spec: corev1.PersistentVolumeSpec{
			Capacity:                      corev1.ResourceList{corev1.ResourceStorage: claim.Spec.Resources.Requests[corev1.ResourceStorage]},
			AccessModes:                   claim.Spec.AccessModes,
			PersistentVolumeReclaimPolicy: corev1.PersistentVolumeReclaimDelete,
			StorageClassName:              storageClass,
			ClaimRef: &corev1.ObjectReference{
				APIVersion: "v1", Kind: "PersistentVolumeClaim", Namespace: claim.Namespace, Name: claim.Name, UID: claim.UID,
			},
			PersistentVolumeSource: corev1.PersistentVolumeSource{HostPath: &corev1.HostPathVolumeSource{Path: directory}},
		},
	}
}

// reclaim removes a released volume and what is in it.
func (a *Agent) reclaim(ctx context.Context, volume *corev1.PersistentVolume) {
	if volume.Spec.StorageClassName != storageClass || volume.Status.Phase != corev1.VolumeReleased || volume.DeletionTimestamp != nil {
		return
	}
	err := os.RemoveAll(volume.Spec.HostPath.Path)
	if err == nil {
		err = a.client.CoreV1().PersistentVolumes().Delete(ctx, volume.Name, metav1.DeleteOptions{})
	}
	if err != nil && !apierrors.IsNotFound(err) {
		a.events.Eventf(volume, corev1.EventTypeWarning, "VolumeFailedDelete", "removing the volume: %v", err)
	}
}

// claimed returns the directory behind a bound claim.
func (a *Agent) claimed(namespace, name string) (string, error) {
	claim, err := a.claims.PersistentVolumeClaims(namespace).Get(name)
	if err != nil {
		return "", err
	}
	if claim.Status.Phase != corev1.ClaimBound {
		return "", fmt.Errorf("claim %s is not bound yet", name)
	}
	volume, err := a.volumes.Get(claim.Spec.VolumeName)
	if err != nil {
		return "", err
	}
	if volume.Spec.HostPath == nil {
		return "", fmt.Errorf("volume %s of claim %s is no hostPath volume, and the lab knows no other", volume.Name, name)
	}
	return volume.Spec.HostPath.Path, nil
}
