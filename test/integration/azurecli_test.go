package integration

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/cli"
	"github.com/scim-operator/scim-operator/internal/entrasim"
	"github.com/scim-operator/scim-operator/test/kit"
)

const graphHost = "graph.microsoft.com"

// laptop is where a person works who is logged in to the Azure CLI: the real plugin in a process of its own, a program called
// az, and a way to the Internet on which Microsoft Graph is the world's simulator and nothing else is there.
type laptop struct {
	world  *kit.World
	plugin string
	// bin is the only folder of the PATH beside those of the system.
	bin         string
	environment []string
	// as may read what the plugin reads of the cluster, and no Secret.
	as string
}

func newLaptop(t *testing.T, w *kit.World) laptop {
	t.Helper()
	if err := w.Sim.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Sim.Close)
	folder := t.TempDir()
	l := laptop{world: w, plugin: cluster.BuildPlugin(t), bin: filepath.Join(folder, "bin"), as: "person-of-" + w.Tenant}
	roots := filepath.Join(folder, "roots.pem")
	if err := errors.Join(os.Mkdir(l.bin, 0o755), os.WriteFile(roots, w.Sim.CAPEM, 0o600)); err != nil {
		t.Fatal(err)
	}
	l.environment = []string{"PATH=" + l.bin + ":/usr/bin:/bin", "HOME=" + folder, "SSL_CERT_FILE=" + roots, "HTTPS_PROXY=" + internet(t, w)}
	l.mayRead(t)
	return l
}

// internet is a forward proxy that leads to the simulator whoever asks for Graph, and nobody anywhere else.
func internet(t *testing.T, w *kit.World) string {
	t.Helper()
	sim, err := url.Parse(w.Sim.URL)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodConnect || r.Host != graphHost+":443" {
			t.Errorf("the plugin asked for %s %s, want nothing but Graph", r.Method, r.Host)
			http.Error(rw, "there is nothing but Graph", http.StatusForbidden)
			return
		}
		there, err := net.Dial("tcp", sim.Host)
		if err != nil {
			http.Error(rw, err.Error(), http.StatusBadGateway)
			return
		}
		defer there.Close()
		rw.WriteHeader(http.StatusOK)
		here, buffered, err := http.NewResponseController(rw).Hijack()
		if err != nil {
			t.Errorf("taking over the connection: %v", err)
			return
		}
		defer here.Close()
		go func() { _, _ = io.Copy(there, buffered); _ = there.Close() }() // ends with the connection
		_, _ = io.Copy(here, there)
	}))
	t.Cleanup(proxy.Close)
	return proxy.URL
}

// mayRead gives the person what the role scim-viewer gives.
func (l laptop) mayRead(t *testing.T) {
	t.Helper()
	role := &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: l.as}, Rules: []rbacv1.PolicyRule{{
		APIGroups: []string{v1alpha1.GroupVersion.Group}, Verbs: []string{"get", "list", "watch"},
		Resources: []string{"attributemappings", "clusterattributemappings", "entratenants", "scimapps"},
	}}}
	binding := &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: l.as},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: l.as},
		Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: l.as}},
	}
	if err := errors.Join(l.world.Client.Create(t.Context(), role), l.world.Client.Create(t.Context(), binding)); err != nil {
		t.Fatal(err)
	}
	secret := l.world.Manifests(t).Secret
	command := exec.CommandContext(t.Context(), cluster.Kubectl(t), "get", "secret", secret.Name, "-n", secret.Namespace, "--as", l.as, "--kubeconfig", cluster.Kubeconfig(t))
	if output, err := command.CombinedOutput(); err == nil || !strings.Contains(string(output), "Forbidden") {
		t.Fatalf("the person can read the operator's Secret: %v\n%s", err, output)
	}
}

// login makes az answer like the Azure CLI, with a token of the caller's or with what it says to who is not logged in, and note
// how it was called.
func (l laptop) login(t *testing.T, stdout, stderr string, status int) {
	t.Helper()
	script := fmt.Sprintf("#!/bin/sh\necho \"$*\" >> '%s'\ncat '%s'\ncat '%s' >&2\nexit %d\n", l.file("calls"), l.file("stdout"), l.file("stderr"), status)
	if err := errors.Join(os.WriteFile(l.file("stdout"), []byte(stdout), 0o600), os.WriteFile(l.file("stderr"), []byte(stderr), 0o600),
		os.WriteFile(l.file("az"), []byte(script), 0o700)); err != nil { //nolint:gosec // it is a program
		t.Fatal(err)
	}
}

func (l laptop) file(name string) string { return filepath.Join(l.bin, name) }

// token is one of the caller's, as Entra gives it to the Azure CLI.
func (l laptop) token(t *testing.T) string {
	t.Helper()
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {caller.ID}, "client_secret": {caller.Secret}, "scope": {"https://" + graphHost + "/.default"}}
	request := httptest.NewRequest(http.MethodPost, "https://login.microsoftonline.com/"+l.world.Sim.TenantID()+"/oauth2/v2.0/token", strings.NewReader(form.Encode()))
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	recorder := httptest.NewRecorder()
	l.world.Sim.Handler().ServeHTTP(recorder, request)
	var answer struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.Unmarshal(recorder.Body.Bytes(), &answer); err != nil || answer.AccessToken == "" {
		t.Fatalf("no token: %v in %s", err, recorder.Body)
	}
	return answer.AccessToken
}

