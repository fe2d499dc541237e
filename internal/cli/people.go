package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/fault"
)

// errTooMany ends reading when the guard is reached.
type errTooMany struct{ limit int }

// Error implements error.
func (e errTooMany) Error() string {
	return fmt.Sprintf("more than %d people are concerned; raise --max-people, or leave them out with --people=false", e.limit)
}

// eachObject reads page by page and keeps nothing.
func eachObject(ctx context.Context, d entra.People, q entra.ObjectQuery, each func(json.RawMessage) error) error {
	for {
		page, err := patiently(ctx, func() (entra.ObjectPage, error) { return d.ObjectPage(ctx, q) })
		if err != nil {
			return err
		}
		for _, object := range page.Objects {
			if err := each(object); err != nil {
				return err
			}
		}
		if page.Next == "" {
			return nil
		}
		q.Next = page.Next
	}
}

// throttledTries is how often a request is sent that Graph has no time for now.
const throttledTries = 6

// patiently waits as long as Graph says where it throttles. All other errors are the caller's.
func patiently[T any](ctx context.Context, ask func() (T, error)) (T, error) {
	for try := 1; ; try++ {
		answer, err := ask()
		if err == nil || fault.ClassOf(err) != fault.Throttled || try == throttledTries {
			return answer, err
		}
		timer := time.NewTimer(fault.React(err).After)
		select {
		case <-ctx.Done():
			timer.Stop()
			return answer, ctx.Err()
		case <-timer.C:
		}
	}
}

// idOf is the object ID of a user or group as Graph sent it.
func idOf(object json.RawMessage) (string, error) {
	var named struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal(object, &named); err != nil || named.ID == "" {
		return "", fmt.Errorf("reading people: Graph sent an object without an id")
	}
	return named.ID, nil
}
