package desired

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/mapping"
)

// Extension is a SCIM schema extension that the endpoint has to know.
type Extension = mapping.ExtensionSchema

// endpointConfig is the file that scim-endpoint reads by --config.
type endpointConfig struct {
	Revision string `json:"revision,omitempty"`
	endpointSettings
	ExpectedStore *expectedStore `json:"expectedStore,omitempty"`
}

// endpointSettings are what the revision is a digest of.
type endpointSettings struct {
	Schemas   []endpointConfigSchema `json:"schemas,omitempty"`
	Retention *v1alpha1.Retention    `json:"retention,omitempty"`
	Delivery  *endpointDelivery      `json:"delivery,omitempty"`
}

// expectedStore makes the endpoint answer 503 when its store is another one, or one that was set back.
type expectedStore struct {
	ID       string `json:"id"`
	Sequence int64  `json:"sequence"`
}

type endpointDelivery struct {
	Webhook endpointWebhook `json:"webhook"`
}

type endpointWebhook struct {
	URL               string `json:"url"`
	SigningSecretFile string `json:"signingSecretFile"`
}

type endpointConfigSchema struct {
	ID           string                    `json:"id"`
	Name         string                    `json:"name"`
	ResourceType string                    `json:"resourceType"`
	Attributes   []endpointConfigAttribute `json:"attributes"`
}

type endpointConfigAttribute struct {
	Name           string   `json:"name"`
	Type           string   `json:"type"`
	CaseExact      bool     `json:"caseExact,omitempty"`
	MultiValued    bool     `json:"multiValued,omitempty"`
	Required       bool     `json:"required,omitempty"`
	Mutability     string   `json:"mutability,omitempty"`
	ReferenceTypes []string `json:"referenceTypes,omitempty"`
}

// Config renders the endpoint's configuration and its revision: a digest of the content, so that the same content
// has the same revision after a restart and after a rebuild.
//
// The expected store is no part of the revision. Its sequence rises with every cycle that writes, and nobody has to
// wait until a pod has read it: what a pod thinks of its store, it says by itself.
func Config(e Endpoint) (content, revision string, err error) {
	config := endpointConfig{endpointSettings: settings(e)}
	body, err := yaml.Marshal(config.endpointSettings)
	if err != nil {
		return "", "", fmt.Errorf("rendering the endpoint's settings: %w", err)
	}
	sum := sha256.Sum256(body)
	config.Revision = hex.EncodeToString(sum[:])[:16]
	if e.Store != nil {
		config.ExpectedStore = &expectedStore{ID: e.Store.ID, Sequence: e.Store.Sequence}
	}
	out, err := yaml.Marshal(config)
	if err != nil {
		return "", "", fmt.Errorf("rendering the endpoint's configuration: %w", err)
	}
	return string(out), config.Revision, nil
}

func settings(e Endpoint) endpointSettings {
	out := endpointSettings{Retention: managed(e.App).Retention}
	for _, x := range e.Extensions {
		schema := endpointConfigSchema{ID: x.ID, Name: x.Name, ResourceType: x.ResourceType}
		for _, a := range x.Attributes {
			schema.Attributes = append(schema.Attributes, endpointConfigAttribute(a))
		}
		out.Schemas = append(out.Schemas, schema)
	}
	if w := webhook(e.App); w != nil {
		out.Delivery = &endpointDelivery{Webhook: endpointWebhook{URL: w.URL, SigningSecretFile: path.Join(webhookPath, webhookSecretFile)}}
	}
	return out
}

// ParseExtensions reads the extensions back from a configuration that Config rendered.
func ParseExtensions(content string) ([]Extension, error) {
	var config endpointConfig
	if err := yaml.Unmarshal([]byte(content), &config); err != nil {
		return nil, fmt.Errorf("reading the extensions of the endpoint's configuration: %w", err)
	}
	var out []Extension
	for _, x := range config.Schemas {
		extension := Extension{ID: x.ID, Name: x.Name, ResourceType: x.ResourceType}
		for _, a := range x.Attributes {
			extension.Attributes = append(extension.Attributes, mapping.ExtensionAttribute(a))
		}
		out = append(out, extension)
	}
	return out, nil
}

// ConfigMap is the object with the endpoint's configuration.
func ConfigMap(e Endpoint) (*corev1.ConfigMap, error) {
	content, _, err := Config(e)
	if err != nil {
		return nil, err
	}
	return &corev1.ConfigMap{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "ConfigMap"},
		ObjectMeta: meta(e, ConfigName(e.App.Name)),
		Data:       map[string]string{ConfigKey: content},
	}, nil
}

func tokens(e Endpoint) *corev1.ConfigMap {
	return &corev1.ConfigMap{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "ConfigMap"},
		ObjectMeta: meta(e, TokensName(e.App.Name)),
		Data:       map[string]string{HashesKey: hashFile(e.TokenHashes, managed(e.App).ReadTokens)},
	}
}

// hashFile lists what the endpoint accepts. A token of Entra's that is given as a read token as well stays Entra's: the
// endpoint refuses a file with one hash twice.
func hashFile(hashes []string, readers []v1alpha1.ReadToken) string {
	var b strings.Builder
	for i, hash := range hashes {
		id := "current"
		if i > 0 {
			id = fmt.Sprintf("previous-%d", i)
		}
		fmt.Fprintf(&b, "%s scope=write id=%s\n", hash, id)
	}
	for _, reader := range readers {
		if !slices.Contains(hashes, reader.SHA256) {
			fmt.Fprintf(&b, "%s %s id=%s\n", reader.SHA256, scopeRead, reader.Name)
		}
	}
	return b.String()
}

const scopeRead = "scope=read"

// ParseHashes reads Entra's hashes back from a token hash file, each once and in lower case; what is not a hash, or may
// only read, is left out. So a file that somebody changed by hand never leads to one that the endpoint refuses, and a
// reader never becomes a writer.
func ParseHashes(file string) []string {
	var out []string
	for line := range strings.Lines(file) {
		fields := strings.Fields(line)
		if len(fields) == 0 || slices.Contains(fields, scopeRead) {
			continue
		}
		raw, err := hex.DecodeString(fields[0])
		if hash := hex.EncodeToString(raw); err == nil && len(raw) == sha256.Size && !slices.Contains(out, hash) {
			out = append(out, hash)
		}
	}
	return out
}
