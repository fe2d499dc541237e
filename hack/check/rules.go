package main

import (
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
)

// maxLines is how long a Go file may be that is neither a test nor generated.
const maxLines = 600

const mapFile = "docs/map.md"

var (
	packageClause = regexp.MustCompile(`(?m)^package (\w+)$`)
	generated     = regexp.MustCompile(`(?m)^// Code generated .* DO NOT EDIT\.$`)
	// Absolute paths below a folder that only one machine has. /Users is not among them: it is SCIM's own.
	machinePath = regexp.MustCompile(`(?:^|[^\w.)}-])(/(?:work|farm|root|home)/[\w.-]+)`)
	codeSpan    = regexp.MustCompile("`([^`]+)`")
	link        = regexp.MustCompile(`\]\(([^)\s#]+)(?:#[^)\s]*)?\)`)
	codeBlock   = regexp.MustCompile("(?ms)^```.*?^```$")
)

// own is a Go file that people write and read: no test and not generated.
func own(name, content string) bool {
	return path.Ext(name) == ".go" && !strings.HasSuffix(name, "_test.go") && !generated.MatchString(content)
}

// packageDocs finds libraries without a doc.go, and commands that say nothing of themselves.
func packageDocs(files tree) []string {
	undocumented := map[string]bool{}
	for name, content := range files {
		if !own(name, content) {
			continue
		}
		clause, folder := packageClause.FindStringSubmatch(content), path.Dir(name)
		if clause == nil || strings.Contains(folder, "testdata") {
			continue
		}
		_, documented := files[path.Join(folder, "doc.go")]
		if clause[1] != "main" && !documented {
			undocumented[folder] = true
		}
	}
	var findings []string
	for _, folder := range slices.Sorted(maps.Keys(undocumented)) {
		findings = append(findings, folder+": has no doc.go that says what the package owns, never does, is called by and calls")
	}
	return findings
}

func fileLengths(files tree) []string {
	return each(files, func(name, content string) []string {
		if lines := strings.Count(content, "\n"); own(name, content) && lines > maxLines {
			return []string{fmt.Sprintf("%s: has %d lines, more than %d; split it by concern", name, lines, maxLines)}
		}
		return nil
	})
}

func machinePaths(files tree) []string {
	return each(files, func(name, content string) []string {
		if path.Ext(name) == ".sum" {
			return nil
		}
		var findings []string
		for i, line := range strings.Split(content, "\n") {
			for _, found := range machinePath.FindAllStringSubmatch(line, -1) {
				findings = append(findings, fmt.Sprintf("%s:%d: %s exists on one machine only", name, i+1, found[1]))
			}
		}
		return findings
	})
}

// mapPaths reads the tables of docs/map.md: in a row's last column each `code span` is a path from the repository's root.
func mapPaths(files tree) []string {
	content, ok := files[mapFile]
	if !ok {
		return []string{mapFile + ": is missing"}
	}
	var findings []string
	paths := 0
	for i, line := range strings.Split(content, "\n") {
		cells := strings.Split(strings.Trim(line, " |"), "|")
		if !strings.HasPrefix(line, "|") || len(cells) < 2 {
			continue
		}
		for _, span := range codeSpan.FindAllStringSubmatch(cells[len(cells)-1], -1) {
			paths++
			if !files.has(span[1]) {
				findings = append(findings, fmt.Sprintf("%s:%d: there is no %s", mapFile, i+1, span[1]))
			}
		}
	}
	if paths == 0 {
		findings = append(findings, mapFile+": names no path in the last column of a table")
	}
	return findings
}

// links follows the relative links of Markdown files.
func links(files tree) []string {
	return each(files, func(name, content string) []string {
		if path.Ext(name) != ".md" {
			return nil
		}
		var findings []string
		for _, found := range link.FindAllStringSubmatch(codeBlock.ReplaceAllString(content, ""), -1) {
			target := found[1]
			if strings.Contains(target, ":") || files.has(path.Join(path.Dir(name), target)) {
				continue
			}
			findings = append(findings, fmt.Sprintf("%s: links to %s, which does not exist", name, target))
		}
		return findings
	})
}

// each applies a rule to every file in the order of their names.
func each(files tree, rule func(name, content string) []string) []string {
	var findings []string
	for _, name := range slices.Sorted(maps.Keys(files)) {
		findings = append(findings, rule(name, files[name])...)
	}
	return findings
}
