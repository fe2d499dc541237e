package tenant

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"

	"github.com/scim-operator/scim-operator/internal/entrasim/directory"
)

// merge applies a JSON merge patch (RFC 7396) to a typed object.
func merge(into any, patch []byte) error {
	var edits map[string]any
	if err := json.Unmarshal(patch, &edits); err != nil {
		return BadRequest("The body is not a JSON object: %v", err)
	}
	text, err := json.Marshal(into)
	if err != nil {
		return fmt.Errorf("encoding the object: %w", err)
	}
	current := map[string]any{}
	if err := json.Unmarshal(text, &current); err != nil {
		return fmt.Errorf("decoding the object: %w", err)
	}
	if text, err = json.Marshal(mergePatch(current, edits)); err != nil {
		return fmt.Errorf("encoding the change: %w", err)
	}
	return decodeInto(into, text)
}

// mergePatch is an object after a JSON merge patch.
func mergePatch(current, edits Object) Object {
	merged := maps.Clone(current)
	if merged == nil {
		merged = Object{}
	}
	for name, value := range edits {
		switch value := value.(type) {
		case nil:
			delete(merged, name)
		case Object:
			before, _ := merged[name].(Object)
			merged[name] = mergePatch(before, value)
		default:
			merged[name] = value
		}
	}
	return merged
}

func decodeInto(into any, text []byte) error {
	switch into := into.(type) {
	case *directory.User:
		*into = directory.User{}
	case *directory.Group:
		*into = directory.Group{}
	}
	dec := json.NewDecoder(strings.NewReader(string(text)))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return BadRequest("The change does not fit the object: %v", err)
	}
	return nil
}
