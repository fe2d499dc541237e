package integration

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/scim/store"
	"github.com/scim-operator/scim-operator/test/kit"
)

func TestPeopleAreThereAgainAfterTheDatabaseWasLost(t *testing.T) {
	t.Parallel()
	w, o := steady(t)
	before := w.App(t).Status.Endpoint.Store
	people := accounts(t, w)
	if before == nil || before.ID != identity(t, w).StoreID || before.Sequence == 0 || people == 0 {
		t.Fatalf("the store is %+v with %d accounts, so the test shows nothing", before, people)
	}

	w.LoseStore(t)
	expectRestarts(t, w, 1)
	app := w.ExpectReady(t)
	now := app.Status.Endpoint.Store
	if now == nil || now.ID != identity(t, w).StoreID || now.ID == before.ID || app.Status.Job.Restart != nil || app.Status.Job.RestartedAt == nil {
		t.Errorf("status has store %+v and job %+v", now, app.Status.Job)
	}
	expectEvent(t, w, v1alpha1.ReasonStoreAccepted, before.ID)
	expectEvent(t, w, v1alpha1.ReasonJobRestarted, v1alpha1.ReasonStoreReplaced)
	w.Cycle(t)
	if again := accounts(t, w); again != people {
		t.Errorf("there are %d accounts, want the %d of before", again, people)
	}

	// A restart is asked for once, by whichever operator.
	o.Kill()
	w.AwaitFullPass(t, func() { w.StartOperator(t, kit.Crash{}) })
	w.Look(t)
	if job := w.Job(t); job.Restarts != 1 {
		t.Errorf("the job was restarted %d times", job.Restarts)
	}
}

func TestARestartThatIsDueSurvivesTheOperator(t *testing.T) {
	for name, test := range map[string]struct {
		crash kit.Crash
		most  int // restarts
	}{
		"killed after the database was accepted":              {kit.Crash{After: "PATCH scimapps/wiki/status #1"}, 1},
		"killed after the endpoint was told":                  {kit.Crash{After: "PATCH configmaps/wiki-scim-config #1"}, 1},
		"killed after the restart, before it was noted":       {kit.Crash{After: "POST /servicePrincipals/{id}/synchronization/jobs/{job}/restart #1"}, 2},
		"the answer to the restart was lost, and then killed": {kit.Crash{After: "POST /servicePrincipals/{id}/synchronization/jobs/{job}/restart #1", LostAnswer: true}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, o := steady(t)
			people := accounts(t, w)
			w.Look(t)
			o.Kill()
			w.LoseStore(t)
			killed := w.StartOperator(t, test.crash)
			kit.Eventually(t, "the operator is killed", killed.Reached)
			killed.OrKilled(t, "the operator is killed", func() error { return errors.New("it lives") })
			killed.Kill()
			w.StartOperator(t, kit.Crash{})
			expectRestarts(t, w, 1)
			w.ExpectReady(t)
			w.Cycle(t)
			if again := accounts(t, w); again != people {
				t.Errorf("there are %d accounts, want the %d of before", again, people)
			}
			if job := w.Job(t); job.Restarts > test.most {
				t.Errorf("the job was restarted %d times", job.Restarts)
			}
		})
	}
}

func TestAnEmptyDatabaseIsNoticedThoughTheClusterForgotEverything(t *testing.T) {
	t.Parallel()
	w, o := steady(t)
	people := accounts(t, w)
	o.Kill()
	w.LoseCluster(t)
	w.LoseStore(t)
	w.Apply(t, w.Manifests(t))
	w.StartOperator(t, kit.Crash{})
	expectRestarts(t, w, 1)
	w.ExpectReady(t)
	w.Cycle(t)
	if again := accounts(t, w); again != people {
		t.Errorf("there are %d accounts, want the %d of before", again, people)
	}
}

