package scimkit

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
)

// Client sends SCIM requests to one base URL. It knows nothing of SCIM but the media type.
type Client struct {
	// BaseURL has no slash at the end.
	BaseURL, Token string
	HTTP           *http.Client
}

// Answer is what came back.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Do sends a request; path begins with a slash and may have a query. The body is JSON text, or a value to be encoded, or nil.
func (c Client) Do(ctx context.Context, method, path string, body any) (Answer, error) {
	var reader io.Reader = http.NoBody
	switch b := body.(type) {
	case nil:
	case string:
		reader = bytes.NewReader([]byte(b))
	default:
		encoded, err := json.Marshal(b)
		if err != nil {
			return Answer{}, fmt.Errorf("encoding the body of %s %s: %w", method, path, err)
		}
		reader = bytes.NewReader(encoded)
	}
	request, err := http.NewRequestWithContext(ctx, method, c.BaseURL+path, reader)
	if err != nil {
		return Answer{}, fmt.Errorf("making %s %s: %w", method, path, err)
	}
	request.Header.Set("Authorization", "Bearer "+c.Token)
	if body != nil {
		request.Header.Set("Content-Type", "application/scim+json; charset=utf-8")
	}
	response, err := c.HTTP.Do(request)
	if err != nil {
		return Answer{}, err
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		return Answer{}, fmt.Errorf("reading the answer to %s %s: %w", method, path, err)
	}
	return Answer{Status: response.StatusCode, Header: response.Header, Body: content}, nil
}

// Document returns the body as a JSON object; nil when it is none.
func (a Answer) Document() map[string]any {
	var document map[string]any
	if json.Unmarshal(a.Body, &document) != nil {
		return nil
	}
	return document
}

// ID returns the id in the body, or "".
func (a Answer) ID() string {
	id, _ := a.Document()["id"].(string)
	return id
}

// String shows status and body, for messages.
func (a Answer) String() string {
	return fmt.Sprintf("%d %.1000s", a.Status, a.Body)
}
