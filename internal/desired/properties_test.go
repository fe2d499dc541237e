package desired

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	"k8s.io/apimachinery/pkg/util/validation"
	psa "k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/mapping"
	"github.com/scim-operator/scim-operator/internal/scim/auth"
	"github.com/scim-operator/scim-operator/internal/scim/config"
	"github.com/scim-operator/scim-operator/internal/token"
	"github.com/scim-operator/scim-operator/test/gen"
)

// find gives the one object of the type.
func find[T Object](t *testing.T, e Endpoint) T {
	t.Helper()
	for _, obj := range objects(t, e) {
		if typed, ok := obj.(T); ok {
			return typed
		}
	}
	var none T
	t.Fatalf("there is no %T", none)
	return none
}

// template gives the pods' template, whichever the workload is, with its selector.
func template(t *testing.T, e Endpoint) (corev1.PodTemplateSpec, map[string]string) {
	t.Helper()
	if Postgres(e.App) != nil {
		d := find[*appsv1.Deployment](t, e)
		return d.Spec.Template, d.Spec.Selector.MatchLabels
	}
	set := find[*appsv1.StatefulSet](t, e)
	return set.Spec.Template, set.Spec.Selector.MatchLabels
}

func forEach(t *testing.T, check func(t *testing.T, e Endpoint)) {
	t.Helper()
	for name, e := range cases() {
		t.Run(name, func(t *testing.T) { check(t, e) })
	}
}

func TestPodsAreAdmittedUnderTheRestrictedStandard(t *testing.T) {
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	if err != nil {
		t.Fatal(err)
	}
	restricted := psa.LevelVersion{Level: psa.LevelRestricted, Version: psa.LatestVersion()}
	forEach(t, func(t *testing.T, e Endpoint) {
		pod, _ := template(t, e)
		for _, result := range evaluator.EvaluatePod(restricted, &pod.ObjectMeta, &pod.Spec) {
			if !result.Allowed {
				t.Errorf("%s: %s", result.ForbiddenReason, result.ForbiddenDetail)
			}
		}
	})
}

func TestPodsHaveNoRightsInTheCluster(t *testing.T) {
	forEach(t, func(t *testing.T, e Endpoint) {
		pod, _ := template(t, e)
		spec := pod.Spec
		if spec.AutomountServiceAccountToken == nil || *spec.AutomountServiceAccountToken {
			t.Error("a ServiceAccount token is mounted")
		}
		if spec.ServiceAccountName != "" {
			t.Errorf("the pod runs as ServiceAccount %s", spec.ServiceAccountName)
		}
		if spec.EnableServiceLinks == nil || *spec.EnableServiceLinks {
			t.Error("the addresses of the namespace's Services are in the environment")
		}
		for _, v := range spec.Volumes {
			signs := v.Secret != nil && webhook(e.App) != nil && v.Secret.SecretName == webhook(e.App).SigningSecretRef.Name
			if v.Secret != nil && !signs || v.Projected != nil {
				t.Errorf("volume %s brings a Secret or a token into the pod", v.Name)
			}
		}
		root := spec.Containers[0].SecurityContext.ReadOnlyRootFilesystem
		if root == nil || !*root {
			t.Error("the root file system can be written")
		}
	})
}

func TestTheManagementPortIsPrivate(t *testing.T) {
	forEach(t, func(t *testing.T, e Endpoint) {
		for _, port := range find[*corev1.Service](t, e).Spec.Ports {
			if port.Port == ManagementPort || port.TargetPort.IntValue() == ManagementPort || port.TargetPort.String() == portNameManagement {
				t.Errorf("the Service publishes the management port as %q", port.Name)
			}
		}
		netpol := find[*networkingv1.NetworkPolicy](t, e)
		if !slices.Contains(netpol.Spec.PolicyTypes, networkingv1.PolicyTypeEgress) {
			t.Error("the pod may call everybody")
		}
		if calls := Postgres(e.App) != nil || webhook(e.App) != nil; (len(netpol.Spec.Egress) > 0) != calls {
			t.Errorf("the policy has the egress rules %v, and the manifest names somebody to call: %t", netpol.Spec.Egress, calls)
		}
		for _, rule := range netpol.Spec.Ingress {
			if slices.ContainsFunc(rule.Ports, func(p networkingv1.NetworkPolicyPort) bool { return p.Port.IntValue() == SCIMPort }) {
				continue
			}
			if len(rule.Ports) == 0 || len(rule.From) == 0 {
				t.Error("a rule opens every port, or a port to everybody")
			}
			for _, peer := range rule.From {
				if d := cmp.Diff(map[string]string{corev1.LabelMetadataName: e.OperatorNamespace}, peer.NamespaceSelector.MatchLabels); d != "" {
					t.Errorf("the management port is open to (-want +got):\n%s", d)
				}
			}
		}
	})
}

