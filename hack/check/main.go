package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"strings"
)

func main() {
	findings, err := check(".")
	if err != nil {
		fmt.Fprintln(os.Stderr, "check:", err)
		os.Exit(1)
	}
	for _, finding := range findings {
		fmt.Println(finding)
	}
	if len(findings) > 0 {
		os.Exit(1)
	}
}

// check returns what is wrong in the repository at root, a line for each finding.
func check(root string) ([]string, error) {
	names, err := list(root)
	if err != nil {
		return nil, err
	}
	files, err := read(os.DirFS(root), names)
	if err != nil {
		return nil, err
	}
	var findings []string
	for _, rule := range []func(tree) []string{packageDocs, fileLengths, machinePaths, mapPaths, links} {
		findings = append(findings, rule(files)...)
	}
	return findings, nil
}

// list names the files of the checkout, new ones that are not ignored included.
func list(root string) ([]string, error) {
	command := exec.Command("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	command.Dir = root
	out, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("listing the repository's files: %w", err)
	}
	return strings.FieldsFunc(string(out), func(r rune) bool { return r == 0 }), nil
}

// A tree is a repository: content by slash-separated path.
type tree map[string]string

// has says whether the tree holds a file or folder of that path.
func (t tree) has(name string) bool {
	name = path.Clean(name)
	for file := range t {
		if name == "." || file == name || strings.HasPrefix(file, name+"/") {
			return true
		}
	}
	return false
}

func read(root fs.FS, names []string) (tree, error) {
	files := tree{}
	for _, name := range names {
		content, err := fs.ReadFile(root, name)
		if errors.Is(err, fs.ErrNotExist) {
			continue // deleted, and the deletion is not committed yet
		} else if err != nil {
			return nil, fmt.Errorf("reading %s: %w", name, err)
		}
		files[name] = string(content)
	}
	return files, nil
}
