package flags

import "github.com/spf13/pflag"

// Expected says what the values of a flag look like.
func Expected(f *pflag.Flag) string {
	switch kind := f.Value.Type(); kind {
	case "duration":
		return "a time span with its unit, such as 5s or 1m30s"
	case "bool":
		return "true or false"
	case "int", "int64":
		return "a whole number"
	case "float64":
		return "a number"
	default:
		return "a value of type " + kind
	}
}
