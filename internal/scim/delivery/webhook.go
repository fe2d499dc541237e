package delivery

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/cloudevents/sdk-go/v2/event"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/scim-operator/scim-operator/internal/scim/events"
)

const (
	// sendTimeout is how long the app may take to answer.
	sendTimeout = 10 * time.Second
	// minSecret is the least that Standard Webhooks allows, in bytes.
	minSecret = 24
	// maxAnswer is how much of an answer is read, so that its connection can be used again.
	maxAnswer = 64 << 10
)

// Webhook is where events are sent. It comes from configuration only, never from a request.
type Webhook struct {
	// URL receives POST; empty sends nothing.
	URL string
	// SecretFile holds signing secrets, whsec_<base64>, one a line. Each signs, so that a secret can be replaced without
	// a moment in which the app knows none of them. It is read for each event.
	SecretFile string
}

// message is an event as it is sent.
type message struct {
	id   string
	body []byte
}

// newMessage makes the CloudEvent, in structured JSON mode. Its id is the same in every attempt.
func newMessage(e events.Event, storeID, source string) (message, error) {
	id := storeID + "." + strconv.FormatInt(e.Sequence, 10)
	c := event.New()
	c.SetID(id)
	c.SetSource(source)
	c.SetType(string(e.Type))
	c.SetSubject(e.ResourceType + "s/" + e.ID)
	c.SetTime(e.Time)
	if err := c.SetData(event.ApplicationJSON, e); err != nil {
		return message{}, fmt.Errorf("encoding event %s: %w", id, err)
	}
	body, err := json.Marshal(c)
	if err != nil {
		return message{}, fmt.Errorf("encoding event %s: %w", id, err)
	}
	return message{id: id, body: body}, nil
}

// newClient follows no redirect: what the app answers must not send a signed event elsewhere.
func newClient() *http.Client {
	return &http.Client{
		Timeout:       sendTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport:     http.DefaultTransport.(*http.Transport).Clone(),
	}
}

// send makes one attempt.
func send(ctx context.Context, client *http.Client, hook Webhook, m message, now time.Time) answer {
	request, err := signed(ctx, hook, m, now)
	if err != nil {
		return answer{verdict: unreachable, reason: err.Error()}
	}
	response, err := client.Do(request)
	if err != nil {
		return answer{verdict: unreachable, reason: reasonOf(err)}
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, maxAnswer)) // the status says it all
	return judge(response.StatusCode, response.Header.Get("Retry-After"))
}

func signed(ctx context.Context, hook Webhook, m message, now time.Time) (*http.Request, error) {
	content, err := os.ReadFile(hook.SecretFile)
	if err != nil {
		return nil, fmt.Errorf("reading the signing secret: %w", err)
	}
	signers, err := parseSecrets(string(content))
	if err != nil {
		return nil, fmt.Errorf("reading the signing secret in %s: %w", hook.SecretFile, err)
	}
	var signatures []string
	for _, signer := range signers {
		signature, err := signer.Sign(m.id, now, m.body)
		if err != nil {
			return nil, fmt.Errorf("signing event %s: %w", m.id, err)
		}
		signatures = append(signatures, signature)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, hook.URL, bytes.NewReader(m.body))
	if err != nil {
		return nil, fmt.Errorf("making a request: %w", err)
	}
	request.Header.Set("Content-Type", event.ApplicationCloudEventsJSON)
	request.Header.Set("User-Agent", "scim-endpoint")
	request.Header.Set(standardwebhooks.HeaderWebhookID, m.id)
	request.Header.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(now.Unix(), 10))
	request.Header.Set(standardwebhooks.HeaderWebhookSignature, strings.Join(signatures, " "))
	return request, nil
}

// parseSecrets reads a file of signing secrets; errors do not repeat them.
func parseSecrets(content string) ([]*standardwebhooks.Webhook, error) {
	var signers []*standardwebhooks.Webhook
	for line := range strings.Lines(content) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		encoded, ok := strings.CutPrefix(line, "whsec_")
		key, err := base64.StdEncoding.DecodeString(encoded)
		if !ok || err != nil || len(key) < minSecret {
			return nil, fmt.Errorf("a line is not whsec_ and at least %d bytes in base64", minSecret)
		}
		signer, err := standardwebhooks.NewWebhookRaw(key)
		if err != nil {
			return nil, err
		}
		signers = append(signers, signer)
	}
	if len(signers) == 0 {
		return nil, errors.New("it holds no secret")
	}
	return signers, nil
}

// reasonOf leaves out the address, which url.Error adds and which may hold credentials.
func reasonOf(err error) string {
	if e, ok := errors.AsType[*url.Error](err); ok {
		err = e.Err
	}
	return err.Error()
}
