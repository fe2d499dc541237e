package tenant

import (
	"encoding/json"
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/scim-operator/scim-operator/internal/entrasim/directory"
)

// User returns a person by object ID or userPrincipalName. Reads by Graph clients lag; the admin API passes fresh.
func (t *Tenant) User(idOrUPN string, fresh bool) (*directory.User, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	rec := t.findUser(idOrUPN)
	if rec == nil || !fresh && !t.readable(rec.created) {
		return nil, NotFound(idOrUPN)
	}
	return rec.value.Clone(), nil
}

func (t *Tenant) findUser(idOrUPN string) *record[*directory.User] {
	if rec := t.users.live(strings.ToLower(idOrUPN)); rec != nil {
		return rec
	}
	return t.users.live(t.indexed().names[directory.FoldUPN(idOrUPN)])
}

// Users returns everybody who is not deleted, in the order of the directory. They are not copied, because there may be many:
// whoever changes a person in the tenant replaces it, and nobody may change one that was returned.
func (t *Tenant) Users() []*directory.User {
	t.mu.Lock()
	defer t.mu.Unlock()
	var out []*directory.User
	t.users.each(false, func(rec *record[*directory.User]) {
		if t.listed(rec.created) {
			out = append(out, rec.value)
		}
	})
	return out
}

// ListUsers goes through everybody who is not deleted, in the order of the directory, and renders who is asked for as Graph's
// resource user. The tenant is locked while it does.
func (t *Tenant) ListUsers() iter.Seq[func() Object] {
	return listed(t, &t.users, func(rec *record[*directory.User]) Object { return RenderUser(rec.value, rec.created, rec.deleted) })
}

// listed goes through the objects of a registry that are neither deleted nor too new to be listed.
func listed[T any](t *Tenant, all *registry[T], render func(*record[T]) Object) iter.Seq[func() Object] {
	return func(yield func(func() Object) bool) {
		t.mu.Lock()
		defer t.mu.Unlock()
		for _, id := range all.order {
			rec := all.byID[id]
			if rec.deleted.IsZero() && t.listed(rec.created) && !yield(func() Object { return render(rec) }) {
				return
			}
		}
	}
}

// AddUser puts a person into the directory and returns the object ID, which is made up when u has none.
func (t *Tenant) AddUser(u *directory.User) (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	u = u.Clone()
	if u.ID == "" {
		u.ID = uuid.NewString()
	}
	if u.UserPrincipalName == "" || u.DisplayName == "" {
		return "", BadRequest("A user needs displayName and userPrincipalName.")
	}
	if t.users.byID[u.ID] != nil || t.findUser(u.UserPrincipalName) != nil {
		return "", BadRequest("Another object with the same value for property userPrincipalName or id already exists.")
	}
	t.users.add(u.ID, u, t.clock.Now(), t.note(u.ID))
	t.indexed().names[directory.FoldUPN(u.UserPrincipalName)] = u.ID
	return u.ID, nil
}

// PatchUser changes the named properties of a person; a null clears one. The manager may be given by userPrincipalName.
func (t *Tenant) PatchUser(idOrUPN string, patch []byte) (*directory.User, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	rec := t.findUser(idOrUPN)
	if rec == nil {
		return nil, NotFound(idOrUPN)
	}
	changed := rec.value.Clone()
	if err := merge(changed, patch); err != nil {
		return nil, err
	}
	if changed.ID != rec.id {
		return nil, BadRequest("Property 'id' is read-only and cannot be set.")
	}
	if other := t.findUser(changed.UserPrincipalName); other != nil && other.id != rec.id {
		return nil, BadRequest("Another object with the same value for property userPrincipalName already exists.")
	}
	if changed.Manager != "" && changed.Manager != rec.value.Manager {
		manager := t.findUser(changed.Manager)
		if manager == nil {
			return nil, NotFound(changed.Manager)
		}
		changed.Manager = manager.id
	}
	t.setUser(rec, changed)
	return changed.Clone(), nil
}

// Manager returns the manager of a person.
func (t *Tenant) Manager(idOrUPN string) (Object, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	rec := t.findUser(idOrUPN)
	if rec == nil {
		return nil, NotFound(idOrUPN)
	}
	manager := t.directoryObject(rec.value.Manager)
	if manager == nil {
		return nil, NotFound("manager")
	}
	return manager, nil
}

