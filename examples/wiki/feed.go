package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// client reads people from an endpoint.
type client struct {
	base, token string
	http        *http.Client
}

func newClient(base, tokenFile string) (*client, error) {
	token, err := readSecret(tokenFile)
	if err != nil {
		return nil, fmt.Errorf("--token-file: %w", err)
	}
	return &client{base: strings.TrimSuffix(base, "/"), token: token, http: &http.Client{}}, nil
}

// place is where the changes go on.
type place struct {
	sequence int64
	storeID  string
}

// errGone: the endpoint cannot tell what changed since then, so a snapshot is needed.
var errGone = errors.New("the endpoint cannot tell what changed")

// follow takes the snapshot and then every change, for ever.
func (c *client) follow(ctx context.Context, p *people) error {
	at, err := c.bootstrap(ctx, p)
	for err == nil {
		at, err = c.changes(ctx, p, at)
		if errors.Is(err, errGone) {
			at, err = c.bootstrap(ctx, p)
		}
	}
	return err
}

// bootstrap takes the snapshot. It is complete only if its last line is there, so nobody is locked out before that.
func (c *client) bootstrap(ctx context.Context, p *people) (place, error) {
	mark := p.mark()
	body, err := c.get(ctx, "/snapshot")
	if err != nil {
		return place{}, err
	}
	defer body.Close()
	var list []event
	lines := bufio.NewScanner(body)
	lines.Buffer(nil, 1<<20) // a user with very many roles has a long line
	for lines.Scan() {
		var line struct {
			event
			End      bool   `json:"end"`
			Sequence int64  `json:"sequence"`
			StoreID  string `json:"storeID"`
		}
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			return place{}, fmt.Errorf("reading the snapshot: %w", err)
		}
		if !line.End {
			list = append(list, line.event)
			continue
		}
		p.replace(list, mark)
		return place{sequence: line.Sequence, storeID: line.StoreID}, nil
	}
	return place{}, fmt.Errorf("the snapshot ended before its end: %w", errors.Join(lines.Err(), io.ErrUnexpectedEOF))
}

// changes waits for the next changes and takes them.
func (c *client) changes(ctx context.Context, p *people, at place) (place, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	query := url.Values{"after": {strconv.FormatInt(at.sequence, 10)}, "storeID": {at.storeID}, "wait": {"30s"}, "limit": {"500"}}
	body, err := c.get(ctx, "/changes?"+query.Encode())
	if err != nil {
		return at, err
	}
	defer body.Close()
	var answer struct {
		Next    int64   `json:"next"`
		Changes []event `json:"changes"`
	}
	if err := json.NewDecoder(body).Decode(&answer); err != nil {
		return at, fmt.Errorf("reading changes: %w", err)
	}
	for _, e := range answer.Changes {
		p.take(e)
	}
	return place{sequence: answer.Next, storeID: at.storeID}, nil
}

func (c *client) get(ctx context.Context, path string) (io.ReadCloser, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+path, nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+c.token)
	response, err := c.http.Do(request)
	if err != nil {
		return nil, err
	}
	if response.StatusCode == http.StatusOK {
		return response.Body, nil
	}
	defer response.Body.Close()
	if response.StatusCode == http.StatusGone {
		return nil, errGone
	}
	return nil, fmt.Errorf("the endpoint answered %s", response.Status)
}
