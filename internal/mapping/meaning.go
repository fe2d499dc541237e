package mapping

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
)

// Meanings gives for each mapped object type a digest, 16 hex digits, of what its mappings come to with the default schema of
// the job's template. It changes with what is declared, with Entra's default where a mapping lays over that, and with what this
// version of the code makes of both. It does not depend on what a job has now, on the mappings of the other object type, or on
// Roles.
func Meanings(template []byte, d Desired) (map[Object]string, error) {
	plan, err := NewPlan(template, template, d)
	if err != nil {
		return nil, err
	}
	schema := template
	if !plan.Empty() {
		schema = plan.Schema
	}
	all, _, err := Import(schema, nil)
	if err != nil {
		return nil, err
	}
	meanings := map[Object]string{}
	for _, m := range all.Mappings {
		if !d.mapped(m.Object) {
			continue
		}
		body, err := json.Marshal(m)
		if err != nil {
			return nil, fmt.Errorf("encoding the mapping of %s: %w", m.Object, err)
		}
		sum := sha256.Sum256(body)
		meanings[m.Object] = hex.EncodeToString(sum[:])[:16]
	}
	return meanings, nil
}
