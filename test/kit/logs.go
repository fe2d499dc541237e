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
	mu     sync.Mutex
	lines  []string
	rest   []byte
	passes map[object]int
	// suspects are the lines with a mark that only secrets have.
	suspects []string
}

// object is what a controller works on.
type object struct{ controller, namespace, name string }

// captureLogs makes controller-runtime log into the returned Logs. There is one logger in a process.
func captureLogs() *Logs {
	logs := &Logs{passes: map[object]int{}}
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
		l.add(string(l.rest[:end]))
		l.rest = l.rest[end+1:]
	}
}

func (l *Logs) add(line string) {
	l.lines = append(l.lines, line)
	if slices.ContainsFunc(secretMarks, func(mark string) bool { return strings.Contains(line, mark) }) {
		l.suspects = append(l.suspects, line)
	}
	// controller-runtime says at its most talkative level when a reconcile has ended.
	if !strings.Contains(line, `"msg":"Reconcile `) {
		return
	}
	var entry struct{ Level, Controller, Namespace, Name string }
	if json.Unmarshal([]byte(line), &entry) == nil && entry.Level != "error" {
		l.passes[object{entry.Controller, entry.Namespace, entry.Name}]++
	}
}

// passesOver counts the reconciles of an object that ended without an error.
func (l *Logs) passesOver(controller, namespace, name string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.passes[object{controller, namespace, name}]
}

// leaks gives the lines that contain the secret.
func (l *Logs) leaks(secret string) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(l.suspects), func(line string) bool { return !strings.Contains(line, secret) })
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
