package desired

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
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
		template := find[*appsv1.StatefulSet](t, e).Spec.Template
		for _, result := range evaluator.EvaluatePod(restricted, &template.ObjectMeta, &template.Spec) {
			if !result.Allowed {
				t.Errorf("%s: %s", result.ForbiddenReason, result.ForbiddenDetail)
			}
		}
	})
}

func TestPodsHaveNoRightsInTheCluster(t *testing.T) {
	forEach(t, func(t *testing.T, e Endpoint) {
		spec := find[*appsv1.StatefulSet](t, e).Spec.Template.Spec
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
			if v.Secret != nil || v.Projected != nil {
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
		if !slices.Contains(netpol.Spec.PolicyTypes, networkingv1.PolicyTypeEgress) || len(netpol.Spec.Egress) > 0 {
			t.Error("the pod may call others")
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
		set := find[*appsv1.StatefulSet](t, e)
		selectors := map[string]map[string]string{
			"StatefulSet":   set.Spec.Selector.MatchLabels,
			"Service":       find[*corev1.Service](t, e).Spec.Selector,
			"NetworkPolicy": find[*networkingv1.NetworkPolicy](t, e).Spec.PodSelector.MatchLabels,
		}
		for kind, selector := range selectors {
			for key, value := range selector {
				if set.Spec.Template.Labels[key] != value {
					t.Errorf("%s selects %s=%s, the pods have %q", kind, key, value, set.Spec.Template.Labels[key])
				}
			}
			if len(selector) == 0 {
				t.Errorf("%s selects every pod of the namespace", kind)
			}
		}
		if set.Spec.ServiceName != find[*corev1.Service](t, e).Name {
			t.Error("the StatefulSet names another Service")
		}
	})
}

func TestWhatThePodMountsIsThere(t *testing.T) {
	forEach(t, func(t *testing.T, e Endpoint) {
		seen := map[string]bool{}
		for _, obj := range objects(t, e) {
			set, last := obj.(*appsv1.StatefulSet)
			if !last {
				seen[obj.GetObjectKind().GroupVersionKind().Kind+"/"+obj.GetName()] = true
				continue
			}
			for _, v := range set.Spec.Template.Spec.Volumes {
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
					t.Errorf("volume %s needs %s, which is not applied before the StatefulSet", v.Name, needs)
				}
			}
		}
	})
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
		pod := find[*appsv1.StatefulSet](t, e).Spec.Template.Labels
		for key, value := range Labels(e.App) {
			if pod[key] != value {
				t.Errorf("the pods have %s=%q, want %q: what the operator sets wins", key, pod[key], value)
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
		if got := ParseHashes(hashFile(hashes)); !slices.Equal(got, hashes) {
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
	parsed, err := auth.ParseHashes([]byte(hashFile(hashes)))
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
		m := mapping.Mapping{Name: "m", Object: mapping.User}
		for _, target := range targets {
			m.Attributes = append(m.Attributes, mapping.Attribute{Target: target, Source: "city"})
		}
		_, revision, err := Config(mapping.Extensions(mapping.Desired{Mappings: []mapping.Mapping{m}}))
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

func TestTheEndpointReadsItsConfig(t *testing.T) {
	e := withExtensions()
	content, revision, err := Config(e.Extensions)
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
