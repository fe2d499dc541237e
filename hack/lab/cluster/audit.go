package cluster

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// A Write is one request of an audited user that changed, or tried to change, something in the cluster.
type Write struct {
	Verb      string // create, update, patch, delete or deletecollection
	Resource  string // plural, with its subresource: statefulsets or scimapps/status
	Namespace string
	Name      string
	Status    int // HTTP status
}

// String returns, for example, "patch statefulsets docs/wiki-scim (200)".
func (w Write) String() string {
	return fmt.Sprintf("%s %s %s/%s (%d)", w.Verb, w.Resource, w.Namespace, w.Name, w.Status)
}

// Writes reads the audit log: every write of the audited users since the start, in order. A request is in the log before its answer reaches
// the client, because the log is written in blocking mode.
func (c *Cluster) Writes() ([]Write, error) {
	file, err := os.Open(c.AuditLog)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, fmt.Errorf("opening the audit log: %w", err)
	}
	defer file.Close()
	var writes []Write
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		write, err := parseWrite(lines.Bytes())
		if err != nil {
			return nil, err
		}
		writes = append(writes, write)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("reading the audit log: %w", err)
	}
	return writes, nil
}

func parseWrite(line []byte) (Write, error) {
	var event struct {
		Verb      string
		ObjectRef struct{ Resource, Subresource, Namespace, Name string }
		Response  struct{ Code int } `json:"responseStatus"`
	}
	if err := json.Unmarshal(line, &event); err != nil {
		return Write{}, fmt.Errorf("reading an audit event: %w", err)
	}
	resource := event.ObjectRef.Resource
	if event.ObjectRef.Subresource != "" {
		resource += "/" + event.ObjectRef.Subresource
	}
	return Write{
		Verb:      event.Verb,
		Resource:  resource,
		Namespace: event.ObjectRef.Namespace,
		Name:      event.ObjectRef.Name,
		Status:    event.Response.Code,
	}, nil
}

// auditPolicy records the metadata of the users' writes, once each, and nothing else.
func auditPolicy(users []string) []byte {
	policy := map[string]any{
		"apiVersion": "audit.k8s.io/v1",
		"kind":       "Policy",
		"omitStages": []string{"RequestReceived", "ResponseStarted"},
		"rules": []map[string]any{{
			"level": "Metadata",
			"users": users,
			"verbs": []string{"create", "update", "patch", "delete", "deletecollection"},
		}, {
			"level": "None",
		}},
	}
	content, err := json.Marshal(policy)
	if err != nil {
		panic(err) // strings and maps of strings always encode
	}
	return content
}
