package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// RolloutStatus is how far a change of a mapping has come. It reaches the ScimApps in waves of 1, 5, 25 and then 125 apps;
// the next wave begins when each app of the last one has ended a whole cycle with no more failures and disables than before.
type RolloutStatus struct {
	// revision of the mapping that is being rolled out.
	// +optional
	// +kubebuilder:validation:MaxLength=16
	Revision string `json:"revision,omitempty"`

	// wave is the present one, beginning with 1.
	// +optional
	Wave int32 `json:"wave,omitempty"`

	// released are the ScimApps of the present wave, as namespace/name where the mapping has no namespace itself.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=125
	// +kubebuilder:validation:items:MaxLength=507
	Released []string `json:"released,omitempty"`

	// updated is the number of ScimApps whose schema in Entra has the revision.
	// +optional
	Updated int32 `json:"updated,omitempty"`

	// waiting is the number of ScimApps where an older revision is in force.
	// +optional
	Waiting int32 `json:"waiting,omitempty"`

	// leftOut are ScimApps that can take no part for now, ten at most. The rollout goes on without them, and they get the
	// revision when they can.
	// +optional
	// +listType=map
	// +listMapKey=app
	// +kubebuilder:validation:MaxItems=10
	LeftOut []LeftOutApp `json:"leftOut,omitempty"`

	// halt is present while the rollout stands still, because an app of the present wave got worse.
	// +optional
	Halt *RolloutHalt `json:"halt,omitempty"`
}

// LeftOutApp is a ScimApp that a rollout goes on without.
type LeftOutApp struct {
	// app is its name, as namespace/name where the mapping has no namespace itself.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=507
	App string `json:"app,omitempty"`

	// reason in words, such as suspended.
	// +optional
	// +kubebuilder:validation:MaxLength=256
	Reason string `json:"reason,omitempty"`
}

// RolloutHalt says where and why a rollout stands still.
type RolloutHalt struct {
	// app that got worse, as namespace/name where the mapping has no namespace itself.
	// +optional
	// +kubebuilder:validation:MaxLength=507
	App string `json:"app,omitempty"`

	// cause says with figures what got worse.
	// +optional
	// +kubebuilder:validation:MaxLength=512
	Cause string `json:"cause,omitempty"`

	// since is when the rollout halted.
	// +optional
	Since *metav1.Time `json:"since,omitempty"`
}

// CycleFigures are what a cycle came to, as far as a rollout compares it.
type CycleFigures struct {
	// failed is the number of entries that wait for another try.
	// +optional
	Failed int64 `json:"failed,omitempty"`

	// disabled is the number of accounts that were disabled or deleted. It is absent where the provisioning log could not
	// be read.
	// +optional
	Disabled *int64 `json:"disabled,omitempty"`

	// endedAt is when the cycle ended.
	// +optional
	EndedAt *metav1.Time `json:"endedAt,omitempty"`
}
