package lint

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/admission"
	"github.com/scim-operator/scim-operator/internal/cli/manifest"
)

// Check finds everything that is wrong with the objects of the operator's API group; objects of others are not looked at.
// problems are files that could not be read. checked is how many objects were looked at.
func Check(ctx context.Context, v *admission.Validator, objects []manifest.Object, problems []manifest.Problem) (found Findings, checked int) {
	for _, p := range problems {
		found = append(found, Finding{Position: p.Position, Severity: Error, Rule: ruleSyntax, Message: p.Message})
	}
	var known []manifest.Object
	for _, o := range objects {
		if o.GroupVersionKind().Group != v1alpha1.GroupVersion.Group {
			continue
		}
		checked++
		if !v.Knows(o.GroupVersionKind()) {
			found = append(found, unknownKind(o))
			continue
		}
		wrong, mended := checkObject(ctx, v, o)
		found, known = append(found, wrong...), append(known, mended)
	}
	found = append(found, checkNames(known)...)
	found = append(found, checkMappings(known)...)
	return found.sorted(), checked
}

func unknownKind(o manifest.Object) Finding {
	return Finding{
		Position: o.ValueAt("kind"), Severity: Error, Rule: ruleVersion, Object: nameOf(o),
		Message: fmt.Sprintf("%s has no kind %s", o.GetAPIVersion(), o.GetKind()),
		Remedy:  fmt.Sprintf("the kinds are ScimApp, AttributeMapping, ClusterAttributeMapping and EntraTenant of %s", v1alpha1.GroupVersion),
	}
}

// checkObject asks what the API server would say, and what it would say next: it asks the rules of a kind only when the rest
// is right, and everything that can be known now is said at once. mended is the object with values of the wrong type taken
// as the texts that they have to be, so that they do not hide more.
func checkObject(ctx context.Context, v *admission.Validator, o manifest.Object) (found Findings, mended manifest.Object) {
	problems := v.Validate(ctx, o.Unstructured)
	mended = o
	for _, p := range problems {
		if quotable(o, p) {
			mended = mended.WithText(p.Path)
		}
	}
	for _, p := range v.Rules(ctx, mended.Unstructured) {
		if !slices.Contains(problems, p) {
			problems = append(problems, p)
		}
	}
	for _, p := range problems {
		found = append(found, ofProblem(o, p))
	}
	return found, mended
}

// quotable is true of a text that YAML took for something else.
func quotable(o manifest.Object, p admission.Problem) bool {
	return p.WrongType && o.Scalar(p.Path) != ""
}

func ofProblem(o manifest.Object, p admission.Problem) Finding {
	f := Finding{Position: o.At(p.Path), Severity: Error, Rule: ruleAPI, Object: nameOf(o), Message: p.Message}
	if p.Path != "" && !p.Unknown {
		f.Message = p.Path + ": " + p.Message
	}
	switch {
	case p.Unknown:
		f.Rule, f.Remedy = ruleField, "correct the name, or remove it: the API server drops it"
	case quotable(o, p):
		f.Rule, f.Position = ruleType, o.ValueAt(p.Path)
		f.Remedy = fmt.Sprintf("quote it: %q", o.Scalar(p.Path))
	}
	return f
}

// checkNames finds objects that would overwrite one another.
func checkNames(objects []manifest.Object) Findings {
	type key struct{ kind, namespace, name string }
	first := map[key]manifest.Position{}
	var found Findings
	for _, o := range objects {
		if o.GetName() == "" {
			continue
		}
		k, at := key{o.GetKind(), o.GetNamespace(), o.GetName()}, o.ValueAt("metadata.name")
		if other, twice := first[k]; twice {
			found = append(found, Finding{
				Position: at, Severity: Error, Rule: ruleTwice, Object: nameOf(o),
				Message: fmt.Sprintf("%s is also at %s:%d", nameOf(o), other.File, other.Line), Remedy: "keep one of the two, or give one another name",
			})
			continue
		}
		first[k] = at
	}
	return found
}

// nameOf is an object as a person names it.
func nameOf(o manifest.Object) string { return strings.TrimSpace(o.GetKind() + " " + o.GetName()) }
