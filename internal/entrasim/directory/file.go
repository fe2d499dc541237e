package directory

import (
	"errors"
	"fmt"
	"os"
	"regexp"

	"github.com/scim-operator/scim-operator/internal/entrasim/strictyaml"
)

var guid = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

// Load reads the directory file at path; its members are those of Directory.
func Load(path string) (*Directory, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the directory file: %w", err)
	}
	d, err := Parse(raw)
	if err != nil {
		return nil, fmt.Errorf("directory file %s: %w", path, err)
	}
	return d, nil
}

// Parse reads the text of a directory file and checks it. All that is wrong is reported at once.
func Parse(raw []byte) (*Directory, error) {
	d := &Directory{}
	if err := strictyaml.Unmarshal(raw, d); err != nil {
		return nil, err
	}
	return d, d.Validate()
}

// Validate says everything that is wrong with the directory: missing or malformed object IDs, duplicate IDs or user
// principal names, managers and members that do not exist.
func (d *Directory) Validate() error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if d.TenantID != "" && !guid.MatchString(d.TenantID) {
		bad("tenantID %q is not a lower-case GUID", d.TenantID)
	}
	ids, upns := map[string]string{}, map[string]string{}
	claim := func(kind, id, name string) {
		if !guid.MatchString(id) {
			bad("%s %q: id %q is not a lower-case GUID", kind, name, id)
		}
		if other, taken := ids[id]; taken {
			bad("%s %q: id %s is already that of %q", kind, name, id, other)
		}
		ids[id] = name
		if name == "" {
			bad("%s %s: displayName is missing", kind, id)
		}
	}
	for _, u := range d.Users {
		claim("user", u.ID, u.DisplayName)
		if u.UserPrincipalName == "" {
			bad("user %q: userPrincipalName is missing", u.DisplayName)
		}
		if other, taken := upns[FoldUPN(u.UserPrincipalName)]; taken {
			bad("user %q: userPrincipalName %s is already that of %q", u.DisplayName, u.UserPrincipalName, other)
		}
		upns[FoldUPN(u.UserPrincipalName)] = u.DisplayName
		if u.UserType != "" && u.UserType != "Member" && u.UserType != "Guest" {
			bad("user %q: userType %q is neither Member nor Guest", u.DisplayName, u.UserType)
		}
	}
	for _, g := range d.Groups {
		claim("group", g.ID, g.DisplayName)
	}
	errs = append(errs, d.checkReferences(ids)...)
	return errors.Join(errs...)
}

func (d *Directory) checkReferences(ids map[string]string) []error {
	var errs []error
	for _, u := range d.Users {
		if u.Manager == "" {
			continue
		}
		if _, ok := ids[u.Manager]; !ok {
			errs = append(errs, fmt.Errorf("user %q: manager %s does not exist", u.DisplayName, u.Manager))
		}
	}
	for _, g := range d.Groups {
		for _, m := range g.Members {
			if _, ok := ids[m]; !ok {
				errs = append(errs, fmt.Errorf("group %q: member %s does not exist", g.DisplayName, m))
			}
		}
	}
	return errs
}
