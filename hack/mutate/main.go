// Command mutate changes the operators and constants of a package one at a time, and wants its tests to notice each change:
// mutate [-equivalents FILE] [-only PATTERN] DIRECTORY.
//
// Owns: what is changed, and the verdict. Never does: writing into the package (changed files reach the compiler as an overlay).
// Called by: make mutation. Calls: go test.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime"
)

func main() {
	os.Exit(command())
}

// command is the whole of it, and gives the exit status.
func command() int {
	equivalents := flag.String("equivalents", "", "`file` of the mutants that change nothing that can be seen, each with its reason")
	only := flag.String("only", "", "only mutants of files whose name this regular expression matches")
	jobs := flag.Int("jobs", runtime.GOMAXPROCS(0), "how many are tested at a time")
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: mutate [-equivalents FILE] [-only PATTERN] DIRECTORY")
		return 2
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	faults, err := run(ctx, flag.Arg(0), *equivalents, *only, *jobs)
	if err != nil {
		fmt.Fprintln(os.Stderr, "mutate:", err)
	}
	if err != nil || faults > 0 {
		return 1
	}
	return 0
}

// run tests all mutants of the package in the directory, prints those that nothing notices, and counts what is wrong.
func run(ctx context.Context, directory, equivalents, only string, jobs int) (faults int, err error) {
	pattern, err := regexp.Compile(only)
	if err != nil {
		return 0, fmt.Errorf("reading -only: %w", err)
	}
	known, err := readEquivalents(equivalents)
	if err != nil {
		return 0, err
	}
	files, err := sources(directory, pattern)
	if err != nil {
		return 0, err
	}
	var mutants []mutant
	for _, file := range files {
		found, err := find(file)
		if err != nil {
			return 0, err
		}
		mutants = append(mutants, found...)
	}
	t, err := newTester(directory)
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(t.scratch)
	if err := t.test(ctx, mutants, jobs); err != nil {
		return 0, err
	}
	return report(mutants, known, only == ""), nil
}

// sources are the Go files of the directory that are no tests.
func sources(directory string, only *regexp.Regexp) ([]string, error) {
	directory, err := filepath.Abs(directory)
	if err != nil {
		return nil, fmt.Errorf("finding the package: %w", err)
	}
	all, err := filepath.Glob(filepath.Join(directory, "*.go"))
	if err != nil {
		return nil, fmt.Errorf("listing %s: %w", directory, err)
	}
	var files []string
	for _, file := range all {
		if matched, _ := filepath.Match("*_test.go", filepath.Base(file)); !matched && only.MatchString(filepath.Base(file)) {
			files = append(files, file)
		}
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("no Go files in %s", directory)
	}
	return files, nil
}

// report prints the survivors that are not known to be equivalent, and known ones that are none, and counts both.
func report(tested []mutant, known map[string]string, complete bool) (faults int) {
	counts, seen := map[verdict]int{}, map[string]bool{}
	for _, m := range tested {
		counts[m.verdict]++
		if m.verdict != survived {
			continue
		}
		seen[m.key()] = true
		if known[m.key()] == "" {
			faults++
			fmt.Printf("survived at line %d: %s\n", m.line, m.key())
		}
	}
	for key := range known {
		if complete && !seen[key] {
			faults++
			fmt.Println("listed as equivalent, but no such mutant survives:", key)
		}
	}
	fmt.Printf("%d mutants: %d killed, %d equivalent, %d do not compile, %d faults\n",
		len(tested), counts[killed], counts[survived]-faults, counts[stillborn], faults)
	return faults
}
