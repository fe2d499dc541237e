package scimapp

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/events"
	clocktesting "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/endpoint"
	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/phase"
	"github.com/scim-operator/scim-operator/test/gen"
)

func TestJudgeStore(t *testing.T) {
	known := &v1alpha1.StoreStatus{ID: "a", Sequence: 500}
	tests := map[string]struct {
		known    *v1alpha1.StoreStatus
		id       string
		sequence int64
		moving   bool
		want     storeFinding
	}{
		"the first one that is seen":                       {nil, "a", 0, false, storeFirst},
		"the first one, with accounts of an earlier life":  {nil, "a", 500, false, storeFirst},
		"an empty one before a move, with status lost":     {nil, "b", 0, true, storeNotMoved},
		"a moved one, with status lost":                    {nil, "a", 500, true, storeFirst},
		"nothing changed":                                  {known, "a", 500, false, storeExpected},
		"something was written":                            {known, "a", 501, false, storeExpected},
		"one change is missing":                            {known, "a", 499, false, storeRestored},
		"everything is missing, though it is the same one": {known, "a", 0, false, storeRestored},
		"a new one without anybody":                        {known, "b", 0, false, storeEmpty},
		"another one that holds somebody":                  {known, "b", 1, false, storeReplaced},
		"another one that is further":                      {known, "b", 900, false, storeReplaced},
		"a move that has not begun":                        {known, "b", 0, true, storeNotMoved},
		"a move into a database with other people in it":   {known, "b", 7, true, storeNotMoved},
		"a move that is done":                              {known, "a", 500, true, storeExpected},
		"a move of an older copy":                          {known, "a", 400, true, storeRestored},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			seen := v1alpha1.StoreStatus{ID: tc.id, Sequence: tc.sequence}
			got := judgeStore(tc.known, seen, tc.moving)
			if got != tc.want {
				t.Errorf("judgeStore = %d, want %d", got, tc.want)
			}
			if message := got.explain(servingPod{name: "wiki-scim-0"}, tc.known, seen); got >= storeNotMoved && !strings.Contains(message, "pod wiki-scim-0 serves database "+tc.id) {
				t.Errorf("the message is %q", message)
			}
		})
	}
}

func TestAsk(t *testing.T) {
	const value = "a:400"
	tests := map[string]struct {
		annotation string
		handled    string
		granted    bool
		note       string
	}{
		"nobody asks":                           {},
		"exactly this is asked for":             {annotation: value, granted: true},
		"this is asked for after another":       {annotation: value, handled: "a:300", granted: true},
		"an older state is named":               {annotation: "a:300", note: "names another state and releases nothing"},
		"a value that is only almost right":     {annotation: value + " ", note: "releases nothing"},
		"a word that would release everything":  {annotation: "true", note: "releases nothing"},
		"the same value again, without removal": {annotation: value, handled: value, note: "remove it and set it again"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			s := &scope{app: gen.ScimApp("wiki")}
			if tc.annotation != "" {
				s.app.Annotations = map[string]string{v1alpha1.AnnotationAcceptStore: tc.annotation}
			}
			if tc.handled != "" {
				acceptStore.handled(s.app, tc.handled, "done", someTime)
			}
			granted, note := acceptStore.ask(s.app, value)
			if granted != tc.granted || !strings.Contains(note, tc.note) || (note == "") != (tc.note == "") {
				t.Errorf("ask = %t %q", granted, note)
			}
		})
	}
	t.Run("what was done is forgotten with its annotation", func(t *testing.T) {
		s := &scope{app: gen.ScimApp("wiki")}
		acceptStore.handled(s.app, value, "done", someTime)
		acceptStore.forget(s.app)
		if len(s.app.Status.HandledActions) > 0 {
			t.Errorf("handledActions = %+v", s.app.Status.HandledActions)
		}
	})
	t.Run("an action is listed once", func(t *testing.T) {
		s := &scope{app: gen.ScimApp("wiki")}
		acceptStore.handled(s.app, "a:1", "done", someTime)
		acceptStore.handled(s.app, value, "done again", someTime)
		if h := s.app.Status.HandledActions; len(h) != 1 || h[0].Value != value || h[0].Result != "done again" {
			t.Errorf("handledActions = %+v", h)
		}
	})
}

