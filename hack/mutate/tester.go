package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"sync"
)

// verdict is what became of a mutant.
type verdict int

const (
	survived  verdict = iota // all tests passed
	killed                   // a test failed, or ran too long
	stillborn                // it does not compile
)

// patience is how long the tests of a mutant may run: a changed loop may never end.
const patience = "20s"

// tester runs the tests of one package with changed files.
type tester struct {
	directory   string
	packageName string
	scratch     string
}

func newTester(directory string) (*tester, error) {
	absolute, err := filepath.Abs(directory)
	if err != nil {
		return nil, fmt.Errorf("finding %s: %w", directory, err)
	}
	scratch, err := os.MkdirTemp("", "mutate")
	if err != nil {
		return nil, fmt.Errorf("making room for changed files: %w", err)
	}
	return &tester{directory: absolute, packageName: filepath.Base(absolute), scratch: scratch}, nil
}

// test gives each mutant its verdict.
func (t *tester) test(ctx context.Context, mutants []mutant, jobs int) error {
	program, alone, err := t.together(ctx, mutants)
	if err != nil {
		return err
	}
	if output, err := t.run(ctx, program, original); err != nil {
		return fmt.Errorf("the tests fail before anything is changed: %w\n%s", err, output)
	}
	next := make(chan int)
	var workers sync.WaitGroup
	for range jobs {
		workers.Go(func() {
			for i := range next {
				t.judge(ctx, program, &mutants[i], i, alone[i])
			}
		})
	}
	for i := range mutants {
		if mutants[i].verdict != stillborn {
			next <- i
		}
	}
	close(next)
	workers.Wait()
	return ctx.Err()
}

// judge runs the tests with one mutant: from the common program, or from one of its own where it stands outside of functions.
func (t *tester) judge(ctx context.Context, program string, m *mutant, number int, alone bool) {
	if alone {
		program = filepath.Join(t.scratch, fmt.Sprintf("%d.test", number))
		if _, err := t.build(ctx, program, map[string][]byte{m.file: m.mutated()}); err != nil {
			m.verdict = stillborn
			return
		}
		defer os.RemoveAll(program)
	}
	if _, err := t.run(ctx, program, number); err != nil {
		m.verdict = killed
	}
}

// together compiles one program with all mutants inside of functions, and says which are to be compiled alone. Those that do not
// compile are found by the lines of the compiler's errors, and left out.
func (t *tester) together(ctx context.Context, mutants []mutant) (program string, alone map[int]bool, err error) {
	program = filepath.Join(t.scratch, "all.test")
	for {
		files := map[string][]byte{filepath.Join(t.directory, "chosen_mutant.go"): choice(t.packageName)}
		lines := map[string]map[int]int{}
		alone = map[int]bool{}
		for file, living := range byFile(mutants) {
			w, err := weave(file, living[firstKey(living)].source, living)
			if err != nil {
				return "", nil, err
			}
			for number := range living {
				alone[number] = true
			}
			for _, number := range w.inside {
				delete(alone, number)
			}
			files[file], lines[filepath.Base(file)] = w.content, w.lines
		}
		output, err := t.build(ctx, program, files)
		if err == nil {
			return program, alone, nil
		}
		if !bury(mutants, lines, output) {
			return "", nil, fmt.Errorf("compiling the mutants: %w\n%s", err, output)
		}
	}
}

var compilerError = regexp.MustCompile(`(?m)([\w.]+\.go):(\d+):\d+: `)

// bury marks the mutants that the compiler's errors are about, and says whether there were any.
func bury(mutants []mutant, lines map[string]map[int]int, output []byte) (some bool) {
	for _, found := range compilerError.FindAllSubmatch(output, -1) {
		line, err := strconv.Atoi(string(found[2]))
		if number, ok := lines[string(found[1])][line]; ok && err == nil {
			mutants[number].verdict = stillborn
			some = true
		}
	}
	return some
}

func byFile(mutants []mutant) map[string]map[int]mutant {
	files := map[string]map[int]mutant{}
	for number, m := range mutants {
		if m.verdict == stillborn {
			continue
		}
		if files[m.file] == nil {
			files[m.file] = map[int]mutant{}
		}
		files[m.file][number] = m
	}
	return files
}

func firstKey(mutants map[int]mutant) int {
	for number := range mutants {
		return number
	}
	return original
}

// build compiles the tests of the package with other contents for some of its files.
func (t *tester) build(ctx context.Context, program string, files map[string][]byte) ([]byte, error) {
	folder, replace := program+".files", map[string]string{}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("making room for a mutant: %w", err)
	}
	for file, content := range files {
		place := filepath.Join(folder, filepath.Base(file))
		if err := os.WriteFile(place, content, 0o600); err != nil {
			return nil, fmt.Errorf("writing a mutant: %w", err)
		}
		replace[file] = place
	}
	overlay, err := json.Marshal(map[string]map[string]string{"Replace": replace})
	if err != nil {
		return nil, fmt.Errorf("describing the overlay: %w", err)
	}
	if err := os.WriteFile(program+".json", overlay, 0o600); err != nil {
		return nil, fmt.Errorf("writing the overlay: %w", err)
	}
	command := exec.CommandContext(ctx, "go", "test", "-c", "-vet=off", "-gcflags=-e", "-overlay="+program+".json", "-o="+program, ".")
	command.Dir = t.directory
	return command.CombinedOutput()
}

// run runs the tests as the mutant.
func (t *tester) run(ctx context.Context, program string, number int) ([]byte, error) {
	command := exec.CommandContext(ctx, program, "-test.failfast", "-test.timeout="+patience)
	command.Dir = t.directory
	command.Env = append(os.Environ(), fmt.Sprintf("%s=%d", chooser, number))
	return command.CombinedOutput()
}