func TestARestoredDatabaseIsServedOnlyOnceItIsAccepted(t *testing.T) {
	t.Parallel()
	w, _ := ready(t)
	w.Cycle(t)
	w.ExpectReason(t, v1alpha1.ReasonProvisioning)
	backup, again := w.BackUpStore(t), w.BackUpStore(t)
	old := identity(t, w)
	w.ChangeUsers(t, func(s *v1alpha1.AttributeMappingSpec) {
		s.Attributes = append(s.Attributes, v1alpha1.MappedAttribute{Target: "nickName", Source: "givenName"})
	})
	kit.Eventually(t, "the mapping is applied", func() error { return atLeast(w.Job(t).SchemaWrites, 2) })
	w.Cycle(t)
	lookUntilSeen(t, w)
	seen := identity(t, w)
	if seen.Sequence <= old.Sequence {
		t.Fatalf("the sequence went from %d to %d, so the test shows nothing", old.Sequence, seen.Sequence)
	}

	w.RestoreStore(t, backup)
	message := w.ExpectStalled(t, v1alpha1.ReasonStoreRestored)
	value := fmt.Sprintf("%s:%d", old.StoreID, old.Sequence)
	for _, part := range []string{value, fmt.Sprint(seen.Sequence), "kubectl annotate scimapp wiki", v1alpha1.AnnotationAcceptStore} {
		if !strings.Contains(message, part) {
			t.Errorf("the message does not say %q: %s", part, message)
		}
	}
	if c := meta.FindStatusCondition(w.App(t).Status.Conditions, v1alpha1.ConditionEndpointReady); c.Status != metav1.ConditionFalse || c.Reason != v1alpha1.ReasonStoreRestored {
		t.Errorf("EndpointReady is %s %s", c.Status, c.Reason)
	}

	expectConfigured(t, w, "sequence: "+fmt.Sprint(seen.Sequence)) // by which the endpoint answers 503

	annotate(t, w, old.StoreID+":1")
	kit.Eventually(t, "the message says that the annotation is of another state", func() error {
		if message := w.ExpectStalled(t, v1alpha1.ReasonStoreRestored); !strings.Contains(message, "releases nothing") {
			return errors.New(message)
		}
		return nil
	})
	if job := w.Job(t); job.Restarts != 0 {
		t.Errorf("the job was restarted %d times before anybody accepted", job.Restarts)
	}

	_, command, _ := strings.Cut(message, "`")
	command, _, _ = strings.Cut(command, "`")
	kubectl(t, command)
	expectRestarts(t, w, 1)
	app := w.ExpectReady(t)
	if done := app.Status.HandledActions; len(done) != 1 || done[0].Name != v1alpha1.ActionAcceptStore || done[0].Value != value || done[0].At == nil {
		t.Errorf("handledActions is %+v", done)
	}
	expectEvent(t, w, v1alpha1.ReasonJobRestarted, v1alpha1.ReasonStoreRestored)
	if people := accounts(t, w); people == 0 {
		t.Error("the copy holds nobody, so the test shows nothing")
	}

	// The same copy is put back once more. What was accepted once is not accepted for ever.
	w.Cycle(t)
	lookUntilSeen(t, w)
	w.RestoreStore(t, again)
	if message := w.ExpectStalled(t, v1alpha1.ReasonStoreRestored); !strings.Contains(message, "remove it and set it again") {
		t.Errorf("the message does not say why the annotation has no effect: %s", message)
	}
	annotate(t, w, "")
	kit.Eventually(t, "the operator has seen that the annotation is gone", func() error {
		if len(w.App(t).Status.HandledActions) > 0 {
			return errNotYet
		}
		return nil
	})
	kubectl(t, command)
	expectRestarts(t, w, 2)
	w.ExpectReady(t)
}

func TestAnotherDatabaseThatIsNotEmptyIsNotServed(t *testing.T) {
	t.Parallel()
	w, _ := steady(t)
	other, _ := steady(t)
	w.RestoreStore(t, other.BackUpStore(t))
	if message := w.ExpectStalled(t, v1alpha1.ReasonStoreReplaced); !strings.Contains(message, identity(t, other).StoreID) {
		t.Errorf("the message does not name the database: %s", message)
	}
	if job := w.Job(t); job.Restarts != 0 {
		t.Errorf("the job was restarted %d times before anybody accepted", job.Restarts)
	}
}