func TestTheSelectorsFindThePods(t *testing.T) {
	forEach(t, func(t *testing.T, e Endpoint) {
		pod, ofWorkload := template(t, e)
		selectors := map[string]map[string]string{
			"workload":      ofWorkload,
			"Service":       find[*corev1.Service](t, e).Spec.Selector,
			"NetworkPolicy": find[*networkingv1.NetworkPolicy](t, e).Spec.PodSelector.MatchLabels,
		}
		if Replicas(e.App) > 1 {
			selectors["PodDisruptionBudget"] = find[*policyv1.PodDisruptionBudget](t, e).Spec.Selector.MatchLabels
		}
		for i, c := range pod.Spec.TopologySpreadConstraints {
			selectors[fmt.Sprintf("topology spread %d", i)] = c.LabelSelector.MatchLabels
		}
		for kind, selector := range selectors {
			for key, value := range selector {
				if pod.Labels[key] != value {
					t.Errorf("%s selects %s=%s, the pods have %q", kind, key, value, pod.Labels[key])
				}
			}
			if len(selector) == 0 {
				t.Errorf("%s selects every pod of the namespace", kind)
			}
		}
		if Postgres(e.App) == nil && find[*appsv1.StatefulSet](t, e).Spec.ServiceName != find[*corev1.Service](t, e).Name {
			t.Error("the StatefulSet names another Service")
		}
	})
}

func TestWhatThePodMountsIsThere(t *testing.T) {
	forEach(t, func(t *testing.T, e Endpoint) {
		all, seen := objects(t, e), map[string]bool{}
		for _, obj := range all {
			seen[obj.GetObjectKind().GroupVersionKind().Kind+"/"+obj.GetName()] = true
		}
		if kind := all[len(all)-1].GetObjectKind().GroupVersionKind().Kind; kind != "StatefulSet" && kind != "Deployment" {
			t.Errorf("a %s is applied last, and not the workload", kind)
		}
		pod, _ := template(t, e)
		for _, v := range pod.Spec.Volumes {
			var needs string
			switch {
			case v.ConfigMap != nil:
				needs = "ConfigMap/" + v.ConfigMap.Name
			case v.PersistentVolumeClaim != nil:
				needs = "PersistentVolumeClaim/" + v.PersistentVolumeClaim.ClaimName
			default:
				continue
			}
			if !seen[needs] {
				t.Errorf("volume %s needs %s, which is not applied before the workload", v.Name, needs)
			}
		}
	})
}

// The connection string is in a Secret of the user's, and reaches the process by the kubelet alone.
func TestTheConnectionStringIsOnlyReferredTo(t *testing.T) {
	forEach(t, func(t *testing.T, e Endpoint) {
		pod, _ := template(t, e)
		container := pod.Spec.Containers[0]
		store := slices.DeleteFunc(slices.Clone(container.Env), func(v corev1.EnvVar) bool { return v.Name != storeVariable })
		pg := Postgres(e.App)
		if pg == nil {
			if len(store) > 0 {
				t.Errorf("a SQLite endpoint has the variables %v", store)
			}
			return
		}
		if len(store) != 1 || store[0].Value != "" || store[0].ValueFrom == nil || store[0].ValueFrom.SecretKeyRef == nil || store[0].ValueFrom.SecretKeyRef.Name != pg.ConnectionSecretRef.Name {
			t.Errorf("the connection string comes from %+v", store)
		}
		if slices.ContainsFunc(container.Args, func(a string) bool { return strings.HasPrefix(a, "--store") }) {
			t.Errorf("the arguments name a store: %v", container.Args)
		}
	})
}