// merge applies a JSON merge patch (RFC 7396, top level only) to a typed object.
func merge(into any, patch []byte) error {
	var edits map[string]any
	if err := json.Unmarshal(patch, &edits); err != nil {
		return BadRequest("The body is not a JSON object: %v", err)
	}
	text, err := json.Marshal(into)
	if err != nil {
		return fmt.Errorf("encoding the object: %w", err)
	}
	current := map[string]any{}
	if err := json.Unmarshal(text, &current); err != nil {
		return fmt.Errorf("decoding the object: %w", err)
	}
	for name, value := range edits {
		if value == nil {
			delete(current, name)
		} else {
			current[name] = value
		}
	}
	if text, err = json.Marshal(current); err != nil {
		return fmt.Errorf("encoding the change: %w", err)
	}
	return decodeInto(into, text)
}

func decodeInto(into any, text []byte) error {
	switch into := into.(type) {
	case *directory.User:
		*into = directory.User{}
	case *directory.Group:
		*into = directory.Group{}
	}
	dec := json.NewDecoder(strings.NewReader(string(text)))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return BadRequest("The change does not fit the object: %v", err)
	}
	return nil
}

// DeleteUser soft-deletes a person; with hard the person is purged, as happens by itself 30 days after a soft delete.
func (t *Tenant) DeleteUser(idOrUPN string, hard bool) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	rec := t.findUser(idOrUPN)
	if rec == nil {
		// A person who is already soft-deleted can still be purged, by object ID.
		if rec = t.users.byID[idOrUPN]; rec == nil || !hard {
			return NotFound(idOrUPN)
		}
	}
	if hard {
		t.purgeUser(rec.id)
		return nil
	}
	t.note(rec.id)
	t.note(t.indexed().memberOf[rec.id]...) // a deleted person is no member
	t.unname(rec)
	rec.deleted = t.clock.Now()
	return nil
}

func (t *Tenant) purgeUser(id string) {
	t.note(id)
	t.dropAssignmentsOf(id)
	for _, group := range t.indexed().memberOf[id] {
		t.setMembers(t.groups.byID[group], without(t.groups.byID[group].value.Members, id))
	}
	t.unname(t.users.byID[id])
	t.users.purge(id)
	t.users.each(false, func(rec *record[*directory.User]) {
		if rec.value.Manager == id {
			changed := *rec.value
			changed.Manager = ""
			t.setUser(rec, &changed)
		}
	})
}

// RenderUser shows a person as Graph's resource user, with every property that the simulator knows.
func RenderUser(u *directory.User, created, deleted time.Time) Object {
	out := Object{
		"id": u.ID, "userPrincipalName": u.UserPrincipalName, "displayName": u.DisplayName,
		"accountEnabled": u.Enabled(), "userType": orDefault(u.UserType, "Member"),
		"businessPhones": list(u.BusinessPhones), "otherMails": list(u.OtherMails), "proxyAddresses": list(u.ProxyAddresses),
		"createdDateTime": timestamp(created), "deletedDateTime": timestamp(deleted),
	}
	for name, value := range map[string]string{
		"givenName": u.GivenName, "surname": u.Surname, "mail": u.Mail, "mailNickname": u.MailNickname,
		"jobTitle": u.JobTitle, "department": u.Department, "companyName": u.CompanyName, "employeeId": u.EmployeeID,
		"officeLocation": u.OfficeLocation, "streetAddress": u.StreetAddress, "city": u.City, "state": u.State,
		"postalCode": u.PostalCode, "country": u.Country, "usageLocation": u.UsageLocation,
		"preferredLanguage": u.PreferredLanguage, "mobilePhone": u.MobilePhone, "faxNumber": u.FaxNumber,
	} {
		out[name] = orNull(value)
	}
	extensions := Object{}
	for name, value := range u.OnPremisesExtensionAttributes {
		extensions[name] = value
	}
	out["onPremisesExtensionAttributes"] = extensions
	for name, value := range u.DirectoryExtensions {
		out[name] = value
	}
	return out
}

// RenderUsers shows people as Graph's resource user.
func (t *Tenant) RenderUsers(users []*directory.User) []Object {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := make([]Object, 0, len(users))
	for _, u := range users {
		var created, deleted time.Time
		if rec := t.users.byID[u.ID]; rec != nil {
			created, deleted = rec.created, rec.deleted
		}
		out = append(out, RenderUser(u, created, deleted))
	}
	return out
}

func orDefault(value, fallback string) string {
	if value == "" {
		return fallback
	}
	return value
}

func orNull(value string) any {
	if value == "" {
		return nil
	}
	return value
}

func list(values []string) []any {
	out := make([]any, len(values))
	for i, v := range values {
		out[i] = v
	}
	return out
}

func timestamp(at time.Time) any {
	if at.IsZero() {
		return nil
	}
	return at.UTC().Format(time.RFC3339Nano)
}