func TestAMoveToPostgreSQLWaitsForTheAccounts(t *testing.T) {
	t.Parallel()
	w, o := steady(t)
	o.Kill() // so that it sees the new manifest and the new database together
	moved := w.BackUpStore(t)
	w.LoseStore(t) // an empty database, as PostgreSQL is before anything was imported
	w.ChangeApp(t, func(s *v1alpha1.ScimAppSpec) {
		s.Endpoint = &v1alpha1.EndpointSpec{Managed: &v1alpha1.ManagedEndpoint{Storage: &v1alpha1.Storage{Postgres: &v1alpha1.PostgresStorage{
			ConnectionSecretRef: v1alpha1.ConnectionSecretReference{Name: "wiki-db-app"}, MigrateFrom: v1alpha1.StorageSQLite,
		}}}}
	})
	w.StartOperator(t, kit.Crash{})
	if message := w.ExpectStalled(t, v1alpha1.ReasonStoreNotMoved); !strings.Contains(message, "scim-endpoint import") {
		t.Errorf("the message does not say how to move: %s", message)
	}
	if job := w.Job(t); job.Restarts != 0 {
		t.Errorf("the job was restarted %d times for a database without the accounts", job.Restarts)
	}
	w.RestoreStore(t, moved) // what an import makes of it: the same accounts, identity and sequence
	w.ExpectReady(t)
	if job := w.Job(t); job.Restarts != 0 {
		t.Errorf("the job was restarted %d times, and nobody's account changed", job.Restarts)
	}
	workloads := &appsv1.StatefulSetList{}
	if err := w.Client.List(t.Context(), workloads, client.InNamespace(w.Namespace)); err != nil || len(workloads.Items) > 0 {
		t.Errorf("there are %d StatefulSets beside the Deployment (%v)", len(workloads.Items), err)
	}
	claim := &corev1.PersistentVolumeClaim{}
	if err := w.Client.Get(t.Context(), client.ObjectKey{Namespace: w.Namespace, Name: "data-wiki-scim-0"}, claim); err != nil || !claim.DeletionTimestamp.IsZero() {
		t.Errorf("the claim with the old database is not kept: %v", err)
	}
}

func annotate(t *testing.T, w *kit.World, value string) {
	t.Helper()
	app := w.App(t)
	w.AwaitPass(t, 1, func() {
		kit.Change(t, w, app, func(app *v1alpha1.ScimApp) {
			metav1.SetMetaDataAnnotation(&app.ObjectMeta, v1alpha1.AnnotationAcceptStore, value)
			if value == "" {
				delete(app.Annotations, v1alpha1.AnnotationAcceptStore)
			}
		})
	})
}

func identity(t *testing.T, w *kit.World) store.Identity {
	t.Helper()
	found, err := w.Endpoint.Store.Identity(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// lookUntilSeen has the operator look until it knows the state of the database.
func lookUntilSeen(t *testing.T, w *kit.World) {
	t.Helper()
	kit.Eventually(t, "the operator has seen the changes", func() error {
		w.Look(t)
		return atLeast(int(w.App(t).Status.Endpoint.Store.Sequence), int(identity(t, w).Sequence))
	})
}

// accounts is how many users the endpoint serves.
func accounts(t *testing.T, w *kit.World) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.Endpoint.URL+"/Users?count=0", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+w.Token(t))
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	var list struct{ TotalResults int }
	if err := json.NewDecoder(response.Body).Decode(&list); err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("the endpoint answers %s (%v)", response.Status, err)
	}
	return list.TotalResults
}

// expectConfigured waits until the endpoint's configuration says so.
func expectConfigured(t *testing.T, w *kit.World, says string) {
	t.Helper()
	kit.Eventually(t, "the endpoint's configuration says "+says, func() error {
		content, err := os.ReadFile(w.Endpoint.ConfigFile)
		if err == nil && !strings.Contains(string(content), says) {
			err = fmt.Errorf("it says\n%s", content)
		}
		return err
	})
}

func expectRestarts(t *testing.T, w *kit.World, want int) {
	t.Helper()
	kit.Eventually(t, fmt.Sprintf("the job is restarted %d times", want), func() error {
		if job := w.App(t).Status.Job; job == nil || job.RestartedAt == nil || job.Restart != nil {
			return fmt.Errorf("status has job %+v", job)
		}
		return atLeast(w.Job(t).Restarts, want)
	})
}

func expectEvent(t *testing.T, w *kit.World, reason, says string) {
	t.Helper()
	kit.Eventually(t, "there is an event "+reason, func() error {
		return w.FindEvent(t, reason, func(e eventsv1.Event) bool { return strings.Contains(e.Note, says) })
	})
}