// A rollout must not take a pod away before another one serves, nor end a pod while a node still sends requests to it.
func TestARolloutNeverInterrupts(t *testing.T) {
	forEach(t, func(t *testing.T, e Endpoint) {
		if Postgres(e.App) == nil {
			return
		}
		d := find[*appsv1.Deployment](t, e)
		if u := d.Spec.Strategy.RollingUpdate; u.MaxUnavailable.IntValue() != 0 || u.MaxSurge.IntValue() != 1 {
			t.Errorf("the rollout takes %s away and adds %s", u.MaxUnavailable, u.MaxSurge)
		}
		pod := d.Spec.Template.Spec
		sleep := pod.Containers[0].Lifecycle.PreStop.Sleep
		if sleep == nil || sleep.Seconds <= 0 || *pod.TerminationGracePeriodSeconds < sleep.Seconds+30 {
			t.Errorf("the pod has %d seconds to go, with %+v before SIGTERM", *pod.TerminationGracePeriodSeconds, sleep)
		}
		if pod.Containers[0].ReadinessProbe == nil {
			t.Error("the pod is ready at once")
		}
	})
}

// Kubernetes refuses two constraints of one kind and topology.
func TestAConstraintOfTheManifestReplacesOurs(t *testing.T) {
	own := corev1.TopologySpreadConstraint{MaxSkew: 5, TopologyKey: corev1.LabelHostname, WhenUnsatisfiable: corev1.ScheduleAnyway}
	e := postgres(func(m *v1alpha1.ManagedEndpoint) {
		m.PodTemplate = &v1alpha1.PodTemplate{TopologySpreadConstraints: []corev1.TopologySpreadConstraint{own}}
	})
	pod, _ := template(t, e)
	if got := pod.Spec.TopologySpreadConstraints; len(got) != 1 || got[0].MaxSkew != 5 {
		t.Errorf("the constraints are %+v, want the manifest's alone", got)
	}
	if e.App.Spec.Endpoint.Managed.PodTemplate.TopologySpreadConstraints[0].LabelSelector != nil {
		t.Error("the manifest was changed")
	}
}

// What one manifest makes and another does not is obsolete then. A claim never is.
func TestWhatIsObsolete(t *testing.T) {
	key := func(obj Object) string { return obj.GetObjectKind().GroupVersionKind().Kind + "/" + obj.GetName() }
	made := func(e Endpoint) map[string]bool {
		out := map[string]bool{}
		for _, obj := range objects(t, e) {
			out[key(obj)] = true
		}
		return out
	}
	forEach(t, func(t *testing.T, e Endpoint) {
		want := map[string]bool{}
		for _, other := range cases() {
			for name := range made(other) {
				if !made(e)[name] && !strings.HasPrefix(name, "PersistentVolumeClaim/") {
					want[name] = true
				}
			}
		}
		got := map[string]bool{}
		for _, obj := range Obsolete(e) {
			got[key(obj)] = true
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("obsolete (-want +got):\n%s", d)
		}
	})
}

func TestTheWayToAWebhook(t *testing.T) {
	tests := map[string]struct {
		url       string
		namespace string // that is open, or every host
		port      int    // 0: each
	}{
		"a Service of this namespace by its bare name":  {"http://wiki/hooks", "docs", 0},
		"a Service by its name in the cluster":          {"http://wiki.shop.svc:8080/hooks", "shop", 0},
		"a Service by its whole name":                   {"https://wiki.shop.svc.cluster.local/hooks", "shop", 0},
		"a host elsewhere, by its scheme's port":        {"https://hooks.example.com/scim", "", 443},
		"a host elsewhere without TLS":                  {"http://hooks.example.com/scim", "", 80},
		"a host elsewhere with a port":                  {"https://hooks.example.com:8443/scim", "", 8443},
		"a host whose name has svc in the wrong place":  {"https://svc.example.com/scim", "", 443},
		"a host of two labels is a host, not a Service": {"http://example.com/hooks", "", 80},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			rule := webhookEgress("docs", tc.url)
			if open := len(rule.To) == 0; open != (tc.namespace == "") {
				t.Fatalf("the rule is %+v", rule)
			}
			if tc.namespace != "" && rule.To[0].NamespaceSelector.MatchLabels[corev1.LabelMetadataName] != tc.namespace {
				t.Errorf("open to %+v, want namespace %s", rule.To[0].NamespaceSelector, tc.namespace)
			}
			got := 0
			if rule.Ports[0].Port != nil {
				got = rule.Ports[0].Port.IntValue()
			}
			if got != tc.port || len(rule.Ports) != 1 {
				t.Errorf("the ports are %+v, want %d", rule.Ports, tc.port)
			}
		})
	}
}

