package scimkit

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
)

// Ready tells whether /readyz says so.
func (e *Endpoint) Ready(ctx context.Context) bool {
	_, err := e.management(ctx, "/readyz")
	return err == nil
}

// TokenHashes returns the hashes that are accepted, as /statusz tells them.
func (e *Endpoint) TokenHashes(ctx context.Context) ([]string, error) {
	body, err := e.management(ctx, "/statusz")
	if err != nil {
		return nil, err
	}
	var status struct {
		TokenHashes []string `json:"tokenHashes"`
	}
	if err := json.Unmarshal(body, &status); err != nil {
		return nil, fmt.Errorf("reading /statusz: %w", err)
	}
	return status.TokenHashes, nil
}

func (e *Endpoint) management(ctx context.Context, path string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, e.ManagementURL+path, http.NoBody)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("GET %s: %s", path, response.Status)
	}
	return io.ReadAll(response.Body)
}
