package scimapp

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/mapping"
	"github.com/scim-operator/scim-operator/internal/mapping/manifest"
)

// mappedObjects are the object types, in the order in which they are told.
var mappedObjects = []mapping.Object{mapping.User, mapping.Group}

// objectMappings is what is declared for one object type.
type objectMappings struct {
	// held is true while the mappings wait for their waves, so that only the roles are to be compared.
	held     bool
	revision string
	roles    v1alpha1.RoleMapping
	meaning  string
}

// declaredFor gives what is declared for the object type. Whatever else the manifest says is no part of it, so that nothing
// else makes its mappings count as changed.
func (s *scope) declaredFor(object mapping.Object) objectMappings {
	out := objectMappings{held: slices.Contains(s.held, object), meaning: s.meanings[object]}
	var names []string
	for _, m := range s.mappings {
		if mapping.Object(m.MappingSpec().Object) == object {
			names = append(names, fmt.Sprintf("%s/%s/%s", m.MappingKind(), m.GetName(), m.revision))
		}
	}
	if len(names) > 0 {
		slices.Sort(names)
		sum := sha256.Sum256([]byte(strings.Join(names, "\n")))
		out.revision = hex.EncodeToString(sum[:])[:16]
	}
	if object == mapping.User {
		out.roles = v1alpha1.RoleMapping(manifest.Roles(s.app))
	}
	return out
}

// anythingDeclared is false where Entra's mapping of the object type is none of our business.
func (o objectMappings) anythingDeclared() bool {
	return o.revision != "" || o.roles != "" && o.roles != v1alpha1.RolesNone
}

// declaredAnew is true where the manifest says something else than when the object type was last written.
func (o objectMappings) declaredAnew(st *v1alpha1.MappedObjectStatus) bool {
	return st == nil || st.Roles != o.roles || !o.held && st.Revision != o.revision
}

// anyDeclaredAnew is true until the manifest's mappings were written, or seen in force, as they are now.
func (s *scope) anyDeclaredAnew() bool {
	return slices.ContainsFunc(mappedObjects, func(object mapping.Object) bool {
		want := s.declaredFor(object)
		return want.anythingDeclared() && want.declaredAnew(s.objectStatus(object))
	})
}

// differing tells where a difference between Entra and what is declared for an object type comes from.
func (o objectMappings) differing(st *v1alpha1.MappedObjectStatus, now time.Time) difference {
	if o.declaredAnew(st) {
		return declaredAnew
	}
	if !o.held && st.Meaning != "" && st.Meaning != o.meaning {
		return defaultChanged
	}
	if st.AppliedAt == nil {
		return drifted
	}
	age := now.Sub(st.AppliedAt.Time)
	switch {
	case age < rewriteAfter:
		return notShownYet
	case st.InForceSince != nil:
		return drifted
	case age < retryAfter:
		return notKept
	default:
		return neverKept
	}
}

// rolesAlone is true where nothing but the roles was declared anew: to declare a role is no reason to write what waits in the
// mapping of users. That no role is to be sent any more is written with the whole of it.
func (s *scope) rolesAlone(now time.Time) bool {
	st, want := s.objectStatus(mapping.User), s.declaredFor(mapping.User)
	if st == nil || want.held || want.revision == "" || st.Revision != want.revision || st.Roles == want.roles || want.roles == v1alpha1.RolesNone {
		return false
	}
	want.roles = st.Roles
	return want.differing(st, now) != notShownYet
}

// objectStatus finds what the status says about the object type; nil when it says nothing.
func (s *scope) objectStatus(object mapping.Object) *v1alpha1.MappedObjectStatus {
	st := s.app.Status.Mappings
	if st == nil {
		return nil
	}
	i := slices.IndexFunc(st.Objects, func(o v1alpha1.MappedObjectStatus) bool { return mapping.Object(o.Object) == object })
	if i < 0 {
		return nil
	}
	return &st.Objects[i]
}

// recordObjects remembers what Entra has for the object types that this pass applies. What waits keeps what is known of it.
func (s *scope) recordObjects() {
	var objects []v1alpha1.MappedObjectStatus
	for _, object := range mappedObjects {
		want, was := s.declaredFor(object), s.objectStatus(object)
		if !want.anythingDeclared() {
			continue
		}
		st := v1alpha1.MappedObjectStatus{Object: v1alpha1.MappedObject(object)}
		if was != nil {
			st = *was
		}
		if !slices.Contains(s.left, object) {
			st.Roles = want.roles
			if !want.held {
				st.Revision, st.Meaning = want.revision, want.meaning
			}
		}
		if was != nil || !slices.Contains(s.left, object) {
			objects = append(objects, st)
		}
	}
	s.app.Status.Mappings.Objects = objects
}

// writtenAt remembers when the object types of the plan were written. Entra has not shown them yet.
func (s *scope) writtenAt(plan mapping.Plan, at time.Time) {
	for _, object := range plan.Objects() {
		if st := s.objectStatus(object); st != nil {
			st.AppliedAt, st.InForceSince = &metav1.Time{Time: at.Truncate(time.Second)}, nil
		}
	}
}

// seenInForce remembers that Entra was seen to have what this pass applies.
func (s *scope) seenInForce(at time.Time) {
	for _, object := range mappedObjects {
		if st := s.objectStatus(object); st != nil && st.InForceSince == nil && !slices.Contains(s.left, object) {
			st.InForceSince = &metav1.Time{Time: at}
		}
	}
}
