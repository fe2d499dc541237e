//go:build bench

package simulator

import (
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"runtime/metrics"
	"sync"
	"sync/atomic"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/scim-operator/scim-operator/internal/entrasim"
	"github.com/scim-operator/scim-operator/internal/entrasim/directory"
	"github.com/scim-operator/scim-operator/internal/entrasim/tenant"
	"github.com/scim-operator/scim-operator/test/scimkit"
)

var (
	usersFlag    = flag.Int("users", 100_000, "people of the large directory")
	parallelFlag = flag.Int("parallel", 4, "requests that the engine has under way")
	nullFlag     = flag.Bool("null", false, "an endpoint that stores nothing and answers at once, to see what the engine alone can do")
)

// What is expected: how much dearer 100 changes may be in the large directory than in one of a tenth, and what memory a cycle
// may leave behind, which is the provisioning log, as long as it may become, and so much for each person.
const (
	mostRatio      = 3.0
	mostLog        = 128 << 20
	mostEachPerson = 1 << 10
)

// figures are what was measured in one directory.
type figures struct {
	people, groups            int
	directory, peak, after    uint64 // bytes of heap: before the cycle, at most above that, and kept above that
	initial, changes, nothing time.Duration
	requests, changedRequests int
	bareRate                  float64 // requests a second
	created, updated          int
}

func TestSimulator(t *testing.T) {
	binary := ""
	if !*nullFlag {
		var err error
		if binary, err = scimkit.Build(t.Context(), t.TempDir()); err != nil {
			t.Fatal(err)
		}
	}
	small, large := measure(t, binary, *usersFlag/10), measure(t, binary, *usersFlag)
	report(small, large)
	if ratio := large.changes.Seconds() / small.changes.Seconds(); ratio > mostRatio {
		t.Errorf("100 changes take %.1f times as long in the large directory, at most %.1f was expected", ratio, mostRatio)
	}
	if most := uint64(mostLog + mostEachPerson*large.people); large.after > most {
		t.Errorf("the initial cycle left %d MiB of heap behind, at most %d were expected", large.after>>20, most>>20)
	}
}

// population is n people, n/100 groups of 100, the first of them with half of the people.
func population(t *testing.T, n int) *directory.Directory {
	t.Helper()
	d, err := directory.Generate(n, 7)
	if err != nil {
		t.Fatal(err)
	}
	names := d.Groups
	d.Groups = nil
	for i := range n / 100 {
		g := &directory.Group{ID: fmt.Sprintf("00000000-0000-4000-9000-%012d", i), DisplayName: fmt.Sprintf("%s %d", names[i%len(names)].DisplayName, i)}
		for k := range 100 {
			g.Members = append(g.Members, d.Users[i*100+k].ID)
		}
		d.Groups = append(d.Groups, g)
	}
	for _, u := range d.Users[100 : n/2] {
		d.Groups[0].Members = append(d.Groups[0].Members, u.ID)
	}
	return d
}

func measure(t *testing.T, binary string, people int) figures {
	t.Helper()
	endpoint := startEndpoint(t, binary)
	f := figures{people: people, bareRate: bare(t, endpoint)}

	options := entrasim.Options{Directory: population(t, people)}
	options.Engine.Parallelism = *parallelFlag
	server, err := entrasim.New(options)
	if err != nil {
		t.Fatal(err)
	}
	users, groups := options.Directory.Users, options.Directory.Groups
	f.groups = len(groups)
	sim := server.Tenant()
	job := provision(t, sim, endpoint, groups)

	f.directory = heap()
	stop := watch(&f.peak)
	report, took := cycle(t, server, job)
	stop()
	f.initial, f.created, f.requests = took, report.Created, requests(t, sim, job)
	f.peak -= min(f.peak, f.directory)
	after := heap()
	f.after = after - min(after, f.directory)

	for i := range 100 {
		patch := fmt.Sprintf(`{"jobTitle": "Changed %d"}`, i)
		if _, err := sim.PatchUser(users[i*people/100].ID, []byte(patch)); err != nil {
			t.Fatal(err)
		}
	}
	report, f.changes = cycle(t, server, job)
	f.updated, f.changedRequests = report.Updated, requests(t, sim, job)
	_, f.nothing = cycle(t, server, job)
	if f.created != people+len(groups) || f.updated != 100 {
		t.Fatalf("%d were created and %d updated, want %d and 100", f.created, f.updated, people+len(groups))
	}
	return f
}

// startEndpoint starts the real endpoint as a process, or without a binary one that stores nothing.
func startEndpoint(t *testing.T, binary string) scimkit.Client {
	t.Helper()
	client := scimkit.Client{HTTP: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: *parallelFlag}}}
	if binary == "" {
		server := httptest.NewServer(null())
		t.Cleanup(server.Close)
		client.BaseURL, client.Token = server.URL, "none"
		return client
	}
	folder := t.TempDir()
	endpoint, err := scimkit.Start(t.Context(), scimkit.Options{
		Binary: binary, Folder: folder, Store: "sqlite://" + folder + "/scim.db",
		// The limit per token is kept out of the measurement: it is far below what either side can do.
		Config: "limits: {requestsPerSecond: 1000000, burst: 1000000}\n",
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(endpoint.Kill)
	client.BaseURL, client.Token = endpoint.URL, endpoint.Token
	return client
}

// null finds nothing, and says yes to everything.
func null() http.Handler {
	var made atomic.Int64
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // what cannot be read is not missed
		w.Header().Set("Content-Type", "application/scim+json")
		switch {
		case r.Method == http.MethodPost:
			w.WriteHeader(http.StatusCreated)
			fmt.Fprintf(w, `{"id":"00000000-0000-4000-8000-%012d"}`, made.Add(1))
		case r.Method != http.MethodGet:
			w.WriteHeader(http.StatusNoContent)
		case r.URL.Query().Has("filter"):
			fmt.Fprint(w, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":0,"Resources":[]}`)
		default:
			fmt.Fprint(w, `{"id":"x"}`)
		}
	})
}

