package mapping

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
)

// Meaning is a digest, 16 hex digits, of what the declared mappings come to with the default schema of the job's template.
// It changes with what is declared, with Entra's default where a mapping lays over that, and with what this version of the
// code makes of both; it does not depend on what a job has now.
func Meaning(template []byte, d Desired) (string, error) {
	plan, err := NewPlan(template, template, d)
	if err != nil {
		return "", err
	}
	schema := template
	if !plan.Empty() {
		schema = plan.Schema
	}
	all, _, err := Import(schema, nil)
	if err != nil {
		return "", err
	}
	all.Mappings = slices.DeleteFunc(all.Mappings, func(m Mapping) bool {
		return !slices.ContainsFunc(d.Mappings, func(declared Mapping) bool { return declared.Object == m.Object })
	})
	body, err := json.Marshal(all)
	if err != nil {
		return "", fmt.Errorf("encoding the mappings: %w", err)
	}
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])[:16], nil
}
