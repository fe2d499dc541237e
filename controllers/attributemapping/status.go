package attributemapping

import (
	"fmt"
	"strings"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/conditions"
	"github.com/scim-operator/scim-operator/internal/mapping"
	"github.com/scim-operator/scim-operator/internal/mapping/manifest"
)

// judge sets Ready by what can be known of the mapping alone, and says whether it could be applied. Whether Entra knows
// its attributes, and whether it fits to the other mappings of an app, shows in the ScimApp.
func judge(m v1alpha1.MappingObject) bool {
	status := m.MappingStatus()
	findings := mapping.Validate(mapping.Desired{Mappings: []mapping.Mapping{manifest.Mapping(m.MappingKind(), m.GetName(), *m.MappingSpec())}})
	if errors := findings.Errors(); len(errors) > 0 {
		// A halt is kept for the revision that it belongs to: it may come back when the mapping is corrected.
		if status.Rollout != nil && status.Rollout.Halt == nil {
			status.Rollout = nil
		}
		conditions.MarkStalled(&status.Conditions, m.GetGeneration(), v1alpha1.ReasonMappingInvalid,
			lines(errors)+"\nScimApps that use this mapping keep what Entra has until it is corrected")
		return false
	}
	message := fmt.Sprintf("%d mappings of %s attributes are valid", len(m.MappingSpec().Attributes), m.MappingSpec().Object)
	if len(findings) > 0 {
		message += "; to be considered: " + lines(findings)
	}
	conditions.MarkReady(&status.Conditions, m.GetGeneration(), v1alpha1.ReasonMappingValid, message)
	return true
}

func lines(findings mapping.Findings) string {
	texts := make([]string, 0, len(findings))
	for _, f := range findings {
		texts = append(texts, f.String())
	}
	return strings.Join(texts, "\n")
}
