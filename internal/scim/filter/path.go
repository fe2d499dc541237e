package filter

import (
	"strings"

	"github.com/scim-operator/scim-operator/internal/scim/dialect"
	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/scimerr"
)

// PatchPath is the path of a PATCH operation: attrPath / valuePath ["." sub] (RFC 7644 section 3.5.2).
type PatchPath struct {
	// Path is the attribute; its Sub is that of attrPath or the one behind the bracket.
	Path schema.Path
	// Filter selects elements of Path.Attribute; nil when the path has no bracket.
	Filter Expr
}

// ParsePath reads the path of a PATCH operation. Unknown attributes and malformed paths are 400 invalidPath, a
// malformed filter in brackets 400 invalidFilter.
func ParsePath(rt *schema.ResourceType, d dialect.Dialect, input string) (PatchPath, error) {
	if len(input) > MaxLength {
		return PatchPath{}, scimerr.BadRequest(scimerr.InvalidPath, "the path is longer than %d bytes", MaxLength)
	}
	open := strings.IndexByte(input, '[')
	if open < 0 {
		path, err := rt.Resolve(input, d.ShortExtensionNames)
		if err != nil {
			return PatchPath{}, invalidPath(err)
		}
		return PatchPath{Path: path}, nil
	}
	path, err := rt.Resolve(input[:open], d.ShortExtensionNames)
	if err != nil {
		return PatchPath{}, invalidPath(err)
	}
	if path.Attribute == nil || path.Sub != nil || !path.Attribute.MultiValued {
		return PatchPath{}, scimerr.BadRequest(scimerr.InvalidPath, "%s has no elements to filter", path)
	}
	end := strings.LastIndexByte(input, ']')
	if end < open {
		return PatchPath{}, scimerr.BadRequest(scimerr.InvalidPath, "a closing bracket is missing in the path")
	}
	selection, err := parseElements(path.Attribute, d, input[open+1:end])
	if err != nil {
		return PatchPath{}, err
	}
	if rest := input[end+1:]; rest != "" {
		path.Sub, err = subOfElement(path.Attribute, rest)
		if err != nil {
			return PatchPath{}, err
		}
	}
	return PatchPath{Path: path, Filter: selection}, nil
}

// subOfElement reads the "." sub that follows a bracket.
func subOfElement(a *schema.Attribute, rest string) (*schema.Attribute, error) {
	name, ok := strings.CutPrefix(rest, ".")
	if sub := a.Sub(name); ok && sub != nil {
		return sub, nil
	}
	return nil, scimerr.BadRequest(scimerr.InvalidPath, "attribute %s has no sub-attribute %q", a.Name, rest)
}

func invalidPath(err error) error {
	return scimerr.BadRequest(scimerr.InvalidPath, "%s", detail(err))
}
