package lint

import (
	"fmt"

	"k8s.io/apimachinery/pkg/runtime"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/cli/manifest"
	"github.com/scim-operator/scim-operator/internal/mapping"
	mappingmanifest "github.com/scim-operator/scim-operator/internal/mapping/manifest"
)

// declared is a mapping of the files.
type declared struct {
	object manifest.Object
	model  mapping.Mapping
	// broken says that the object does not fit its type, which has been reported: there is no model but its name.
	broken bool
}

// checkMappings asks what the operator would say: of each ScimApp with its mappings, and of each mapping that no ScimApp
// of the files uses by itself.
func checkMappings(objects []manifest.Object) Findings {
	var found Findings
	var all []declared
	used := map[mapping.Ref]bool{}
	for _, o := range objects {
		if d, ok := toMapping(o); ok {
			all = append(all, d)
		}
	}
	for _, o := range objects {
		if o.GetKind() == "ScimApp" {
			found = append(found, checkApp(o, all, used)...)
		}
	}
	for _, d := range all {
		if !used[d.model.Ref] && !d.broken {
			found = append(found, locate(mapping.Validate(mapping.Desired{Mappings: []mapping.Mapping{d.model}}), []declared{d}, d.object)...)
		}
	}
	return found
}

// toMapping gives the mapping of an object that is one.
func toMapping(o manifest.Object) (declared, bool) {
	kind := v1alpha1.MappingKind(o.GetKind())
	if kind != v1alpha1.KindAttributeMapping && kind != v1alpha1.KindClusterAttributeMapping {
		return declared{}, false
	}
	var m v1alpha1.AttributeMapping // the two kinds have the same spec
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(o.Object, &m); err != nil {
		ref := mapping.Ref{Name: o.GetName(), Cluster: kind == v1alpha1.KindClusterAttributeMapping}
		return declared{object: o, model: mapping.Mapping{Ref: ref}, broken: true}, true
	}
	return declared{object: o, model: mappingmanifest.Mapping(kind, m.Name, m.Spec)}, true
}

// checkApp checks a ScimApp with the mappings that it names. Where the files hold no mapping at all they are elsewhere, and
// a name that leads nowhere is not a finding.
func checkApp(o manifest.Object, all []declared, used map[mapping.Ref]bool) Findings {
	var app v1alpha1.ScimApp
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(o.Object, &app); err != nil {
		return nil // it does not fit its type, and that has been reported
	}
	var found Findings
	var mine []declared
	var models []mapping.Mapping
	for i, ref := range app.Spec.AttributeMappings {
		d, ok := lookUp(all, app.Namespace, ref)
		if !ok && len(all) > 0 {
			found = append(found, missing(o, i, ref))
		}
		if ok && !d.broken {
			mine, models = append(mine, d), append(models, d.model)
			used[d.model.Ref] = true
		}
	}
	desired := mappingmanifest.Desired(&app, models)
	return append(found, locate(mapping.Validate(desired), mine, o)...)
}

func lookUp(all []declared, namespace string, ref v1alpha1.AttributeMappingReference) (declared, bool) {
	for _, d := range all {
		switch {
		case ref.ClusterName != "" && d.model.Cluster && d.model.Name == ref.ClusterName:
			return d, true
		case ref.Name != "" && !d.model.Cluster && d.model.Name == ref.Name && d.object.GetNamespace() == namespace:
			return d, true
		}
	}
	return declared{}, false
}

// missing: the company's library may well be in another repository, the mappings of an app rarely are.
func missing(app manifest.Object, i int, ref v1alpha1.AttributeMappingReference) Finding {
	f := Finding{
		Position: app.At(fmt.Sprintf("spec.attributeMappings[%d].name", i)), Severity: Error, Rule: ruleMissing, Object: nameOf(app),
		Message: fmt.Sprintf("spec.attributeMappings names %q, and the files have no AttributeMapping of that name in the namespace of the ScimApp", ref.Name),
		Remedy:  "add it, correct the name, or add its file with -f",
	}
	if ref.ClusterName != "" {
		f.Position, f.Severity = app.At(fmt.Sprintf("spec.attributeMappings[%d].clusterName", i)), Warning
		f.Message = fmt.Sprintf("spec.attributeMappings names %q, and the files have no ClusterAttributeMapping of that name, so it is not checked with the others", ref.ClusterName)
		f.Remedy = "add its file with -f"
	}
	return f
}

// locate leads the model's findings back to the files.
func locate(found mapping.Findings, mine []declared, app manifest.Object) Findings {
	var out Findings
	for _, finding := range found {
		o := app
		for _, d := range mine {
			if d.model.Ref == finding.Mapping {
				o = d.object
			}
		}
		out = append(out, ofFinding(o, finding))
	}
	return out
}

func ofFinding(o manifest.Object, finding mapping.Finding) Finding {
	path := finding.Path
	if path == "" {
		path = "metadata.name"
	}
	f := Finding{
		Position: o.At(path), Severity: Warning, Rule: finding.Rule, Object: nameOf(o),
		Message: finding.Message, Remedy: finding.Remedy,
	}
	if finding.Severity == mapping.SeverityError {
		f.Severity = Error
	}
	if finding.Target != "" {
		f.Message = "target " + finding.Target + ": " + f.Message
	}
	if finding.Line > 0 {
		f.Position = o.InText(path, finding.Line, finding.Column)
	}
	if other := finding.Other.String(); other != "" {
		f.Message += ", also by " + other
	}
	return f
}
