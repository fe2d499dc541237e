package envtest_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
)

func TestNoValueOfAnEnumIsABooleanInYAML11(t *testing.T) {
	words := []string{"y", "n", "yes", "no", "on", "off", "true", "false"}
	for kind, schema := range schemas(t) {
		walk("", schema, func(path string, s apiextensionsv1.JSONSchemaProps) {
			for _, value := range s.Enum {
				var text string
				if err := json.Unmarshal(value.Raw, &text); err != nil {
					t.Errorf("%s %s: the enum value %s is no text", kind, path, value.Raw)
				}
				if slices.Contains(words, strings.ToLower(text)) {
					t.Errorf("%s %s: YAML 1.1 reads %s as a boolean where it is not quoted; use another word", kind, path, text)
				}
			}
		})
	}
}

func TestEveryListSaysHowItIsMergedAndHowLongItMayBe(t *testing.T) {
	for kind, schema := range schemas(t) {
		walk("", schema, func(path string, s apiextensionsv1.JSONSchemaProps) {
			if s.Type != "array" {
				return
			}
			if s.XListType == nil {
				t.Errorf("%s %s: a list needs +listType", kind, path)
			}
			if s.MaxItems == nil {
				t.Errorf("%s %s: a list needs MaxItems", kind, path)
			}
		})
	}
}

func TestEveryTextHasALimit(t *testing.T) {
	for kind, schema := range schemas(t) {
		walk("", schema, func(path string, s apiextensionsv1.JSONSchemaProps) {
			// The values of a map are counted by MaxProperties and Kubernetes' own limits for labels and annotations.
			bounded := s.MaxLength != nil || len(s.Enum) > 0 || s.Format == "date-time" || strings.HasSuffix(path, "{}")
			// apiVersion, kind and what is in metadata are the API server's to check.
			if s.Type == "string" && !bounded && (strings.HasPrefix(path, "spec") || strings.HasPrefix(path, "status")) {
				t.Errorf("%s %s: a text needs MaxLength", kind, path)
			}
		})
	}
}

func TestEveryMemberIsDescribed(t *testing.T) {
	for kind, schema := range schemas(t) {
		walk("", schema, func(path string, s apiextensionsv1.JSONSchemaProps) {
			isMember := path != "" && path != "metadata" && !strings.HasSuffix(path, "[]") && !strings.HasSuffix(path, "{}")
			if isMember && s.Description == "" {
				t.Errorf("%s %s: a member needs a description", kind, path)
			}
		})
	}
}

func TestNoDefaultMakesADifferenceToGit(t *testing.T) {
	for kind, schema := range schemas(t) {
		walk("", schema, func(path string, s apiextensionsv1.JSONSchemaProps) {
			if s.Default != nil && strings.HasPrefix(path, "spec") {
				t.Errorf("%s %s: the default %s would show as a difference in every GitOps tool; keep defaults in code", kind, path, s.Default.Raw)
			}
		})
	}
}
