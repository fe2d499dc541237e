package faults

import (
	"fmt"
	"os"

	"github.com/scim-operator/scim-operator/internal/entrasim/strictyaml"
)

// Load reads the rule file at path, a YAML list under the key faults whose entries have the members of Rule:
//
//	faults:
//	- operation: instantiate
//	  status: 504
//	  afterEffect: true
//	- {target: scim, method: PATCH, probability: 0.1, status: 503}
//
// An unknown key is an error, and so is a rule that cannot be put in force.
func Load(path string) ([]Rule, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the faults file: %w", err)
	}
	var file struct {
		Faults []Rule `json:"faults"`
	}
	if err := strictyaml.Unmarshal(raw, &file); err != nil {
		return nil, fmt.Errorf("faults file %s: %w", path, err)
	}
	var trial Set
	for i, rule := range file.Faults {
		if _, err := trial.Add(rule); err != nil {
			return nil, fmt.Errorf("faults file %s: entry %d: %w", path, i+1, err)
		}
	}
	return file.Faults, nil
}