func TestNoTokenIsInAnyObject(t *testing.T) {
	forEach(t, func(t *testing.T, e Endpoint) {
		for _, obj := range objects(t, e) {
			body, err := json.Marshal(obj)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(body), rawToken) || strings.Contains(string(body), "scimop_") {
				t.Errorf("a token is in %s", obj.GetName())
			}
			if obj.GetObjectKind().GroupVersionKind().Kind == "Secret" {
				t.Errorf("%s is a Secret in the app's namespace", obj.GetName())
			}
		}
	})
}

func TestObjectsBearOurLabelsAndInheritNone(t *testing.T) {
	forEach(t, func(t *testing.T, e Endpoint) {
		for _, obj := range objects(t, e) {
			if d := cmp.Diff(Labels(e.App), obj.GetLabels()); d != "" {
				t.Errorf("labels of %s (-want +got):\n%s", obj.GetName(), d)
			}
			if len(obj.GetAnnotations()) > 0 {
				t.Errorf("%s has annotations %v", obj.GetName(), obj.GetAnnotations())
			}
			if obj.GetNamespace() != e.App.Namespace || obj.GetObjectKind().GroupVersionKind().Empty() {
				t.Errorf("%s has no namespace of the app or no kind", obj.GetName())
			}
		}
		pod, _ := template(t, e)
		for key, value := range Labels(e.App) {
			if pod.Labels[key] != value {
				t.Errorf("the pods have %s=%q, want %q: what the operator sets wins", key, pod.Labels[key], value)
			}
		}
	})
}

func TestNamesAndLabelsFitTheLongestApp(t *testing.T) {
	e := minimal()
	e.App.Name = "a" + strings.Repeat("b", 39)
	e.App.Namespace = strings.Repeat("n", 63)
	for _, obj := range objects(t, e) {
		if problems := validation.IsDNS1123Subdomain(obj.GetName()); len(problems) > 0 {
			t.Errorf("name %s: %v", obj.GetName(), problems)
		}
		for key, value := range obj.GetLabels() {
			if problems := validation.IsValidLabelValue(value); len(problems) > 0 {
				t.Errorf("label %s=%s: %v", key, value, problems)
			}
		}
	}
	// A pod of a StatefulSet has the label controller-revision-hash: the name, a dash and ten characters.
	if n := len(Name(e.App.Name)) + 11; n > validation.LabelValueMaxLength {
		t.Errorf("the pods' revision label would have %d characters", n)
	}
	if problems := validation.IsDNS1035Label(Name(e.App.Name)); len(problems) > 0 {
		t.Errorf("Service name: %v", problems)
	}
	if problems := validation.IsDNS1123Subdomain(TokenSecretName(e.App.Namespace, e.App.Name)); len(problems) > 0 {
		t.Errorf("token Secret: %v", problems)
	}
}

func TestTokenSecretsOfTwoAppsNeverCollide(t *testing.T) {
	if a, b := TokenSecretName("a", "b-c"), TokenSecretName("a-b", "c"); a == b {
		t.Errorf("two apps share Secret %s", a)
	}
}

func TestParseHashes(t *testing.T) {
	a, b := token.Hash("a"), token.Hash("b")
	for _, hashes := range [][]string{nil, {a}, {a, b}, {a, b, token.Hash("c")}} {
		if got := ParseHashes(hashFile(hashes, nil)); !slices.Equal(got, hashes) {
			t.Errorf("ParseHashes(hashFile(%v)) = %v", hashes, got)
		}
	}
	tests := map[string]struct {
		file string
		want []string
	}{
		"comments and empty lines are left out":         {"# " + a + "\n\n" + b + "\n", []string{b}},
		"a line without an end counts":                  {a + " scope=write\n" + b, []string{a, b}},
		"a word of the right length that is no hash":    {strings.Repeat("z", 64) + " scope=write\n" + a, []string{a}},
		"a hash that is cut off":                        {a[:63] + "\n", nil},
		"a file of somebody else's":                     {"hello world", nil},
		"white space before and line ends of Windows":   {"  " + a + " id=current\r\n", []string{a}},
		"a hash that is too long is not taken in parts": {a + "00\n", nil},
		"a reader is not taken for Entra":               {a + " scope=write id=current\n" + b + " scope=read id=wiki\n", []string{a}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if got := ParseHashes(tc.file); !slices.Equal(got, tc.want) {
				t.Errorf("ParseHashes = %v, want %v", got, tc.want)
			}
		})
	}
}