// accessToken is what `az account get-access-token -o json --tenant` prints. Older versions print no expires_on.
func (l laptop) accessToken(t *testing.T, old bool) string {
	t.Helper()
	expires := time.Now().Add(time.Hour)
	answer := map[string]any{
		"accessToken": l.token(t), "expiresOn": expires.Format("2006-01-02 15:04:05.000000"), "expires_on": expires.Unix(),
		"tenant": l.world.Sim.TenantID(), "tokenType": "Bearer",
	}
	if old {
		delete(answer, "expires_on")
	}
	text, err := json.MarshalIndent(answer, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text) + "\n"
}

// run runs the plugin as a person does, with nothing in the environment that names an identity.
func (l laptop) run(t *testing.T, args ...string) answer {
	t.Helper()
	var stdout, stderr bytes.Buffer
	command := exec.CommandContext(t.Context(), l.plugin, append(args, "-n", l.world.Namespace, "--kubeconfig", cluster.Kubeconfig(t), "--as", l.as)...)
	command.Env, command.Stdout, command.Stderr = l.environment, &stdout, &stderr
	if err := command.Run(); err != nil && command.ProcessState == nil {
		t.Fatal(err)
	}
	return answer{command.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

// TestThePluginAsksAsWhoIsLoggedInToTheAzureCLI: the real plugin, the Azure SDK's own way of asking the Azure CLI, and Graph at
// its own address. The operator's Secret is out of the person's reach, and no request comes from its identity.
func TestThePluginAsksAsWhoIsLoggedInToTheAzureCLI(t *testing.T) {
	if testing.Short() || runtime.GOOS != "linux" {
		t.Skip("it links the plugin's binary, which is told whom to trust by an environment variable that other systems do not know")
	}
	w, _ := ready(t, callerIsKnown, func(o *entrasim.Options) { o.DNSNames = []string{graphHost} })
	w.Cycle(t)
	application := w.ExpectReason(t, v1alpha1.ReasonProvisioning).Status.Application.ServicePrincipalID
	w.KillOperators()
	// The way of a person's plugin is Microsoft's cloud: the Azure CLI has no account of any other.
	spec := v1alpha1.EntraTenantSpec{}
	w.ChangeTenant(t, func(m *v1alpha1.EntraTenant) {
		spec = *m.Spec.DeepCopy()
		m.Spec.Cloud, m.Spec.Custom = "", nil
	})
	l := newLaptop(t, w)

	commands := map[string]struct {
		args   []string
		status int
		says   string
	}{
		"plan":        {[]string{"plan", kit.AppName}, cli.ExitOK, "no changes: Entra maps as declared"},
		"eval --user": {[]string{"eval", kit.AppName, "--user", "jane.roe@contoso.com"}, cli.ExitOK, "jane.roe@contoso.com"},
		// It warns: no manifest may have the address of a world, which is without TLS.
		"export": {[]string{"export", "--tenant", w.Tenant, "--service-principal", application}, cli.ExitFound, "creationPolicy: AdoptOnly"},
	}
	for name, old := range map[string]bool{"as it prints a token today": false, "as it printed one before it knew expires_on": true} {
		l.login(t, l.accessToken(t, old), "", 0)
		for command, c := range commands {
			t.Run(command+", "+name, func(t *testing.T) {
				before := lastSequence(w)
				if a := l.run(t, c.args...); a.status != c.status || !strings.Contains(a.stdout, c.says) {
					t.Errorf("status %d, want %q: %s%s", a.status, c.says, a.stdout, a.stderr)
				}
				l.expectAsked(t, before)
			})
		}
	}
	for name, c := range map[string]struct {
		login func()
		says  []string
	}{
		"who is not logged in is told how": {
			func() { l.login(t, "", "ERROR: Please run 'az login' to setup account.\n", 1) },
			[]string{"Please run 'az login' to setup account", "log in with `az login`, or set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET"},
		},
		"so is who has no Azure CLI": {
			func() { _ = os.Remove(l.file("az")) },
			[]string{"log in with `az login`, or set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			c.login()
			before := lastSequence(w)
			a := l.run(t, commands["plan"].args...)
			for _, words := range c.says {
				if a.status != cli.ExitFailed || !strings.Contains(a.stderr, words) {
					t.Errorf("status %d, want %q: %s%s", a.status, words, a.stdout, a.stderr)
				}
			}
			if got := lastSequence(w); got != before {
				t.Errorf("without a token %d requests came to Entra", got-before)
			}
		})
	}
	w.ChangeTenant(t, func(m *v1alpha1.EntraTenant) { m.Spec = spec })
	w.AwaitFullPass(t, func() { w.StartOperator(t, kit.Crash{}) }) // no test leaves conditions of a former generation behind
}

func lastSequence(w *kit.World) int {
	all := w.Sim.Journal()
	if len(all) == 0 {
		return 0
	}
	return all[len(all)-1].Sequence
}

// expectAsked proves who asked Graph since, and that az was asked for a token of Graph in the app's directory.
func (l laptop) expectAsked(t *testing.T, since int) {
	t.Helper()
	asked := 0
	for _, e := range l.world.Sim.Journal() {
		if e.Sequence <= since {
			continue
		}
		asked++
		if e.ClientID != caller.ID || e.Write {
			t.Errorf("%s %s came from client %q, want nothing but reads of the caller's own identity", e.Method, e.Path, e.ClientID)
		}
	}
	if asked == 0 {
		t.Error("nobody asked Graph")
	}
	calls, err := os.ReadFile(l.file("calls"))
	if err != nil {
		t.Fatal(err)
	}
	want := "account get-access-token -o json --resource https://" + graphHost + " --tenant " + l.world.Sim.TenantID()
	lines := strings.Split(strings.TrimSpace(string(calls)), "\n")
	if slices.ContainsFunc(lines, func(line string) bool { return line != want }) {
		t.Errorf("az was called as %q, want %q", lines, want)
	}
}
