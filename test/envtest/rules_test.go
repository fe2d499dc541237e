package envtest_test

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"testing"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// refusal is an object that the API server has to refuse.
type refusal struct {
	// before is the valid object that is to be changed; nil where the object is created.
	before client.Object
	object client.Object
	// field that the API server blames, with [] for any index.
	field string
	// says is a part of the message. For a pattern it is notMatched.
	says string
}

// notMatched is what the API server says of a text that its pattern refuses.
const notMatched = "should match"

var refusals = map[string]map[string]refusal{
	"ScimApp v1alpha1":                 scimAppRefusals,
	"EntraTenant v1alpha1":             entraTenantRefusals,
	"AttributeMapping v1alpha1":        attributeMappingRefusals,
	"ClusterAttributeMapping v1alpha1": clusterAttributeMappingRefusals,
}

func TestTheAPIServerRefuses(t *testing.T) {
	for kind, table := range refusals {
		for name, r := range table {
			t.Run(kind+"/"+name, func(t *testing.T) {
				r.check(t, apply(t, r.before, r.object))
			})
		}
	}
}

// apply creates the object, or changes before to it, and leaves nothing behind.
func apply(t *testing.T, before, object client.Object) error {
	t.Helper()
	ctx := context.Background()
	if before == nil {
		return server.Client.Create(ctx, object, client.DryRunAll)
	}
	if err := server.Client.Create(ctx, before); err != nil {
		t.Fatalf("the object that is to be changed is refused: %v", err)
	}
	defer func() {
		if err := server.Client.Delete(ctx, before); err != nil {
			t.Errorf("cleaning up: %v", err)
		}
	}()
	object.SetResourceVersion(before.GetResourceVersion())
	return server.Client.Update(ctx, object, client.DryRunAll)
}

func (r refusal) check(t *testing.T, err error) {
	t.Helper()
	var status apierrors.APIStatus
	if !errors.As(err, &status) || !apierrors.IsInvalid(err) {
		t.Fatalf("got %v, want the object to be refused as invalid", err)
	}
	for _, cause := range status.Status().Details.Causes {
		if withoutIndex(cause.Field) == r.field && strings.Contains(cause.Message, r.says) {
			return
		}
	}
	t.Errorf("field %s is not refused with %q:\n%v", r.field, r.says, err)
}

var indexes = regexp.MustCompile(`\[[0-9]+\]`)

// withoutIndex gives the path of a field as walk gives it. The root of an object is called <nil> by the API server.
func withoutIndex(field string) string {
	if field == "<nil>" {
		return ""
	}
	return indexes.ReplaceAllString(field, "[]")
}

// TestEveryRuleAndPatternIsTested keeps the tables whole: a rule that nobody has seen refusing anything may be wrong.
func TestEveryRuleAndPatternIsTested(t *testing.T) {
	for kind, schema := range schemas(t) {
		walk("", schema, func(path string, s apiextensionsv1.JSONSchemaProps) {
			for _, rule := range s.XValidations {
				if !hasRefusal(kind, path+rule.FieldPath, func(r refusal) bool { return r.says != "" && strings.Contains(rule.Message, r.says) }) {
					t.Errorf("%s: no case is about the rule on %q with the message %q", kind, path, rule.Message)
				}
			}
			// The pattern of a quantity is apimachinery's.
			if s.Pattern != "" && !s.XIntOrString && !hasRefusal(kind, path, func(r refusal) bool { return r.says == notMatched }) {
				t.Errorf("%s: no case is about the pattern on %q", kind, path)
			}
		})
	}
}

func hasRefusal(kind, path string, matches func(refusal) bool) bool {
	for _, r := range refusals[kind] {
		if r.field == path && matches(r) {
			return true
		}
	}
	return false
}