func TestRestartIsDueOnceAndNeverForAJobThatSomebodyPaused(t *testing.T) {
	ago := func(d time.Duration) *metav1.Time { return &metav1.Time{Time: someTime.Add(-d)} }
	history := map[string]int64{"User to x": 12}
	automatic := &v1alpha1.RestartStatus{Reason: v1alpha1.ReasonStoreReplaced, Store: "b:0", Approved: approvedAutomatic}
	accepted := &v1alpha1.RestartStatus{Reason: v1alpha1.ReasonStoreRestored, Store: "a:4", Approved: approvedAnnotation}
	tests := map[string]struct {
		due       *v1alpha1.RestartStatus
		job       entra.Job
		started   int64
		restarted *metav1.Time
		state     v1alpha1.ProvisioningState
		writing   error
		want      []string
		reason    string // of the outcome, where it is not done
		left      bool   // the restart is still due
	}{
		"a running job is restarted":                     {due: automatic, job: entra.Job{Schedule: entra.ScheduleActive, Entries: history}, started: 3, want: []string{"restart Full"}},
		"a job that is to be started is restarted":       {due: automatic, job: entra.Job{Schedule: entra.SchedulePaused, Entries: history}, started: 2, want: []string{"restart Full"}},
		"a job that never ran is just started":           {due: automatic, job: entra.Job{Schedule: entra.ScheduleDisabled}, want: []string{"start"}},
		"a job that runs for the first time goes on":     {due: automatic, job: entra.Job{Schedule: entra.ScheduleActive}, started: 3},
		"a job that somebody paused waits":               {due: automatic, job: entra.Job{Schedule: entra.SchedulePaused, Entries: history}, started: 3, left: true},
		"a job that the manifest pauses waits":           {due: automatic, job: entra.Job{Schedule: entra.SchedulePaused, Entries: history}, state: v1alpha1.ProvisioningPaused, left: true},
		"a second loss within hours waits":               {due: automatic, job: entra.Job{Schedule: entra.ScheduleActive, Entries: history}, started: 3, restarted: ago(time.Hour), reason: v1alpha1.ReasonRestartDelayed, left: true},
		"a second loss after hours does not":             {due: automatic, job: entra.Job{Schedule: entra.ScheduleActive, Entries: history}, started: 3, restarted: ago(7 * time.Hour), want: []string{"restart Full"}},
		"what a person accepted does not wait":           {due: accepted, job: entra.Job{Schedule: entra.ScheduleActive, Entries: history}, started: 3, restarted: ago(time.Hour), want: []string{"restart Full"}},
		"a restart that fails stays due":                 {due: accepted, job: entra.Job{Schedule: entra.ScheduleActive, Entries: history}, started: 3, writing: errServer, want: []string{"restart Full"}, reason: entra.ReasonServerError, left: true},
		"without a restart that is due nothing is asked": {job: entra.Job{Schedule: entra.ScheduleActive, Entries: history}, started: 3},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			directory := &graph{writing: tc.writing}
			s := tenantScope(nil, nil)
			s.app.Spec.Provisioning = &v1alpha1.ProvisioningSpec{State: tc.state}
			s.prepareStatus()
			s.app.Generation = 3
			st := s.app.Status.Job
			st.StartedGeneration, st.RestartedAt = tc.started, tc.restarted
			if tc.due != nil {
				st.Restart = tc.due.DeepCopy()
			}
			s.directory, s.job = directory, &tc.job
			s.record = func(context.Context) error { return nil }
			out := (&Reconciler{Clock: clocktesting.NewFakePassiveClock(someTime), Events: events.NewFakeRecorder(8)}).startJob(t.Context(), s)
			if out.Reason != tc.reason || (out.State == phase.Done) != (tc.reason == "") {
				t.Errorf("outcome = %+v, want reason %q", out, tc.reason)
			}
			if d := cmp.Diff(tc.want, directory.done); d != "" {
				t.Errorf("calls (-want +got):\n%s", d)
			}
			if (st.Restart != nil) != tc.left {
				t.Errorf("restart = %+v, want it still due: %t", st.Restart, tc.left)
			}
			restartedNow := len(tc.want) == 1 && tc.want[0] == "restart Full" && !tc.left
			if at := st.RestartedAt; restartedNow != (at != nil && at.Time.Equal(someTime)) {
				t.Errorf("restartedAt = %v", at)
			}
		})
	}
}

// probed are pods that answer what they are given, by address.
type probed map[string]endpoint.Status

func (p probed) Status(_ context.Context, address string) (endpoint.Status, error) {
	return p[address], nil
}

// slicesOnly lists EndpointSlices, and no pods.
type slicesOnly struct {
	client.Client
	slices []discoveryv1.EndpointSlice
}

func (c slicesOnly) List(_ context.Context, list client.ObjectList, _ ...client.ListOption) error {
	if l, ok := list.(*discoveryv1.EndpointSliceList); ok {
		l.Items = c.slices
	}
	return nil
}

