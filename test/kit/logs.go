package kit

import (
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"go.uber.org/zap/zapcore"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
)

// Logs keeps all that operators and endpoints log, at the most talkative level. It is safe for concurrent use.
type Logs struct {
	mu    sync.Mutex
	lines []string
	rest  []byte
}

// captureLogs makes controller-runtime log into the returned Logs. There is one logger in a process.
func captureLogs() *Logs {
	logs := &Logs{}
	ctrl.SetLogger(zap.New(zap.WriteTo(logs), zap.Level(zapcore.Level(-5)), zap.JSONEncoder()))
	return logs
}

// Write takes whole and broken lines.
func (l *Logs) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rest = append(l.rest, p...)
	for {
		end := bytes.IndexByte(l.rest, '\n')
		if end < 0 {
			return len(p), nil
		}
		l.lines = append(l.lines, string(l.rest[:end]))
		l.rest = l.rest[end+1:]
	}
}

// take adds a file of lines.
func (l *Logs) take(t testing.TB, path string) {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Error(err)
	}
	_, _ = l.Write(append(content, '\n')) // it gives no error
}

// Lines gives the lines that contain all of the words.
func (l *Logs) Lines(words ...string) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []string
	for _, line := range l.lines {
		if !slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(line, word) }) {
			out = append(out, line)
		}
	}
	return out
}

// passes counts the reconciles of an object that ended without an error. controller-runtime says so at its most
// talkative level.
func (l *Logs) passes(controller, namespace, name string) int {
	n := 0
	for _, line := range l.Lines(`"msg":"Reconcile `, `"`+controller+`"`, `"`+name+`"`) {
		var entry struct{ Level, Msg, Controller, Namespace, Name string }
		if json.Unmarshal([]byte(line), &entry) == nil && entry.Level != "error" &&
			entry.Controller == controller && entry.Namespace == namespace && entry.Name == name {
			n++
		}
	}
	return n
}
