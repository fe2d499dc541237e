package manifest

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
)

// revisionLength is how many hexadecimal digits of the digest are shown: people compare them.
const revisionLength = 10

// Revision is a digest of what a mapping says, whatever the order of its attributes. A mapping that is changed back has
// its old revision again, so apps that never took the change have nothing to do.
func Revision(spec v1alpha1.AttributeMappingSpec) (string, error) {
	spec.Attributes = slices.SortedFunc(slices.Values(spec.Attributes), func(a, b v1alpha1.MappedAttribute) int {
		return strings.Compare(a.Target, b.Target)
	})
	body, err := json.Marshal(spec)
	if err != nil {
		return "", fmt.Errorf("encoding the mapping: %w", err)
	}
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])[:revisionLength], nil
}
