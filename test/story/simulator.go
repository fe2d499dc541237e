package story

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/scim-operator/scim-operator/internal/entrasim"
	"github.com/scim-operator/scim-operator/internal/entrasim/directory"
)

// A simulator is the admin API of entra-sim.
type simulator struct {
	root string
}

// call sends a request and decodes the answer into result, where one is wanted.
func (s simulator) call(ctx context.Context, method, path string, body, result any) error {
	var content io.Reader
	if body != nil {
		encoded, err := json.Marshal(body)
		if err != nil {
			return fmt.Errorf("encoding the body: %w", err)
		}
		content = bytes.NewReader(encoded)
	}
	request, err := http.NewRequestWithContext(ctx, method, s.root+path, content)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return fmt.Errorf("simulator: %s %s: %w", method, path, err)
	}
	if response.StatusCode >= http.StatusMultipleChoices {
		return fmt.Errorf("simulator: %s %s answered %s: %s", method, path, response.Status, bytes.TrimSpace(answer))
	}
	if result == nil {
		return nil
	}
	if err := json.Unmarshal(answer, result); err != nil {
		return fmt.Errorf("simulator: reading the answer to %s %s: %w", method, path, err)
	}
	return nil
}

func (s simulator) state(ctx context.Context) (*entrasim.Overview, error) {
	state := &entrasim.Overview{}
	return state, s.call(ctx, http.MethodGet, "/sim/state", nil, state)
}

func (s simulator) journal(ctx context.Context) (entries []entrasim.JournalEntry, err error) {
	return entries, s.call(ctx, http.MethodGet, "/sim/journal", nil, &entries)
}

// counts sums up the requests after a sequence number.
func (s simulator) counts(ctx context.Context, after int) (counts entrasim.JournalCounts, err error) {
	return counts, s.call(ctx, http.MethodGet, fmt.Sprintf("/sim/journal/counts?after=%d", after), nil, &counts)
}

func (s simulator) cycle(ctx context.Context, job string) (*entrasim.CycleReport, error) {
	report := &entrasim.CycleReport{}
	return report, s.call(ctx, http.MethodPost, "/sim/jobs/"+url.PathEscape(job)+"/cycle", nil, report)
}

func (s simulator) users(ctx context.Context) (users []*directory.User, err error) {
	return users, s.call(ctx, http.MethodGet, "/sim/users", nil, &users)
}

func (s simulator) groups(ctx context.Context) (groups []*directory.Group, err error) {
	return groups, s.call(ctx, http.MethodGet, "/sim/groups", nil, &groups)
}

// patchUser changes properties of a person, in Graph's names.
func (s simulator) patchUser(ctx context.Context, id string, properties map[string]any) error {
	return s.call(ctx, http.MethodPatch, "/sim/users/"+id, properties, nil)
}

func (s simulator) patchGroup(ctx context.Context, id string, properties map[string]any) error {
	return s.call(ctx, http.MethodPatch, "/sim/groups/"+id, properties, nil)
}

func (s simulator) addMember(ctx context.Context, group, user string) error {
	return s.call(ctx, http.MethodPost, "/sim/groups/"+group+"/members/"+user, nil, nil)
}

func (s simulator) removeMember(ctx context.Context, group, user string) error {
	return s.call(ctx, http.MethodDelete, "/sim/groups/"+group+"/members/"+user, nil, nil)
}
