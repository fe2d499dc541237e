package integration

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/test/kit"
)

// libraryUser is a ScimApp of some namespace that uses the library's mapping.
type libraryUser struct {
	*kit.World
	app string
}

// String names it as the mapping's status does.
func (u libraryUser) String() string { return u.Namespace + "/" + u.app }

// library is a world with one mapping of users for the apps of three namespaces, and a bystander of the last of them: its
// mapping has the same name and the same spec, and is of its namespace.
type library struct {
	*kit.World
	mapping *v1alpha1.ClusterAttributeMapping
	// users are in the order of their waves: one, and all others. The sample's app is among the others.
	users     []libraryUser
	bystander libraryUser
}

// startLibrary gives a library whose apps have all finished their initial cycles.
func startLibrary(t *testing.T) library {
	t.Helper()
	w := cluster.NewWorld(t)
	accounts, support := w.AddNamespace(t, "accounts"), w.AddNamespace(t, "support")
	m := w.Manifests(t)
	name := w.InCluster(kit.Library)
	l := library{
		World: w, mapping: &v1alpha1.ClusterAttributeMapping{Spec: m.Users.Spec},
		users:     []libraryUser{{accounts, "app-a"}, {accounts, "app-b"}, {w, kit.AppName}, {support, "app-c"}},
		bystander: libraryUser{support, "app-d"},
	}
	l.mapping.Name = name
	namesake := &v1alpha1.AttributeMapping{ObjectMeta: metav1.ObjectMeta{Namespace: support.Namespace, Name: name}, Spec: m.Users.Spec}
	if err := errors.Join(w.Client.Create(t.Context(), l.mapping), w.Client.Create(t.Context(), namesake)); err != nil {
		t.Fatal(err)
	}
	grant := &m.Tenant.Spec.Grants[0]
	for _, namespace := range []string{accounts.Namespace, support.Namespace} {
		grant.Namespaces.Names = append(grant.Namespaces.Names, namespace)
		grant.EndpointHosts = append(grant.EndpointHosts, "*."+namespace+".svc")
	}
	using := func(ref v1alpha1.AttributeMappingReference) func(*v1alpha1.ScimAppSpec) {
		return func(s *v1alpha1.ScimAppSpec) {
			s.AttributeMappings, s.Assignments = []v1alpha1.AttributeMappingReference{ref}, s.Assignments[:1]
		}
	}
	ofCluster := using(v1alpha1.AttributeMappingReference{ClusterName: name})
	ofCluster(&m.App.Spec)
	w.Apply(t, m)
	accounts.AddApps(t, []string{"app-a", "app-b"}, ofCluster)
	support.AddApps(t, []string{"app-c"}, ofCluster)
	support.AddApps(t, []string{"app-d"}, using(v1alpha1.AttributeMappingReference{Name: name}))
	w.StartOperator(t, kit.Crash{})
	for _, u := range append(l.users, l.bystander) {
		u.ExpectCalled(t, u.app, v1alpha1.ConditionReady, metav1.ConditionTrue, "")
		expectGood(t, u.World, u.app)
	}
	return l
}

func (l library) change(t *testing.T, change func(*v1alpha1.AttributeMappingSpec)) {
	t.Helper()
	kit.Change(t, l.World, l.mapping, func(m *v1alpha1.ClusterAttributeMapping) { change(&m.Spec) })
}

// writes is how often the schema of each app was written since its first, the bystander's too.
func (l library) writes(t *testing.T) string {
	t.Helper()
	var parts []string
	for _, u := range append(l.users, l.bystander) {
		if part := writes(t, u.World, []string{u.app}); part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, " ")
}

func (l library) expectWrites(t *testing.T, want string) {
	t.Helper()
	kit.Eventually(t, "the schemas are written in the apps "+want, func() error {
		if got := l.writes(t); got != want {
			return fmt.Errorf("they are in %q", got)
		}
		return nil
	})
}

