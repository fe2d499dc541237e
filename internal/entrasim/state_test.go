package entrasim_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/scim-operator/scim-operator/internal/entrasim"
)

// TestAStateFileOutlivesTheProcess: applications, job, log and clock are there again, and the next cycle goes on from where the
// last one ended.
func TestAStateFileOutlivesTheProcess(t *testing.T) {
	w := startWire(t)
	file := filepath.Join(t.TempDir(), "state.json")
	withFile := func(o *entrasim.Options) { o.StateFile = file }
	l := startLab(t, withFile)
	l.provision(w.URL, w.Token)
	l.assign(staff, l.role())
	l.want(204, "POST", l.jobPath("/start"), nil)
	l.cycle()
	l.advance(24 * time.Hour)
	l.admin(200, "PATCH", "/sim/users/anna@contoso.com", object{"jobTitle": "Head"})
	before, logs, clock := l.want(200, "GET", l.jobPath(""), nil).text, len(l.Tenant().Logs()), l.Tenant().Now()
	l.Close()

	again := startLab(t, withFile, func(o *entrasim.Options) { o.Directory = nil })
	again.app, again.sp, again.job = l.app, l.sp, l.job
	if diff := cmp.Diff(strings.ReplaceAll(before, l.URL, ""), strings.ReplaceAll(again.want(200, "GET", again.jobPath(""), nil).text, again.URL, "")); diff != "" {
		t.Errorf("the job (-before +after):\n%s", diff)
	}
	if n := len(again.Tenant().Logs()); n != logs || logs == 0 {
		t.Errorf("%d entries in the log, want %d", n, logs)
	}
	if again.Tenant().Now().Before(clock) {
		t.Errorf("the clock went back from %s to %s", clock, again.Tenant().Now())
	}
	again.page("GET", "/apps/"+again.sp, nil).says(t, "initial 3 0 0 0 1 0")
	expectCounts(t, again.cycle(), "created 0 updated 1 disabled 0 deleted 0 skipped 0 failed 0")
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file: %v (%v)", info, err)
	}
}

func TestTheStateFileIsWrittenWhileItRuns(t *testing.T) {
	file := filepath.Join(t.TempDir(), "state.json")
	l := startLab(t, func(o *entrasim.Options) { o.StateFile = file })
	l.instantiate("Wiki")
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	for {
		raw, err := os.ReadFile(file)
		if err == nil && strings.Contains(string(raw), l.sp) {
			return
		}
		select {
		case <-ticker.C:
		case <-t.Context().Done():
			t.Fatal("it is never written")
		}
	}
}

func TestExportAndImport(t *testing.T) {
	l := startLab(t)
	l.instantiate("Wiki")
	exported := l.admin(200, "GET", "/sim/export", nil)
	other := startLab(t)
	other.admin(204, "POST", "/sim/import", exported.body)
	other.want(200, "GET", "/servicePrincipals/"+l.sp, nil)
	if owners := other.want(200, "GET", "/servicePrincipals/"+l.sp+"/owners", nil).list(); len(owners) != 1 {
		t.Errorf("owners: %v", owners)
	}
	for name, c := range map[string]struct {
		change func(map[string]any)
		want   string
	}{
		"another tenant":  {func(s map[string]any) { s["tenant"].(object)["tenantID"] = "x" }, "start with --tenant-id x"},
		"another version": {func(s map[string]any) { s["format"] = 99 }, "field format"},
		"a typo":          {func(s map[string]any) { s["formt"] = 1 }, "formt"},
	} {
		var state map[string]any
		if err := json.Unmarshal([]byte(exported.text), &state); err != nil {
			t.Fatal(err)
		}
		c.change(state)
		if a := other.admin(400, "POST", "/sim/import", state); !strings.Contains(a.text, c.want) {
			t.Errorf("%s: %s, want %q", name, a.text, c.want)
		}
	}
}

func TestNoExportDuringACycle(t *testing.T) {
	w := startWire(t)
	l := startLab(t)
	l.provision(w.URL, w.Token)
	l.assign(anna, l.role())
	l.want(204, "POST", l.jobPath("/start"), nil)
	w.during(func() { l.admin(409, "GET", "/sim/export", nil) })
	l.cycle()
	l.admin(200, "GET", "/sim/export", nil)
}

func TestAStateFileThatCannotBeUsed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "state.json")
	for text, want := range map[string]string{"{": "unexpected end", "{}": "it holds no tenant",
		`{"format":1,"tenant":{"tenantID":"` + tenantID + `"}}`: "leave the tenant ID out"} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := entrasim.New(entrasim.Options{StateFile: file, TenantID: "00000000-0000-4000-8000-000000000009"})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", text, err, want)
		}
	}
}
