package scimapp

import (
	"fmt"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
)

// action is what an annotation asks for. It is done once for each value; status.handledActions remembers that.
type action struct {
	name       string
	annotation string
}

// acceptStore has the endpoint serve a database that is not the expected one.
var acceptStore = action{v1alpha1.ActionAcceptStore, v1alpha1.AnnotationAcceptStore}

// approveAdoption lets the operator change what others set up and run.
var approveAdoption = action{v1alpha1.ActionApproveAdoption, v1alpha1.AnnotationApproveAdoption}

// acceptDefault has mappings written that come to something else than before without having changed.
var acceptDefault = action{v1alpha1.ActionAcceptDefault, v1alpha1.AnnotationAcceptDefault}

// ask looks whether the annotation asks for the action with exactly that value, which was not done before. The note
// says, for a message, why an annotation that is there grants nothing.
func (a action) ask(app *v1alpha1.ScimApp, value string) (granted bool, note string) {
	have, set := app.Annotations[a.annotation]
	switch i := a.find(app); {
	case !set:
		return false, ""
	case have != value:
		return false, fmt.Sprintf(". The annotation says %q now, which names another state and releases nothing", truncate(have, 128))
	case i >= 0 && app.Status.HandledActions[i].Value == value:
		return false, ". The annotation was obeyed for this value before; remove it and set it again"
	default:
		return true, ""
	}
}

// handled remembers that the action was done.
func (a action) handled(app *v1alpha1.ScimApp, value, result string, at time.Time) {
	done := v1alpha1.HandledAction{Name: a.name, Value: value, At: &metav1.Time{Time: at.Truncate(time.Second)}, Result: result}
	if i := a.find(app); i >= 0 {
		app.Status.HandledActions[i] = done
		return
	}
	app.Status.HandledActions = append(app.Status.HandledActions, done)
}

// forget makes an action whose annotation was removed possible again.
func (a action) forget(app *v1alpha1.ScimApp) {
	if _, set := app.Annotations[a.annotation]; set {
		return
	}
	if i := a.find(app); i >= 0 {
		app.Status.HandledActions = slices.Delete(app.Status.HandledActions, i, i+1)
	}
}

func (a action) find(app *v1alpha1.ScimApp) int {
	return slices.IndexFunc(app.Status.HandledActions, func(h v1alpha1.HandledAction) bool { return h.Name == a.name })
}