// expectSays waits until the mapping is not Ready for the reason and its message has all of the words, and gives the message.
func (l library) expectSays(t *testing.T, reason string, words ...string) string {
	t.Helper()
	message := ""
	kit.Eventually(t, "the mapping of the cluster is "+reason+" and says all of it", func() error {
		message = expectMapping(t, l.World, l.mapping, metav1.ConditionFalse, reason)
		for _, part := range words {
			if !strings.Contains(message, part) {
				return fmt.Errorf("the message does not say %q: %s", part, message)
			}
		}
		return nil
	})
	return message
}

// expectWaiting proves that the apps go on as before while the mapping's new revision is not theirs yet.
func (l library) expectWaiting(t *testing.T, users ...libraryUser) {
	t.Helper()
	for _, u := range users {
		u.LookAt(t, u.app)
		u.ExpectCalled(t, u.app, v1alpha1.ConditionMappingsApplied, metav1.ConditionFalse, v1alpha1.ReasonRolloutPending)
		u.ExpectCalled(t, u.app, v1alpha1.ConditionReady, metav1.ConditionTrue, "")
		u.ExpectCalled(t, u.app, v1alpha1.ConditionInSync, metav1.ConditionTrue, v1alpha1.ReasonInSync)
	}
}

func TestAChangedMappingOfTheClusterReachesTheAppsOfAllNamespacesInWaves(t *testing.T) {
	t.Parallel()
	l := startLibrary(t)
	first, others := l.users[0], l.users[1:]
	l.change(t, retitle)
	l.expectWrites(t, "app-a:1")
	l.expectSays(t, v1alpha1.ReasonRollingOut, "wave 1, which runs in "+first.String()+";", "in 3 an older one")
	l.expectWaiting(t, others...)
	if got := l.writes(t); got != "app-a:1" {
		t.Errorf("before the first wave has ended the schemas are written in %q", got)
	}

	expectGood(t, first.World, first.app)
	l.expectWrites(t, "app-a:1 app-b:1 wiki:1 app-c:1")
	expectMapping(t, l.World, l.mapping, metav1.ConditionTrue, v1alpha1.ReasonMappingValid)
	if l.mapping.Status.Rollout != nil {
		t.Errorf("status.rollout is still there: %+v", l.mapping.Status.Rollout)
	}
	for _, u := range l.users {
		u.ExpectCalled(t, u.app, v1alpha1.ConditionMappingsApplied, metav1.ConditionTrue, v1alpha1.ReasonMappingsApplied)
		if got := u.AppCalled(t, u.app).Status.AppliedMapping(l.mapping); got == nil || got.Revision != l.mapping.Status.Revision {
			t.Errorf("%s says of the mapping %+v, want revision %s", u, got, l.mapping.Status.Revision)
		}
	}
}

func TestARolloutOfAMappingOfTheClusterHaltsForAllNamespaces(t *testing.T) {
	t.Parallel()
	l := startLibrary(t)
	first, others := l.users[0], l.users[1:]
	l.change(t, refusedByTheEndpoint)
	l.expectWrites(t, "app-a:1")
	first.CycleOf(t, first.app)
	const cause = "entries failed in its first whole cycle with the change, and 0 in the one before it"
	at := "halted in wave 1 at ScimApp " + first.String() + ": "
	message := l.expectSays(t, v1alpha1.ReasonRolloutHalted, at, cause, "In 3 ScimApps an older revision stays in force")
	described := strings.Join(strings.Fields(describe(t, l.World, l.mapping)), " ")
	for _, words := range []string{at, cause, "Halt: App: " + first.String()} {
		if !strings.Contains(described, words) {
			t.Errorf("kubectl describe does not say %q:\n%s", words, described)
		}
	}
	l.expectWaiting(t, others...)
	if got := l.writes(t); got != "app-a:1" {
		t.Errorf("while the rollout has halted the schemas are written in %q", got)
	}

	_, command, _ := strings.Cut(message, "`")
	command, _, _ = strings.Cut(command, "`")
	kubectl(t, command)
	l.expectWrites(t, "app-a:1 app-b:1 wiki:1 app-c:1")
}