// What we write is what the endpoint reads.
func TestTheEndpointReadsTheHashFile(t *testing.T) {
	hashes := []string{token.Hash("a"), token.Hash("b"), token.Hash("c")}
	parsed, err := auth.ParseHashes([]byte(hashFile(hashes, nil)))
	if err != nil {
		t.Fatalf("the endpoint refuses the file: %v", err)
	}
	var got []string
	for _, accepted := range parsed {
		got = append(got, accepted.Hash.String())
		if accepted.Scope != auth.Write {
			t.Errorf("token %s has scope %s", accepted.ID, accepted.Scope)
		}
	}
	if !slices.Equal(got, hashes) {
		t.Errorf("the endpoint reads %v, want %v", got, hashes)
	}
	if parsed[0].ID != "current" {
		t.Errorf("the first token is called %q", parsed[0].ID)
	}
}

func TestRevoke(t *testing.T) {
	entra, wiki, left := token.Hash("a"), token.Hash("b"), token.Hash("c")
	before := hashFile([]string{entra}, []v1alpha1.ReadToken{{Name: "wiki", SHA256: wiki}, {Name: "left", SHA256: left}})
	tests := map[string]struct {
		file    string
		readers []v1alpha1.ReadToken
		want    []string // the names of who is accepted
	}{
		"nobody is taken out":                        {before, []v1alpha1.ReadToken{{Name: "wiki", SHA256: wiki}, {Name: "left", SHA256: left}}, []string{"current", "wiki", "left"}},
		"one is taken out":                           {before, []v1alpha1.ReadToken{{Name: "wiki", SHA256: wiki}}, []string{"current", "wiki"}},
		"all are taken out":                          {before, nil, []string{"current"}},
		"one gets another token":                     {before, []v1alpha1.ReadToken{{Name: "wiki", SHA256: token.Hash("d")}}, []string{"current"}},
		"a name changes hands":                       {before, []v1alpha1.ReadToken{{Name: "left", SHA256: wiki}}, []string{"current", "left"}},
		"a new one is not added":                     {before, []v1alpha1.ReadToken{{Name: "wiki", SHA256: wiki}, {Name: "new", SHA256: token.Hash("d")}}, []string{"current", "wiki"}},
		"a file whose last line has no end":          {left + " scope=read id=left\n" + entra + " id=current", []v1alpha1.ReadToken{{Name: "left", SHA256: left}}, []string{"current", "left"}},
		"an earlier token of Entra's stays accepted": {hashFile([]string{entra, wiki}, nil), nil, []string{"current", "previous-1"}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			app := gen.ScimApp("wiki", gen.WithEndpoint(v1alpha1.EndpointSpec{Managed: &v1alpha1.ManagedEndpoint{ReadTokens: tc.readers}}))
			after := Revoke(app, tc.file)
			parsed, err := auth.ParseHashes([]byte(after))
			if err != nil {
				t.Fatalf("the endpoint refuses the file: %v", err)
			}
			var got []string
			for _, accepted := range parsed {
				got = append(got, accepted.ID)
				entras := accepted.ID == "current" || strings.HasPrefix(accepted.ID, "previous")
				if entras != (accepted.Scope == auth.Write) {
					t.Errorf("%s has scope %s", accepted.ID, accepted.Scope)
				}
			}
			if !slices.Equal(got, tc.want) {
				t.Errorf("accepted are %v, want %v", got, tc.want)
			}
			if again := Revoke(app, after); again != after {
				t.Errorf("a second time makes another file:\n%s", again)
			}
			if len(tc.want) == 3 && after != before {
				t.Errorf("without a revocation the file became\n%s", after)
			}
		})
	}
}

