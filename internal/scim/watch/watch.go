package watch

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"
)

// Interval is how often a file is read besides being watched.
const Interval = 5 * time.Second

// File calls changed with each new content of the file, or with the error of reading it, until the context ends.
// initial is the content that the caller has already. The error is that of setting up the watch.
func File(ctx context.Context, path string, initial []byte, changed func(content []byte, err error)) error {
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		return fmt.Errorf("watching %s: %w", path, err)
	}
	if err := watcher.Add(filepath.Dir(path)); err != nil {
		return fmt.Errorf("watching the folder of %s: %w", path, err)
	}
	go loop(ctx, watcher, path, initial, changed)
	return nil
}

func loop(ctx context.Context, watcher *fsnotify.Watcher, path string, last []byte, changed func([]byte, error)) {
	defer func() { _ = watcher.Close() }() // the process needs nothing more of it
	ticker := time.NewTicker(Interval)
	defer ticker.Stop()
	failed := false
	for {
		select {
		case <-ctx.Done():
			return
		case event := <-watcher.Events:
			if !concerns(event, path) {
				continue
			}
		case _, open := <-watcher.Errors: // notifications may have been lost, so the file is read
			if !open {
				return
			}
		case <-ticker.C:
		}
		content, err := os.ReadFile(path)
		if err != nil {
			failed = true
			changed(nil, err)
			continue
		}
		if failed || !bytes.Equal(content, last) {
			failed, last = false, content
			changed(content, nil)
		}
	}
}

// concerns tells the file's own events, and those of the ..data link that a kubelet swaps, from those of its
// neighbours in the folder, such as a database that is written to all the time.
func concerns(event fsnotify.Event, path string) bool {
	name := filepath.Base(event.Name)
	return name == filepath.Base(path) || strings.HasPrefix(name, "..")
}