func endpointOf(name, address string, ready, serving bool) discoveryv1.Endpoint {
	return discoveryv1.Endpoint{
		Addresses: []string{address}, TargetRef: &corev1.ObjectReference{Kind: "Pod", Name: name},
		Conditions: discoveryv1.EndpointConditions{Ready: &ready, Serving: &serving},
	}
}

func TestServingPods(t *testing.T) {
	nameless := endpointOf("", "10.0.0.9", true, true)
	nameless.TargetRef = nil
	r := &Reconciler{Client: slicesOnly{slices: []discoveryv1.EndpointSlice{
		{Endpoints: []discoveryv1.Endpoint{endpointOf("b", "10.0.0.2", true, true), endpointOf("a", "10.0.0.1", false, true), endpointOf("c", "10.0.0.3", false, false), nameless}},
		{Endpoints: []discoveryv1.Endpoint{endpointOf("b", "fd00::2", true, true)}},
	}}}
	got, err := r.servingPods(t.Context(), &scope{app: gen.ScimApp("wiki")})
	if err != nil {
		t.Fatal(err)
	}
	want := []servingPod{{name: "10.0.0.9", address: "10.0.0.9", ready: true}, {name: "a", address: "10.0.0.1"}, {name: "b", address: "10.0.0.2", ready: true}}
	if d := cmp.Diff(want, got, cmp.AllowUnexported(servingPod{}), cmpopts.IgnoreFields(servingPod{}, "status")); d != "" {
		t.Errorf("pods (-want +got):\n%s", d)
	}
	if n := countReady(got); n != 2 {
		t.Errorf("%d are ready, want 2", n)
	}
}

func TestEveryPodHasToBeCurrentAndTheOneBehindIsNamed(t *testing.T) {
	const hash, readHash, revision, id = "the-hash", "the-hash-of-the-wiki", "38e0b9de817f645c", "a"
	tokens := []endpoint.Token{{ID: "current", Scope: "write"}, {ID: "wiki", Scope: "read"}}
	current := endpoint.Status{Tokens: tokens, TokenHashes: []string{hash, readHash}, ConfigRevision: revision, StoreID: id, Sequence: 5}
	with := func(change func(*endpoint.Status)) endpoint.Status {
		s := current
		change(&s)
		return s
	}
	tests := map[string]struct {
		second endpoint.Status
		says   []string // nothing: nothing is missing
	}{
		"all are current":                     {current, nil},
		"one has not read the token":          {with(func(s *endpoint.Status) { s.TokenHashes = nil }), []string{"pod wiki-scim-2 does not accept the current token"}},
		"one has not read the configuration":  {with(func(s *endpoint.Status) { s.ConfigRevision = "older" }), []string{"pod wiki-scim-2 does not serve configuration " + revision}},
		"one has not read the new read token": {with(func(s *endpoint.Status) { s.TokenHashes = []string{hash} }), []string{"pod wiki-scim-2 does not accept read token wiki"}},
		"one has not read the revocation": {with(func(s *endpoint.Status) {
			s.Tokens = append(slices.Clone(s.Tokens), endpoint.Token{ID: "left", Scope: "read"})
		}), []string{"pod wiki-scim-2 does not refuse read token left"}},
		"an earlier token of Entra's is no reader": {with(func(s *endpoint.Status) {
			s.Tokens = append(slices.Clone(s.Tokens), endpoint.Token{ID: "previous-1", Scope: "write"})
		}), nil},
		"one still holds back from the database": {with(func(s *endpoint.Status) { s.StoreExpected = new(bool) }), []string{"pod wiki-scim-2 does not serve database a"}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			s := &scope{granted: true, tokenHash: hash, app: gen.ScimApp("wiki", gen.WithEndpoint(v1alpha1.EndpointSpec{
				Managed: &v1alpha1.ManagedEndpoint{ReadTokens: []v1alpha1.ReadToken{{Name: "wiki", SHA256: readHash}}},
			}))}
			missing := ""
			for _, p := range []servingPod{{name: "wiki-scim-1", status: current}, {name: "wiki-scim-2", status: tc.second}} {
				if m := s.missing(p, revision); m != "" {
					missing += p.String() + " does not " + m
				}
			}
			if (missing == "") != (len(tc.says) == 0) {
				t.Fatalf("missing: %q", missing)
			}
			for _, part := range tc.says {
				if !strings.Contains(missing, part) {
					t.Errorf("missing: %q, without %q", missing, part)
				}
			}
		})
	}
}

