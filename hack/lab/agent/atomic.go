package agent

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// The names that a kubelet uses in such a directory; programs that watch files know the first.
const (
	dataLink    = "..data"
	newDataLink = "..data_new"
)

// A file is what a key of a ConfigMap or Secret becomes.
type file struct {
	content []byte
	mode    fs.FileMode
}

// An atomicWriter keeps a directory as a kubelet does: each file is a link through ..data into a directory with one state of all files, and a
// change replaces ..data, so that a reader sees all of a change or nothing of it. Who watches a file's inode misses changes, as in a pod.
type atomicWriter struct {
	directory string
	written   map[string]file
	current   string // the directory that ..data points to
}

// write brings the directory to the files, if they differ from what it has.
func (w *atomicWriter) write(files map[string]file) error {
	if w.current != "" && sameFiles(w.written, files) {
		return nil
	}
	if err := os.MkdirAll(w.directory, 0o755); err != nil {
		return err
	}
	state, err := os.MkdirTemp(w.directory, "..state_")
	if err != nil {
		return err
	}
	if err := w.fill(state, files); err != nil {
		return errors.Join(err, os.RemoveAll(state))
	}
	if err := w.swap(state); err != nil {
		return errors.Join(err, os.RemoveAll(state))
	}
	old := w.current
	w.current, w.written = state, files
	if err := w.link(files); err != nil {
		return err
	}
	if old == "" {
		return nil
	}
	return os.RemoveAll(old)
}

func (w *atomicWriter) fill(state string, files map[string]file) error {
	if err := os.Chmod(state, 0o755); err != nil {
		return err
	}
	for name, f := range files {
		path := filepath.Join(state, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, f.content, f.mode); err != nil {
			return fmt.Errorf("writing %s: %w", name, err)
		}
	}
	return nil
}

// swap points ..data to the state; a rename over the old link is what makes it atomic.
func (w *atomicWriter) swap(state string) error {
	link := filepath.Join(w.directory, newDataLink)
	if err := os.Symlink(filepath.Base(state), link); err != nil {
		return err
	}
	return os.Rename(link, filepath.Join(w.directory, dataLink))
}

// link makes the visible names: one link for each first path element, and none that leads nowhere.
func (w *atomicWriter) link(files map[string]file) error {
	wanted := map[string]bool{}
	for name := range files {
		first, _, _ := strings.Cut(name, "/")
		wanted[first] = true
	}
	present, err := os.ReadDir(w.directory)
	if err != nil {
		return err
	}
	for _, entry := range present {
		name := entry.Name()
		if wanted[name] || strings.HasPrefix(name, "..") {
			delete(wanted, name)
			continue
		}
		if err := os.Remove(filepath.Join(w.directory, name)); err != nil {
			return err
		}
	}
	for name := range wanted {
		if err := os.Symlink(filepath.Join(dataLink, name), filepath.Join(w.directory, name)); err != nil {
			return err
		}
	}
	return nil
}

func sameFiles(a, b map[string]file) bool {
	if len(a) != len(b) {
		return false
	}
	for name, f := range a {
		other, ok := b[name]
		if !ok || other.mode != f.mode || !bytes.Equal(other.content, f.content) {
			return false
		}
	}
	return true
}
