package tenant

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/scim-operator/scim-operator/internal/entrasim/syncschema"
)

// Schema returns the schema of a job.
func (t *Tenant) Schema(principal, id string) (Object, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	j, err := t.job(principal, id)
	if err != nil {
		return nil, err
	}
	return clone(j.schema), nil
}

// PutSchema replaces the whole schema of a job. A change of mappings or scope clears the watermark, so that the next cycle
// is an initial one; it is not undone by quarantine or pause.
func (t *Tenant) PutSchema(principal, id string, schema Object) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	j, err := t.job(principal, id)
	if err != nil {
		return err
	}
	for name := range schema {
		if strings.Contains(name, "@odata.") {
			delete(schema, name)
		}
	}
	typed, err := syncschema.Parse(schema)
	if err == nil {
		err = syncschema.Validate(typed, t.options.SchemaLeniency)
	}
	if err != nil {
		// The exact code and text of a refused schema are not published: unconfirmed(schema-refusal).
		return &Error{http.StatusBadRequest, "InvalidSchema", err.Error()}
	}
	t.storeSchema(j, schema)
	return nil
}

// ResetSchema brings the template's default back.
func (t *Tenant) ResetSchema(principal, id string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	j, err := t.job(principal, id)
	if err != nil {
		return err
	}
	t.storeSchema(j, syncschema.Default(j.id, t.clock.Now(), 0, t.options.Schema))
	return nil
}

func (t *Tenant) storeSchema(j *Job, schema Object) {
	if !syncschema.SameMappings(j.schema, schema) {
		j.reset.Watermark = true
		if now := t.clock.Now(); j.quarantine != nil && j.nextRun.After(now) {
			j.nextRun = now // quarantine does not hold the full cycle up
		}
	}
	j.lost = append(j.lost, lostMembers("", j.schema, schema)...)
	j.writes++
	schema["id"] = j.id
	schema["version"] = t.options.Schema.Version(t.clock.Now(), j.writes)
	j.schema = schema
}

// lostMembers names what a PUT dropped that no edit of mappings has reason to drop: members of objects, and entries of
// metadata. A client that decodes into types and encodes again is found out by it.
func lostMembers(path string, before, after any) []string {
	switch before := before.(type) {
	case map[string]any:
		now, ok := after.(map[string]any)
		if !ok {
			return nil // null or another type: an edit, such as a scope that was removed
		}
		var lost []string
		for _, name := range slices.Sorted(maps.Keys(before)) {
			if name == "attributeMappings" || name == "scope" {
				continue
			}
			value, kept := now[name]
			if !kept {
				lost = append(lost, path+"/"+name)
				continue
			}
			lost = append(lost, lostMembers(path+"/"+name, before[name], value)...)
		}
		return lost
	case []any:
		now, _ := after.([]any)
		return lostEntries(path, before, now)
	default:
		return nil
	}
}

// lostEntries compares lists of named objects by name or key.
func lostEntries(path string, before, after []any) []string {
	var lost []string
	for i, entry := range before {
		label := fmt.Sprint(i)
		var match any
		for j, candidate := range after {
			if entryName(candidate, j) == entryName(entry, i) {
				match, label = candidate, entryName(entry, i)
			}
		}
		if match == nil {
			lost = append(lost, path+"/"+entryName(entry, i))
			continue
		}
		lost = append(lost, lostMembers(path+"/"+label, entry, match)...)
	}
	return lost
}

func entryName(entry any, index int) string {
	o, _ := entry.(map[string]any)
	for _, member := range []string{"name", "key"} {
		if name, ok := o[member].(string); ok {
			return name
		}
	}
	return fmt.Sprint(index)
}
