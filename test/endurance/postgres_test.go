package endurance

import (
	"errors"
	"testing"

	"github.com/scim-operator/scim-operator/internal/scim/store/pgtest"
)

func TestPostgreSQLRestartsUnderLoad(t *testing.T) {
	for name, mode := range map[string]string{"in order": "fast", "by a crash": "immediate"} {
		t.Run(name, func(t *testing.T) {
			server := pgtest.NewServer(t)
			endpoint := startEndpoint(t, server.URL())
			l := newLoad(t, clientOf(endpoint), only503)
			for range rounds(t) {
				l.during(t, func() {
					l.acknowledge(t, 100)
					if err := errors.Join(server.Stop(mode), server.Start()); err != nil {
						t.Fatal(err)
					}
					l.acknowledge(t, 100) // with the same process of the endpoint
				})
			}
			t.Logf("%d operations acknowledged, %d answered 503", l.acknowledged.Load(), l.failures())
		})
	}
}

// TestPostgreSQLFailsOverUnderLoad: the server is gone for good, and its standby takes over under the same address.
func TestPostgreSQLFailsOverUnderLoad(t *testing.T) {
	primary := pgtest.NewServer(t)
	standby := primary.Standby(t)
	endpoint := startEndpoint(t, pgtest.Either(primary, standby))
	l := newLoad(t, clientOf(endpoint), only503)
	l.during(t, func() {
		l.acknowledge(t, 300)
		if err := errors.Join(primary.Stop("immediate"), standby.Promote()); err != nil {
			t.Fatal(err)
		}
		l.acknowledge(t, 300) // with the same process of the endpoint
	})
	t.Logf("%d operations acknowledged, %d answered 503", l.acknowledged.Load(), l.failures())
}
