package endurance

import (
	"testing"

	"github.com/scim-operator/scim-operator/test/scimkit"
)

func TestPostgreSQLRestartsUnderLoad(t *testing.T) {
	for name, end := range map[string]func(*scimkit.Postgres){"in order": (*scimkit.Postgres).Stop, "by a crash": (*scimkit.Postgres).Crash} {
		t.Run(name, func(t *testing.T) {
			server := startPostgres(t)
			endpoint := startEndpoint(t, server.URL)
			l := newLoad(t, clientOf(endpoint), only503)
			for range rounds(t) {
				l.during(t, func() {
					l.acknowledge(t, 100)
					end(server)
					if err := server.Start(t.Context()); err != nil {
						t.Fatal(err)
					}
					l.acknowledge(t, 100) // with the same process of the endpoint
				})
			}
			t.Logf("%d operations acknowledged, %d answered 503", l.acknowledged.Load(), l.failures())
		})
	}
}
