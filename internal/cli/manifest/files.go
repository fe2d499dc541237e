package manifest

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// stdin is what stands for the input stream where a file is named; shown as inputName.
const (
	stdin     = "-"
	inputName = "<stdin>"
)

// extensions are the files of a directory that are read, as kubectl does.
var extensions = []string{".json", ".yaml", ".yml"}

// Read reads files, directories and - for the input stream, in this order. Of a directory it takes the files that are
// named as manifests, with recursive those of all directories below too. A file that is no YAML is among the problems, so
// that one of them hides nothing; the error is for what cannot be read at all.
func Read(in io.Reader, names []string, recursive bool) ([]Object, []Problem, error) {
	var objects []Object
	var problems []Problem
	for _, name := range names {
		files, err := expand(name, recursive)
		if err != nil {
			return nil, nil, err
		}
		for _, file := range files {
			content, err := read(in, file)
			if err != nil {
				return nil, nil, err
			}
			if file == stdin {
				file = inputName
			}
			found, wrong := parse(file, content)
			objects, problems = append(objects, found...), append(problems, wrong...)
		}
	}
	return objects, problems, nil
}

func read(in io.Reader, file string) ([]byte, error) {
	if file == stdin {
		content, err := io.ReadAll(in)
		if err != nil {
			return nil, fmt.Errorf("reading the input stream: %w", err)
		}
		return content, nil
	}
	return os.ReadFile(file)
}

// expand gives the files of a directory, sorted, and everything else as it is.
func expand(name string, recursive bool) ([]string, error) {
	if name == stdin {
		return []string{name}, nil
	}
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return []string{name}, nil
	}
	var files []string
	err = filepath.WalkDir(name, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path != name && !recursive:
			return fs.SkipDir
		case !entry.IsDir() && slices.Contains(extensions, filepath.Ext(path)):
			files = append(files, path)
		}
		return nil
	})
	if err == nil && len(files) == 0 {
		err = errors.New("directory " + name + " has no .yaml, .yml or .json file; name another, or add -R to look into the directories below")
	}
	return files, err
}
