package delivery_test

import (
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/scim-operator/scim-operator/internal/scim/config"
	"github.com/scim-operator/scim-operator/internal/scim/events"
)

// guide is the page that explains delivery to who writes an app.
func guide(t *testing.T) string {
	t.Helper()
	content, err := os.ReadFile("../../../docs/guides/delivery.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// members are the JSON names of a type, with those of the elements of lists.
func members(t reflect.Type, prefix string) (names []string) {
	for field := range t.Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		names = append(names, prefix+name)
		if field.Type.Kind() == reflect.Slice && field.Type.Elem().Kind() == reflect.Struct {
			names = append(names, members(field.Type.Elem(), prefix+name+"[].")...)
		}
	}
	return names
}

func TestTheGuideExplainsEveryFieldAndType(t *testing.T) {
	text := guide(t)
	wanted := members(reflect.TypeFor[events.Event](), "")
	for _, eventType := range []events.Type{
		events.Add, events.Create, events.Put, events.Patch, events.Activate, events.Deactivate, events.Delete, events.Rebound,
	} {
		wanted = append(wanted, string(eventType))
	}
	for _, name := range wanted {
		if !regexp.MustCompile("(?m)^\\|[^|]*`" + regexp.QuoteMeta(name) + "`[^|]*\\|").MatchString(text) {
			t.Errorf("the guide has no row for %s", name)
		}
	}
}

func TestTheGuidesConfigurationIsAccepted(t *testing.T) {
	blocks := regexp.MustCompile("(?s)```yaml\n(.*?)```|<<'CONFIG'\n(.*?)CONFIG\n").FindAllStringSubmatch(guide(t), -1)
	if len(blocks) != 2 {
		t.Fatalf("the guide has %d configurations, want 2", len(blocks))
	}
	for _, block := range blocks {
		if file, _, err := config.Parse([]byte(block[1] + block[2])); err != nil || file.Delivery.Webhook == nil {
			t.Errorf("error %v in\n%s%s", err, block[1], block[2])
		}
	}
}
