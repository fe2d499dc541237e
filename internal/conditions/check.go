package conditions

import (
	"errors"
	"fmt"
	"regexp"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
)

var camelCase = regexp.MustCompile(`^[A-Z][A-Za-z0-9]*$`)

// Check finds what is wrong with the conditions that a finished pass over the given generation left behind, in the eyes
// of kstatus and of a reader: Ready is there and current, Stalled means that Ready is False, Reconciling and Stalled are
// there only while true and never both, each condition has its generation, a CamelCase reason and a message.
func Check(conds []metav1.Condition, generation int64) error {
	var wrong []error
	ready := meta.FindStatusCondition(conds, v1alpha1.ConditionReady)
	switch {
	case ready == nil:
		wrong = append(wrong, errors.New("there is no condition Ready"))
	case ready.ObservedGeneration != generation:
		wrong = append(wrong, fmt.Errorf("condition Ready is about generation %d, not %d", ready.ObservedGeneration, generation))
	}
	stalled := meta.FindStatusCondition(conds, v1alpha1.ConditionStalled)
	if stalled != nil && ready != nil && ready.Status != metav1.ConditionFalse {
		wrong = append(wrong, fmt.Errorf("condition Stalled is there, but Ready is %s", ready.Status))
	}
	if stalled != nil && meta.FindStatusCondition(conds, v1alpha1.ConditionReconciling) != nil {
		wrong = append(wrong, errors.New("conditions Reconciling and Stalled are there together"))
	}
	for _, c := range conds {
		wrong = append(wrong, checkOne(c, generation)...)
	}
	return errors.Join(wrong...)
}

func checkOne(c metav1.Condition, generation int64) []error {
	var wrong []error
	abnormal := c.Type == v1alpha1.ConditionReconciling || c.Type == v1alpha1.ConditionStalled
	if abnormal && c.Status != metav1.ConditionTrue {
		wrong = append(wrong, fmt.Errorf("condition %s is there with status %s instead of being absent", c.Type, c.Status))
	}
	if c.ObservedGeneration < 1 || c.ObservedGeneration > generation {
		wrong = append(wrong, fmt.Errorf("condition %s has observedGeneration %d, the object has %d", c.Type, c.ObservedGeneration, generation))
	}
	if !camelCase.MatchString(c.Reason) {
		wrong = append(wrong, fmt.Errorf("condition %s has reason %q, which is not CamelCase", c.Type, c.Reason))
	}
	if c.Message == "" {
		wrong = append(wrong, fmt.Errorf("condition %s has no message", c.Type))
	}
	return wrong
}
