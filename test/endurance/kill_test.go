package endurance

import (
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/scim-operator/scim-operator/internal/scim/store/pgtest"
	"github.com/scim-operator/scim-operator/test/scimkit"
)

func TestWhatIsAcknowledgedSurvivesSIGKILL(t *testing.T) {
	t.Run("SQLite", func(t *testing.T) { endAgainAndAgain(t, sqliteStore(t), (*scimkit.Endpoint).Kill) })
	t.Run("PostgreSQL", func(t *testing.T) {
		database := pgtest.NewServer(t).URL()
		endAgainAndAgain(t, database, func(e *scimkit.Endpoint) {
			e.Kill()
			if err := pgtest.AwaitNobody(t.Context(), database); err != nil {
				t.Fatal(err)
			}
		})
	})
}

func TestRestartOnSQLiteLosesNothing(t *testing.T) {
	endAgainAndAgain(t, sqliteStore(t), (*scimkit.Endpoint).Stop)
}

// endAgainAndAgain ends the process under load and starts it again. While it is away a request may find nobody, or be
// answered 503; nothing else.
func endAgainAndAgain(t *testing.T, store string, end func(*scimkit.Endpoint)) {
	endpoint := startEndpoint(t, store)
	l := newLoad(t, clientOf(endpoint), noConnectionOr503)
	for round := range rounds(t) {
		l.during(t, func() {
			l.acknowledge(t, int64(50+37*round%200))
			end(endpoint)
			restart(t, endpoint)
			l.acknowledge(t, 50)
		})
		if t.Failed() {
			t.Fatalf("in round %d", round)
		}
	}
	t.Logf("%d operations acknowledged, %d failed while the endpoint was away", l.acknowledged.Load(), l.failures())
}

func noConnectionOr503(err error) error {
	if status, ok := errors.AsType[*statusError](err); ok {
		return only503(status)
	}
	return nil
}

// only503 allows 503 with Retry-After, in the form of SCIM (H-16).
func only503(err error) error {
	status, ok := errors.AsType[*statusError](err)
	if !ok || status.answer.Status != http.StatusServiceUnavailable {
		return fmt.Errorf("only 503 is allowed: %w", err)
	}
	if status.answer.Header.Get("Retry-After") == "" || status.answer.Document()["status"] != "503" {
		return fmt.Errorf("503 without Retry-After or without a SCIM error: %w", err)
	}
	return nil
}
