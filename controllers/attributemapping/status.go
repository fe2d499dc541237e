package attributemapping

import (
	"fmt"
	"strings"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/conditions"
	"github.com/scim-operator/scim-operator/internal/mapping"
	"github.com/scim-operator/scim-operator/internal/mapping/manifest"
)

// judge sets Ready by what can be known of the mapping alone. Whether Entra knows its attributes, and whether it fits to the
// other mappings of an app, shows in the ScimApp.
func judge(m *v1alpha1.AttributeMapping) {
	findings := mapping.Validate(mapping.Desired{Mappings: []mapping.Mapping{manifest.Mapping(v1alpha1.KindAttributeMapping, m.Name, m.Spec)}})
	if errors := findings.Errors(); len(errors) > 0 {
		conditions.MarkStalled(&m.Status.Conditions, m.Generation, v1alpha1.ReasonMappingInvalid,
			lines(errors)+"\nScimApps that use this mapping keep what Entra has until it is corrected")
		return
	}
	message := fmt.Sprintf("%d mappings of %s attributes are valid", len(m.Spec.Attributes), m.Spec.Object)
	if len(findings) > 0 {
		message += "; to be considered: " + lines(findings)
	}
	conditions.MarkReady(&m.Status.Conditions, m.Generation, v1alpha1.ReasonMappingValid, message)
}

func lines(findings mapping.Findings) string {
	texts := make([]string, 0, len(findings))
	for _, f := range findings {
		texts = append(texts, f.String())
	}
	return strings.Join(texts, "\n")
}
