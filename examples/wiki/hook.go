package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	maxEvent = 1 << 20
	// tolerance is how old a webhook may be: who has recorded one cannot send it again later.
	tolerance = 5 * time.Minute
)

// hook receives webhooks. There are libraries that verify Standard Webhooks in most languages; this shows all of it.
type hook struct {
	key    []byte
	people *people
}

func newHook(secretFile string, p *people) (*hook, error) {
	secret, err := readSecret(secretFile)
	if err != nil {
		return nil, fmt.Errorf("--webhook-secret-file: %w", err)
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil {
		return nil, fmt.Errorf("--webhook-secret-file: %w", err)
	}
	return &hook{key: key, people: p}, nil
}

// ServeHTTP implements http.Handler. 2xx says that the event was taken; a 4xx is final, so that it is used for what is
// no webhook only.
func (h *hook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxEvent))
	if err != nil {
		http.Error(w, "the body cannot be read", http.StatusBadRequest)
		return
	}
	if err := h.verify(r.Header, body); err != nil {
		http.Error(w, err.Error(), http.StatusUnauthorized)
		return
	}
	var envelope struct {
		Data event `json:"data"`
	}
	if err := json.Unmarshal(body, &envelope); err != nil {
		http.Error(w, "the body is no event", http.StatusBadRequest)
		return
	}
	h.people.take(envelope.Data)
	w.WriteHeader(http.StatusNoContent)
}

// verify checks the signature before anything is believed. The header has several while a secret is replaced.
func (h *hook) verify(header http.Header, body []byte) error {
	id, timestamp := header.Get("webhook-id"), header.Get("webhook-timestamp")
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil || time.Since(time.Unix(seconds, 0)).Abs() > tolerance {
		return errors.New("the webhook is too old")
	}
	mac := hmac.New(sha256.New, h.key)
	fmt.Fprintf(mac, "%s.%s.%s", id, timestamp, body)
	want := mac.Sum(nil)
	for signature := range strings.FieldsSeq(header.Get("webhook-signature")) {
		version, encoded, _ := strings.Cut(signature, ",")
		got, err := base64.StdEncoding.DecodeString(encoded)
		if err == nil && version == "v1" && hmac.Equal(got, want) {
			return nil
		}
	}
	return errors.New("the signature is wrong")
}
