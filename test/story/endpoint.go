package story

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/scim-operator/scim-operator/internal/desired"
)

// A Person is an account as an app reads it.
type Person struct {
	ID          string
	ExternalID  string
	UserName    string
	DisplayName string
	Title       string
	Active      bool
	Name        struct{ GivenName, FamilyName string }
	Emails      []struct{ Type, Value string }
	Roles       []struct{ Value string }
	Enterprise  struct {
		Department, EmployeeNumber string
		Manager                    struct{ Value string }
	} `json:"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"`

	// Raw is the whole resource.
	Raw map[string]any `json:"-"`
}

// Mail is the work address.
func (p *Person) Mail() string {
	for _, email := range p.Emails {
		if email.Type == "work" {
			return email.Value
		}
	}
	return ""
}

// RoleValues are the person's roles, sorted.
func (p *Person) RoleValues() []string {
	values := []string{}
	for _, role := range p.Roles {
		values = append(values, role.Value)
	}
	slices.Sort(values)
	return values
}

// A Group is a group as an app reads it.
type Group struct {
	ID          string
	ExternalID  string
	DisplayName string
	Members     []struct{ Value string }
}

// endpointURL is the SCIM base inside the cluster.
func endpointURL() string { return desired.InternalURL(namespace, appName) }

// scim reads a resource of the endpoint, with the token that Entra has.
func (t *teller) scim(ctx context.Context, path string, result any) error {
	secret := &corev1.Secret{}
	key := client.ObjectKey{Namespace: t.OperatorNamespace, Name: desired.TokenSecretName(namespace, appName)}
	if err := t.Client.Get(ctx, key, secret); err != nil {
		return fmt.Errorf("reading the token: %w", err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, endpointURL()+path, nil)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+string(secret.Data[desired.TokenKey]))
	response, err := t.Network.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return fmt.Errorf("reading %s: %w", path, err)
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("GET %s answered %s: %.300s", path, response.Status, body)
	}
	if err := json.Unmarshal(body, result); err != nil {
		return fmt.Errorf("decoding %s: %w", path, err)
	}
	return nil
}

// list reads all resources of a type, page by page.
func (t *teller) list(ctx context.Context, resource string) ([]json.RawMessage, error) {
	var all []json.RawMessage
	for {
		var page struct {
			TotalResults int
			Resources    []json.RawMessage
		}
		if err := t.scim(ctx, fmt.Sprintf("/%s?startIndex=%d&count=100", resource, len(all)+1), &page); err != nil {
			return nil, err
		}
		all = append(all, page.Resources...)
		if len(page.Resources) == 0 || len(all) >= page.TotalResults {
			return all, nil
		}
	}
}

// People returns all accounts in the endpoint.
func (s *Story) People(ctx context.Context) ([]*Person, error) { return s.teller.people(ctx) }

func (t *teller) people(ctx context.Context) ([]*Person, error) {
	resources, err := t.list(ctx, "Users")
	if err != nil {
		return nil, err
	}
	var people []*Person
	for _, resource := range resources {
		person := &Person{}
		if err := json.Unmarshal(resource, person); err != nil {
			return nil, fmt.Errorf("decoding a user: %w", err)
		}
		if err := json.Unmarshal(resource, &person.Raw); err != nil {
			return nil, fmt.Errorf("decoding a user: %w", err)
		}
		people = append(people, person)
	}
	return people, nil
}

func (t *teller) groups(ctx context.Context) ([]*Group, error) {
	resources, err := t.list(ctx, "Groups")
	if err != nil {
		return nil, err
	}
	var groups []*Group
	for _, resource := range resources {
		group := &Group{}
		if err := json.Unmarshal(resource, group); err != nil {
			return nil, fmt.Errorf("decoding a group: %w", err)
		}
		groups = append(groups, group)
	}
	return groups, nil
}

// knowsAttribute says whether the endpoint serves an extension attribute in /Schemas.
func (t *teller) knowsAttribute(ctx context.Context, schema, name string) (bool, error) {
	var schemas struct {
		Resources []struct {
			ID         string
			Attributes []struct{ Name string }
		}
	}
	if err := t.scim(ctx, "/Schemas", &schemas); err != nil {
		return false, err
	}
	for _, s := range schemas.Resources {
		for _, attribute := range s.Attributes {
			if s.ID == schema && attribute.Name == name {
				return true, nil
			}
		}
	}
	return false, nil
}