func TestReadersAreAcceptedForReadingOnly(t *testing.T) {
	entra, wiki := token.Hash("a"), token.Hash("b")
	file := hashFile([]string{entra}, []v1alpha1.ReadToken{{Name: "wiki", SHA256: wiki}, {Name: "copy", SHA256: entra}})
	parsed, err := auth.ParseHashes([]byte(file))
	if err != nil {
		t.Fatalf("the endpoint refuses the file: %v", err)
	}
	got := map[string]auth.Scope{}
	for _, accepted := range parsed {
		got[accepted.ID] = accepted.Scope
	}
	if d := cmp.Diff(map[string]auth.Scope{"current": auth.Write, "wiki": auth.Read}, got); d != "" {
		t.Errorf("scopes (-want +got):\n%s", d)
	}
}

// A hash file that somebody changed by hand must not lead to one that the endpoint refuses.
func TestAHashThatIsThereTwiceIsKeptOnce(t *testing.T) {
	a := token.Hash("a")
	if got := ParseHashes(a + "\n" + strings.ToUpper(a) + " id=copy\n"); !slices.Equal(got, []string{a}) {
		t.Errorf("ParseHashes = %v, want it once, in lower case", got)
	}
}

func TestConfigRevision(t *testing.T) {
	shelf := "urn:ietf:params:scim:schemas:extension:wiki:2.0:User:shelf"
	row := "urn:ietf:params:scim:schemas:extension:wiki:2.0:User:row"
	desk := "urn:ietf:params:scim:schemas:extension:office:2.0:User:desk"
	revision := func(targets ...string) string {
		m := mapping.Mapping{Ref: mapping.Ref{Name: "m"}, Object: mapping.User}
		for _, target := range targets {
			m.Attributes = append(m.Attributes, mapping.Attribute{Target: target, Source: "city"})
		}
		e := minimal()
		e.Extensions = mapping.Extensions(mapping.Desired{Mappings: []mapping.Mapping{m}})
		_, revision, err := Config(e)
		if err != nil {
			t.Fatal(err)
		}
		return revision
	}
	if revision(shelf, row, desk) != revision(desk, row, shelf) {
		t.Error("the order of the attributes changes the revision, so a reordered manifest would roll out for nothing")
	}
	if revision(shelf) != revision(shelf, "userName") {
		t.Error("an attribute that every endpoint knows changes the revision")
	}
	seen := map[string]string{}
	for _, targets := range [][]string{nil, {shelf}, {row}, {shelf, row}, {desk}, {desk, shelf}} {
		name := strings.Join(targets, "+")
		r := revision(targets...)
		if other, twice := seen[r]; twice {
			t.Errorf("%q and %q have one revision", name, other)
		}
		seen[r] = name
	}
}

// Nobody waits for a pod to read how far its database had come, which changes with every cycle; for all else they do.
func TestTheRevisionLeavesTheExpectedStoreOut(t *testing.T) {
	e := postgresEverything()
	_, before, err := Config(e)
	if err != nil {
		t.Fatal(err)
	}
	e.Store = &v1alpha1.StoreStatus{ID: "another", Sequence: 1}
	if _, after, err := Config(e); err != nil || after != before {
		t.Errorf("the revision went from %s to %s (%v) with the expected store", before, after, err)
	}
	for name, change := range map[string]func(*v1alpha1.ManagedEndpoint){
		"retention": func(m *v1alpha1.ManagedEndpoint) { m.Retention.Audit = nil },
		"delivery":  withWebhook("https://elsewhere.example.com/scim"),
	} {
		changed := postgresEverything()
		change(changed.App.Spec.Endpoint.Managed)
		if _, after, err := Config(changed); err != nil || after == before {
			t.Errorf("the revision stays %s (%v) when %s changes", before, err, name)
		}
	}
}

