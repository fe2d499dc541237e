package main

import (
	"fmt"
	"os"
	"strings"
)

// readEquivalents reads the list of mutants that cannot be noticed: a line for each, its key, " | " and the reason. # starts a comment.
func readEquivalents(file string) (map[string]string, error) {
	known := map[string]string{}
	if file == "" {
		return known, nil
	}
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("reading the equivalent mutants: %w", err)
	}
	for line := range strings.Lines(string(content)) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		cut := strings.LastIndex(line, " | ")
		if cut < 0 || strings.Count(line, " | ") < 3 {
			return nil, fmt.Errorf("%s: %q has no reason", file, line)
		}
		known[line[:cut]] = line[cut+len(" | "):]
	}
	return known, nil
}
