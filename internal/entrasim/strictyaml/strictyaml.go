package strictyaml

import (
	"bytes"
	"encoding/json"
	"fmt"

	"go.yaml.in/yaml/v3"
)

// Unmarshal reads YAML into a value. The detour through JSON lets the types carry one set of tags, those of the API.
func Unmarshal(raw []byte, into any) error {
	var tree any
	if err := yaml.Unmarshal(raw, &tree); err != nil {
		return fmt.Errorf("parsing YAML: %w", err)
	}
	asJSON, err := json.Marshal(tree)
	if err != nil {
		return fmt.Errorf("reading the YAML tree: %w", err)
	}
	dec := json.NewDecoder(bytes.NewReader(asJSON))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return fmt.Errorf("decoding: %w", err)
	}
	return nil
}
