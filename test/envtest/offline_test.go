package envtest_test

import (
	"cmp"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/json"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"
	"sigs.k8s.io/yaml"

	"github.com/scim-operator/scim-operator/internal/admission"
)

// said is one thing that stands against an object.
type said struct{ Field, Message string }

func TestWithoutAServerTheSameIsRefusedInTheSameWords(t *testing.T) {
	validator, err := admission.NewValidator()
	if err != nil {
		t.Fatal(err)
	}
	for kind, table := range refusals {
		for name, r := range table {
			if r.before != nil {
				continue // what depends on an older object is the server's alone to say
			}
			t.Run(kind+"/"+name, func(t *testing.T) {
				object := asUnstructured(t, r.object)
				online := bySaying(t, server.Client.Create(context.Background(), object.DeepCopy(), client.DryRunAll))
				var offline []said
				for _, p := range validator.Validate(t.Context(), object) {
					offline = append(offline, said{p.Path, p.Message})
				}
				slices.SortFunc(offline, compare)
				if d := gocmp.Diff(online, offline); d != "" {
					t.Errorf("the API server and the offline check differ (-server +offline):\n%s", d)
				}
			})
		}
	}
}

func TestWhatTheAPIServerTakesIsTakenWithoutOne(t *testing.T) {
	validator, err := admission.NewValidator()
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("testdata/valid/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, error %v", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var object unstructured.Unstructured
			raw, err := yaml.YAMLToJSON(content)
			if err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(raw, &object.Object); err != nil { // whole numbers are int64, as in the API server
				t.Fatal(err)
			}
			if problems := validator.Validate(t.Context(), object); len(problems) > 0 {
				t.Errorf("refused: %v", problems)
			}
		})
	}
}

func asUnstructured(t *testing.T, object client.Object) unstructured.Unstructured {
	t.Helper()
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(object)
	if err != nil {
		t.Fatal(err)
	}
	gvk, err := apiutil.GVKForObject(object, server.Client.Scheme())
	if err != nil {
		gvk = schema.GroupVersionKind{}
	}
	out := unstructured.Unstructured{Object: content}
	if !gvk.Empty() {
		out.SetGroupVersionKind(gvk)
	}
	return out
}

// bySaying gives the causes of a refusal. The API server calls the root of an object <nil>, and adds a word about rules that
// it has not checked.
func bySaying(t *testing.T, err error) []said {
	t.Helper()
	var status apierrors.APIStatus
	if !errors.As(err, &status) || !apierrors.IsInvalid(err) {
		t.Fatalf("got %v, want the object to be refused as invalid", err)
	}
	var out []said
	for _, cause := range status.Status().Details.Causes {
		s := said{cause.Field, cause.Message}
		if s.Field == "<nil>" {
			s.Field = ""
		}
		if s.Message == `Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation` {
			continue
		}
		out = append(out, s)
	}
	slices.SortFunc(out, compare)
	return out
}

func compare(a, b said) int {
	return cmp.Or(cmp.Compare(a.Field, b.Field), cmp.Compare(a.Message, b.Message))
}
