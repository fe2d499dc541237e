package admission

import (
	"context"
	"fmt"
	"slices"
	"strings"

	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/listtype"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/objectmeta"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	metavalidation "k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/validation/field"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
)

// Problem is a reason for which the API server would refuse an object.
type Problem struct {
	// Path of the field, such as spec.attributes[2].target; empty for the whole object.
	Path string
	// Message is what the API server says about it.
	Message string
	// Unknown says that the kind has no such field.
	Unknown bool
	// WrongType says that the field wants a text and has something else, which an unquoted YAML value easily is.
	WrongType bool
}

// Validate checks a new object as the API server does, all problems at once. The object stays as it is. It has to be of a
// kind that v knows. A cluster-scoped object of which the namespace is set, or the other way round, is not a problem:
// kubectl fills it in.
func (v *Validator) Validate(ctx context.Context, object unstructured.Unstructured) []Problem {
	k := v.kinds[object.GroupVersionKind()]
	object = *object.DeepCopy()
	unknown := pruning.PruneWithOptions(object.Object, k.structural, true, structuralschema.UnknownFieldPathOptions{TrackUnknownFieldPaths: true})
	var problems []Problem
	for _, path := range unknown {
		problems = append(problems, Problem{Path: path, Message: fmt.Sprintf("unknown field %q", path), Unknown: true})
	}
	defaulting.PruneNonNullableNullsWithoutDefaults(object.Object, k.structural)
	defaulting.Default(object.Object, k.structural)
	for _, err := range k.check(ctx, object) {
		problems = append(problems, Problem{Path: path(err), Message: message(err), WrongType: err.Type == field.ErrorTypeTypeInvalid})
	}
	return problems
}

// Rules is what the kind's rules say of an object whatever else is wrong with it, which the API server asks only when
// nothing is. A rule that cannot be evaluated on what is there says nothing.
func (v *Validator) Rules(ctx context.Context, object unstructured.Unstructured) []Problem {
	k := v.kinds[object.GroupVersionKind()]
	if k.rules == nil {
		return nil
	}
	object = *object.DeepCopy()
	pruning.Prune(object.Object, k.structural, true)
	defaulting.PruneNonNullableNullsWithoutDefaults(object.Object, k.structural)
	defaulting.Default(object.Object, k.structural)
	found, _ := k.rules.Validate(ctx, nil, k.structural, object.Object, nil, celconfig.RuntimeCELCostBudget)
	var problems []Problem
	for _, err := range found {
		if err.Type != field.ErrorTypeInternal && !slices.ContainsFunc(notEvaluated, func(words string) bool { return strings.Contains(err.Detail, words) }) {
			problems = append(problems, Problem{Path: path(err), Message: message(err)})
		}
	}
	return problems
}

// notEvaluated are the API server's words for a rule that failed, which is not the same as one that says no.
var notEvaluated = []string{" evaluating rule: ", "macro signature for rule: ", "call cost exceeds limit for rule: ", "running out of cost budget", "messageExpression evaluation failed"}

// check is in the API server's order: objects with a wrong structure are not asked for more.
func (k kind) check(ctx context.Context, object unstructured.Unstructured) field.ErrorList {
	found := k.metadata(object)
	found = append(found, validation.ValidateCustomResource(nil, object.Object, k.schema)...)
	found = append(found, objectmeta.Validate(ctx, nil, object.Object, k.structural, false)...)
	found = append(found, listtype.ValidateListSetsAndMaps(nil, k.structural, object.Object)...)
	if k.rules == nil || blocks(found) {
		return found
	}
	rules, _ := k.rules.Validate(ctx, nil, k.structural, object.Object, nil, celconfig.RuntimeCELCostBudget)
	return append(found, rules...)
}

// blocks says whether the CEL rules cannot be asked: the API server leaves them out where the structure is wrong.
func blocks(found field.ErrorList) bool {
	for _, err := range found {
		switch err.Type {
		case field.ErrorTypeNotSupported, field.ErrorTypeRequired, field.ErrorTypeTooLong, field.ErrorTypeTooMany, field.ErrorTypeTypeInvalid:
			return true
		}
	}
	return false
}

func (k kind) metadata(object unstructured.Unstructured) field.ErrorList {
	if k.namespaced && object.GetNamespace() == "" {
		object.SetNamespace("default")
	} else if !k.namespaced {
		object.SetNamespace("")
	}
	return metavalidation.ValidateObjectMetaAccessor(&object, k.namespaced, metavalidation.NameIsDNSSubdomain, field.NewPath("metadata"))
}

func path(err *field.Error) string {
	if err.Field == "<nil>" {
		return ""
	}
	return err.Field
}

// message is the error without the path in front, which is shown by itself.
func message(err *field.Error) string { return err.ErrorBody() }