func TestTheEndpointReadsItsConfig(t *testing.T) {
	e := postgresEverything()
	e.Extensions = withExtensions().Extensions
	content, revision, err := Config(e)
	if err != nil {
		t.Fatal(err)
	}
	file, _, err := config.Parse([]byte(content))
	if err != nil {
		t.Fatalf("the endpoint refuses the configuration: %v\n%s", err, content)
	}
	if file.Revision != revision {
		t.Errorf("the endpoint reads revision %q, want %q", file.Revision, revision)
	}
	if len(file.Schemas) != len(e.Extensions) {
		t.Errorf("the endpoint reads %d schemas, want %d", len(file.Schemas), len(e.Extensions))
	}
	if x := file.ExpectedStore; x == nil || x.ID != e.Store.ID || x.Sequence != e.Store.Sequence {
		t.Errorf("the endpoint expects store %+v, want %+v", x, e.Store)
	}
	if w := file.Delivery.Webhook; w == nil || w.URL != webhook(e.App).URL || w.SigningSecretFile != "/etc/scim/webhook/secret" {
		t.Errorf("the endpoint sends to %+v", w)
	}
	for name, got := range map[string]time.Duration{
		"4320h": time.Duration(file.Retention.Inactive), "168h": time.Duration(file.Retention.Outbox),
		"720h": time.Duration(file.Retention.DeadLetters), "8760h": time.Duration(file.Retention.Audit),
	} {
		if want, err := time.ParseDuration(name); err != nil || got != want {
			t.Errorf("the endpoint reads a retention of %s, want %s (%v)", got, name, err)
		}
	}
	for _, obj := range objects(t, e) {
		if obj.GetName() != ConfigName(e.App.Name) {
			continue
		}
		if cm, ok := obj.(*corev1.ConfigMap); !ok || cm.Data[ConfigKey] != content {
			t.Error("the ConfigMap holds something else than Config gives")
		}
	}
}

func TestObjectsOfOneInputAreAlwaysTheSame(t *testing.T) {
	forEach(t, func(t *testing.T, e Endpoint) {
		first := render(t, e)
		for range 10 {
			if again := render(t, e); string(again) != string(first) {
				t.Fatalf("two renderings differ:\n%s", cmp.Diff(string(first), string(again)))
			}
		}
	})
}

func TestObjectsLeaveTheManifestAlone(t *testing.T) {
	e := everything()
	before := e.App.DeepCopy()
	for _, obj := range objects(t, e) {
		obj.SetLabels(nil)
	}
	template := e.App.Spec.Endpoint.Managed.PodTemplate
	if d := cmp.Diff(before, e.App); d != "" {
		t.Errorf("the manifest changed (-before +after):\n%s", d)
	}
	set := find[*appsv1.StatefulSet](t, e)
	maps.Copy(set.Spec.Template.Labels, map[string]string{"added": "later"})
	if _, leaked := template.Labels["added"]; leaked {
		t.Error("the pods share their labels with the manifest")
	}
}

func TestWhenDeleted(t *testing.T) {
	tests := map[string]struct {
		app  *v1alpha1.ScimApp
		want v1alpha1.WhenDeleted
	}{
		"nothing is said":           {gen.ScimApp("wiki"), v1alpha1.WhenDeletedRetain},
		"storage without a word":    {gen.ScimApp("wiki", storage(v1alpha1.SQLiteStorage{})), v1alpha1.WhenDeletedRetain},
		"Retain":                    {gen.ScimApp("wiki", storage(v1alpha1.SQLiteStorage{WhenDeleted: v1alpha1.WhenDeletedRetain})), v1alpha1.WhenDeletedRetain},
		"Delete":                    {gen.ScimApp("wiki", storage(v1alpha1.SQLiteStorage{WhenDeleted: v1alpha1.WhenDeletedDelete})), v1alpha1.WhenDeletedDelete},
		"a managed one, no storage": {gen.ScimApp("wiki", gen.WithEndpoint(v1alpha1.EndpointSpec{Managed: &v1alpha1.ManagedEndpoint{}})), v1alpha1.WhenDeletedRetain},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if got := WhenDeleted(tc.app); got != tc.want {
				t.Errorf("WhenDeleted = %s, want %s", got, tc.want)
			}
		})
	}
}

func TestInternalURL(t *testing.T) {
	want := fmt.Sprintf("http://wiki-scim.docs.svc:%d/scim/v2", SCIMPort)
	if got := InternalURL("docs", "wiki"); got != want {
		t.Errorf("InternalURL = %s, want %s", got, want)
	}
}
