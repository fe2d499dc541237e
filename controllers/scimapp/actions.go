package scimapp

import (
	"fmt"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
)

// An action is asked for by an annotation and done once for each of its values; status.handledActions remembers that.

// answer is whether an action may be done.
type answer struct {
	granted bool
	// note says, for a message, why an annotation that is there grants nothing.
	note string
}

// ask looks whether the annotation asks for the action with exactly that value, which was not done before.
func (s *scope) ask(action, annotation, value string) answer {
	have, set := s.app.Annotations[annotation]
	switch i := s.findAction(action); {
	case !set:
		return answer{}
	case have != value:
		return answer{note: fmt.Sprintf(". The annotation says %q now, which names another state and releases nothing", truncate(have, 128))}
	case i >= 0 && s.app.Status.HandledActions[i].Value == value:
		return answer{note: ". The annotation was obeyed for this value before; remove it and set it again"}
	default:
		return answer{granted: true}
	}
}

// handled remembers that the action was done.
func (s *scope) handled(action, value, result string, at time.Time) {
	done := v1alpha1.HandledAction{Name: action, Value: value, At: &metav1.Time{Time: at.Truncate(time.Second)}, Result: result}
	if i := s.findAction(action); i >= 0 {
		s.app.Status.HandledActions[i] = done
		return
	}
	s.app.Status.HandledActions = append(s.app.Status.HandledActions, done)
}

// forgetAction makes an action whose annotation was removed possible again.
func (s *scope) forgetAction(action, annotation string) {
	if _, set := s.app.Annotations[annotation]; set {
		return
	}
	if i := s.findAction(action); i >= 0 {
		s.app.Status.HandledActions = slices.Delete(s.app.Status.HandledActions, i, i+1)
	}
}

func (s *scope) findAction(action string) int {
	return slices.IndexFunc(s.app.Status.HandledActions, func(h v1alpha1.HandledAction) bool { return h.Name == action })
}
