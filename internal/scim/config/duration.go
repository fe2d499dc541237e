package config

import (
	"errors"
	"time"

	"go.yaml.in/yaml/v3"
)

// Duration is a time span with its unit, such as 720h. A bare number is refused, because taken for nanoseconds it would
// purge everything; 0 needs no unit.
type Duration time.Duration

var errDuration = errors.New("has the wrong form: write a time span such as 720h or 30m, or 0 for none")

// UnmarshalYAML implements yaml.Unmarshaler.
func (d *Duration) UnmarshalYAML(node *yaml.Node) error {
	parsed, err := time.ParseDuration(node.Value)
	if err != nil || parsed < 0 || node.Kind != yaml.ScalarNode {
		return errDuration
	}
	*d = Duration(parsed)
	return nil
}
