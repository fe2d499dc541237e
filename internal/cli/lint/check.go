package lint

import (
	"context"
	"fmt"
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
		found = append(found, checkObject(ctx, v, o)...)
		if v.Knows(o.GroupVersionKind()) {
			known = append(known, o)
		}
	}
	found = append(found, checkNames(known)...)
	found = append(found, checkMappings(known)...)
	return found.sorted(), checked
}

// checkObject asks what the API server would say.
func checkObject(ctx context.Context, v *admission.Validator, o manifest.Object) Findings {
	if !v.Knows(o.GroupVersionKind()) {
		return Findings{{
			Position: o.ValueAt("kind"), Severity: Error, Rule: ruleVersion, Object: nameOf(o),
			Message: fmt.Sprintf("%s has no kind %s", o.GetAPIVersion(), o.GetKind()),
			Remedy:  fmt.Sprintf("the kinds are ScimApp, AttributeMapping, ClusterAttributeMapping and EntraTenant of %s", v1alpha1.GroupVersion),
		}}
	}
	var found Findings
	for _, p := range v.Validate(ctx, o.Unstructured) {
		found = append(found, ofProblem(o, p))
	}
	return found
}

func ofProblem(o manifest.Object, p admission.Problem) Finding {
	f := Finding{Position: o.At(p.Path), Severity: Error, Rule: ruleAPI, Object: nameOf(o), Message: p.Message}
	if p.Path != "" && !p.Unknown {
		f.Message = p.Path + ": " + p.Message
	}
	written := o.Scalar(p.Path)
	switch {
	case p.Unknown:
		f.Rule, f.Remedy = ruleField, "correct the name, or remove it: the API server drops it"
	case p.WrongType && written != "":
		f.Rule, f.Position = ruleType, o.ValueAt(p.Path)
		f.Remedy = fmt.Sprintf("quote it: %q", written)
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