func provision(t *testing.T, sim *tenant.Tenant, endpoint scimkit.Client, groups []*directory.Group) (job [2]string) {
	t.Helper()
	_, principal, err := sim.Instantiate(tenant.TemplatePublic, "Bench", "", "")
	if err != nil {
		t.Fatal(err)
	}
	sp := principal["id"].(string)
	role := principal["appRoles"].([]any)[0].(map[string]any)["id"].(string)
	made, err := sim.CreateJob(sp, tenant.TemplateSCIM)
	if err != nil {
		t.Fatal(err)
	}
	if err := sim.PutSecrets(sp, map[string]string{"BaseAddress": endpoint.BaseURL, "SecretToken": endpoint.Token, "SyncAll": "false",
		"SyncNotificationSettings": `{"Enabled":false}`}); err != nil {
		t.Fatal(err)
	}
	for _, g := range groups {
		if _, err := sim.Assign(sp, g.ID, role); err != nil {
			t.Fatal(err)
		}
	}
	id := made["id"].(string)
	if err := sim.StartJob(sp, id); err != nil {
		t.Fatal(err)
	}
	return [2]string{sp, id}
}

func cycle(t *testing.T, server *entrasim.Server, job [2]string) (*entrasim.CycleReport, time.Duration) {
	t.Helper()
	began := time.Now()
	report, err := server.RunCycle(t.Context(), job[1])
	if err != nil || report.Error != nil || report.Failed > 0 {
		t.Fatalf("the cycle: %+v (%v)", report, err)
	}
	return report, time.Since(began)
}

// requests are the writes of the last cycle, as the job's status counts them.
func requests(t *testing.T, sim *tenant.Tenant, job [2]string) int {
	t.Helper()
	shown, err := sim.Job(job[0], job[1])
	if err != nil {
		t.Fatal(err)
	}
	return shown["status"].(map[string]any)["lastExecution"].(map[string]any)["countExports"].(int)
}

// bare is how many requests a second a loop reaches that sends what the engine sends of a new user, a search and a POST, and
// does nothing else.
func bare(t *testing.T, client scimkit.Client) float64 {
	t.Helper()
	const each = 1500
	var workers sync.WaitGroup
	failed := make(chan string, *parallelFlag)
	began := time.Now()
	for w := range *parallelFlag {
		workers.Go(func() {
			for i := range each {
				name := fmt.Sprintf("bare%d.%d@bench.example", w, i)
				if _, err := client.Do(t.Context(), http.MethodGet, "/Users?filter=userName+eq+%22"+name+"%22", nil); err != nil {
					failed <- err.Error()
					return
				}
				answer, err := client.Do(t.Context(), http.MethodPost, "/Users", document(name))
				if err != nil || answer.Status != http.StatusCreated {
					failed <- fmt.Sprint(answer.Status, err)
					return
				}
			}
		})
	}
	workers.Wait()
	if len(failed) > 0 {
		t.Fatalf("the bare loop: %s", <-failed)
	}
	return float64(2*each**parallelFlag) / time.Since(began).Seconds()
}

func document(name string) string {
	return fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":%[1]q,"externalId":%[1]q,"active":true,`+
		`"displayName":"Bare Loop","name":{"givenName":"Bare","familyName":"Loop","formatted":"Bare Loop"},`+
		`"emails":[{"type":"work","primary":true,"value":%[1]q}]}`, name)
}

// heap is what is in use after a collection.
func heap() uint64 {
	runtime.GC()
	return inUse()
}

func inUse() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// watch keeps the most that is in use until it is stopped.
func watch(peak *uint64) (stop func()) {
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(50 * time.Millisecond)
		defer tick.Stop()
		for {
			*peak = max(*peak, inUse())
			select {
			case <-tick.C:
			case <-done:
				return
			}
		}
	}()
	return func() { close(done); <-ended }
}

func report(all ...figures) {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "people\tgroups\tdirectory\tcycle at most\tkept\tinitial\trequests/s\tbare/s\tratio\t100 changes\twrites\tno change\t")
	for _, f := range all {
		rate := float64(f.requests+f.created) / f.initial.Seconds() // each creation is a search as well
		fmt.Fprintf(w, "%d\t%d\t%d MiB\t+%d MiB\t+%d MiB\t%.1fs\t%.0f\t%.0f\t%.2f\t%dms\t%d\t%dms\t\n", f.people, f.groups, f.directory>>20, f.peak>>20, f.after>>20,
			f.initial.Seconds(), rate, f.bareRate, rate/f.bareRate, f.changes.Milliseconds(), f.changedRequests, f.nothing.Milliseconds())
	}
	_ = w.Flush()
}