func TestAPodThatRefusesWhatItWasHandedIsToldWithItsReason(t *testing.T) {
	for name, tc := range map[string]struct {
		status endpoint.Status
		says   []string
	}{
		"the configuration":  {endpoint.Status{ConfigError: "groupNames (line 4) is no known key"}, []string{"refuses the configuration", "groupNames (line 4)", "spec.endpoint.managed.image"}},
		"the list of tokens": {endpoint.Status{TokenHashesError: "line 2 has no hash"}, []string{"refuses the list of tokens", "line 2 has no hash", "ConfigMap wiki-scim-tokens"}},
	} {
		t.Run(name, func(t *testing.T) {
			tc.status.StoreID, tc.status.Sequence = "a", 5
			r := &Reconciler{
				Client: slicesOnly{slices: []discoveryv1.EndpointSlice{{Endpoints: []discoveryv1.Endpoint{endpointOf("wiki-scim-0", "10.0.0.1", true, true)}}}},
				Pods:   probed{"10.0.0.1": tc.status}, Clock: clocktesting.NewFakePassiveClock(someTime),
			}
			s := &scope{app: gen.ScimApp("wiki")}
			s.prepareStatus()
			s.app.Status.Endpoint.Store = &v1alpha1.StoreStatus{ID: "a", Sequence: 5}
			out := r.awaitEndpoint(t.Context(), s)
			if out.State != phase.Pending || out.Reason != v1alpha1.ReasonEndpointNotCurrent || strings.Contains(out.Message, "kubelet") {
				t.Errorf("outcome = %+v", out)
			}
			for _, part := range append(tc.says, "pod wiki-scim-0", "goes on with the one before") {
				if !strings.Contains(out.Message, part) {
					t.Errorf("the message %q lacks %q", out.Message, part)
				}
			}
		})
	}
}

// TestARestartIsSavedBeforeTheEndpointIsTold has a first, empty database, and a status that cannot be saved: nothing may
// be written then, for the restart that is due would be forgotten in a crash.
func TestARestartIsSavedBeforeTheEndpointIsTold(t *testing.T) {
	s := &scope{app: gen.ScimApp("wiki"), save: func(context.Context) error { return errNoAnswer }}
	s.prepareStatus()
	out := (&Reconciler{}).ensureStore(t.Context(), s, []servingPod{{name: "wiki-scim-0", status: endpoint.Status{StoreID: "a"}}})
	if out.Reason != "GraphUnreachable" || s.app.Status.Job.Restart == nil {
		t.Errorf("outcome = %+v, restart = %+v", out, s.app.Status.Job.Restart)
	}
}

func TestPodsThatServeDifferentDatabases(t *testing.T) {
	r := &Reconciler{
		Client: slicesOnly{slices: []discoveryv1.EndpointSlice{{Endpoints: []discoveryv1.Endpoint{endpointOf("wiki-scim-1", "10.0.0.1", true, true), endpointOf("wiki-scim-2", "10.0.0.2", true, true)}}}},
		Pods:   probed{"10.0.0.1": {StoreID: "a", Sequence: 5}, "10.0.0.2": {StoreID: "b"}},
		Clock:  clocktesting.NewFakePassiveClock(someTime),
	}
	s := &scope{app: gen.ScimApp("wiki")}
	s.prepareStatus()
	s.app.Status.Endpoint.Store = &v1alpha1.StoreStatus{ID: "a", Sequence: 5}
	out := r.awaitEndpoint(t.Context(), s)
	if out.State != phase.Pending || !strings.Contains(out.Message, "pod wiki-scim-1 and pod wiki-scim-2 serve different databases, a and b") {
		t.Errorf("outcome = %+v", out)
	}
	if d := cmp.Diff(&v1alpha1.StoreStatus{ID: "a", Sequence: 5}, s.app.Status.Endpoint.Store); d != "" {
		t.Errorf("what is known changed (-want +got):\n%s", d)
	}
}

func TestChangedByOthers(t *testing.T) {
	of := func(applied, data string) *corev1.ConfigMap {
		return &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Annotations: map[string]string{"scim-operator.io/applied": applied}}, Data: map[string]string{"x": data}}
	}
	if changedByOthers.Update(event.UpdateEvent{ObjectOld: of("1", "a"), ObjectNew: of("2", "b")}) {
		t.Error("the operator's own write brings a pass")
	}
	if !changedByOthers.Update(event.UpdateEvent{ObjectOld: of("1", "a"), ObjectNew: of("1", "b")}) {
		t.Error("a write of somebody else brings no pass")
	}
}
