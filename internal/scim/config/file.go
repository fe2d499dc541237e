package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"

	"go.yaml.in/yaml/v3"

	"github.com/scim-operator/scim-operator/internal/scim/schema"
)

// File is the configuration file.
type File struct {
	// Revision is echoed on /statusz, so that who wrote the file knows that it is in force.
	Revision string `yaml:"revision"`
	// Schemas are the extensions that are served in /Schemas and accepted in data.
	Schemas []schema.ExtensionSchema `yaml:"schemas"`
	// ExpectedStore names the only store that may be served; nil takes any.
	ExpectedStore *ExpectedStore `yaml:"expectedStore"`
	// Rebind says what becomes of an existing user whose externalId would change (N-13).
	Rebind Rebind `yaml:"rebind"`
	// UnknownMembers says what becomes of members that are no resource (G-5).
	UnknownMembers UnknownMembers `yaml:"unknownMembers"`
	// GroupNames says what becomes of a new group with the displayName of another.
	GroupNames GroupNames `yaml:"groupNames"`
	// PatchAnswer says what a PATCH answers when the client names no attributes (P-3).
	PatchAnswer PatchAnswers `yaml:"patchAnswer"`
	Retention   Retention    `yaml:"retention"`
	Delivery    Delivery     `yaml:"delivery"`
	Limits      Limits       `yaml:"limits"`
	// EntraToken accepts tokens that Entra issued; it is behind the feature gate EntraTokens.
	EntraToken *EntraToken `yaml:"entraToken"`
}

// ExpectedStore is the state that a store must have reached, or it was lost or restored.
type ExpectedStore struct {
	ID string `yaml:"id"`
	// Sequence is the least that the store must have.
	Sequence int64 `yaml:"sequence"`
}

// Rebind is what a write that would give an existing user another person's externalId leads to.
type Rebind string

// The policies for rebinding.
const (
	RebindRefuse Rebind = "Refuse"
	RebindAllow  Rebind = "Allow"
)

func (Rebind) words() []string { return []string{string(RebindRefuse), string(RebindAllow)} }

// UnknownMembers is what adding a member that is no resource leads to.
type UnknownMembers string

// The policies for unknown members.
const (
	UnknownMembersReject UnknownMembers = "Reject"
	UnknownMembersIgnore UnknownMembers = "Ignore"
)

func (UnknownMembers) words() []string {
	return []string{string(UnknownMembersReject), string(UnknownMembersIgnore)}
}

// GroupNames is what a new group with the displayName of another leads to.
type GroupNames string

// The policies for names of groups.
const (
	GroupNamesAny    GroupNames = "Any"
	GroupNamesUnique GroupNames = "Unique"
)

func (GroupNames) words() []string { return []string{string(GroupNamesAny), string(GroupNamesUnique)} }

// PatchAnswers are what a PATCH answers for each resource type; empty is what the dialect says.
type PatchAnswers struct {
	Users  PatchAnswer `yaml:"users"`
	Groups PatchAnswer `yaml:"groups"`
}

// PatchAnswer is the changed resource with 200, or nothing with 204.
type PatchAnswer string

// The answers to a PATCH.
const (
	PatchAnswerResource  PatchAnswer = "Resource"
	PatchAnswerNoContent PatchAnswer = "NoContent"
)

func (PatchAnswer) words() []string {
	return []string{string(PatchAnswerResource), string(PatchAnswerNoContent)}
}

// Retention says how long things are kept; 0 is for ever.
type Retention struct {
	// Inactive is for users who are not active, counted from their last change.
	Inactive Duration `yaml:"inactive"`
	// Outbox is for events that wait to be delivered, which then become dead letters; DeadLetters is for those.
	Outbox      Duration `yaml:"outbox"`
	DeadLetters Duration `yaml:"deadLetters"`
	// Audit is for the records of changes, which the change feed reads too.
	Audit Duration `yaml:"audit"`
}

// Delivery says where changes are sent.
type Delivery struct {
	// Webhook is nil when nothing is sent.
	Webhook *Webhook `yaml:"webhook"`
}

// Webhook receives events.
type Webhook struct {
	URL string `yaml:"url"`
	// SigningSecretFile holds the secret of Standard Webhooks, whsec_<base64>.
	SigningSecretFile string `yaml:"signingSecretFile"`
}

// Limits bound what one token may ask for.
type Limits struct {
	RequestsPerSecond int `yaml:"requestsPerSecond"`
	Burst             int `yaml:"burst"`
}

// EntraToken pins whose tokens are accepted.
type EntraToken struct {
	TenantID      string   `yaml:"tenantID"`
	Audiences     []string `yaml:"audiences"`
	AllowedAppIDs []string `yaml:"allowedAppIDs"`
}

// defaults is what an empty file means.
func defaults() File {
	return File{
		Rebind: RebindRefuse, UnknownMembers: UnknownMembersReject, GroupNames: GroupNamesAny,
		Limits: Limits{RequestsPerSecond: 200, Burst: 1000},
	}
}

// Parse reads a configuration file. A key that it does not know is an error: what is not understood must not be
// taken for being in force.
func Parse(content []byte) (File, *schema.Registry, error) {
	file := defaults()
	document, err := decode(content, &file)
	if err != nil {
		return File{}, nil, err
	}
	if err := file.validate(); err != nil {
		return File{}, nil, located(err, document)
	}
	registry, err := schema.NewRegistry(file.Schemas...)
	if err != nil {
		return File{}, nil, err
	}
	return file, registry, nil
}

// decode reads exactly one YAML document, which may be an empty one.
func decode(content []byte, file *File) (*yaml.Node, error) {
	var document yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	if err := decoder.Decode(&document); errors.Is(err, io.EOF) {
		return &document, nil
	} else if err != nil {
		return nil, fmt.Errorf("parsing YAML: %w", err)
	}
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, errors.New("the file holds more than one YAML document: write one")
	}
	root := document.Content[0]
	if err := check("", root, reflect.TypeFor[File]()); err != nil {
		return nil, err
	}
	if err := root.Decode(file); err != nil {
		return nil, fmt.Errorf("parsing YAML: %w", err)
	}
	return root, nil
}
