package lint

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/url"
	"path/filepath"
	"strings"
)

// The parts of SARIF 2.1.0 that a report has, with what GitHub's code scanning asks for.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool       sarifTool     `json:"tool"`
		ColumnKind string        `json:"columnKind"`
		Results    []sarifResult `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name    string      `json:"name"`
		Version string      `json:"version"`
		Rules   []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID               string    `json:"id"`
		ShortDescription sarifText `json:"shortDescription"`
		FullDescription  sarifText `json:"fullDescription"`
		Help             sarifText `json:"help"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifResult struct {
		RuleID       string            `json:"ruleId"`
		RuleIndex    int               `json:"ruleIndex"`
		Level        Severity          `json:"level"`
		Message      sarifText         `json:"message"`
		Locations    []sarifLocation   `json:"locations"`
		Fingerprints map[string]string `json:"partialFingerprints"`
	}
	sarifLocation struct {
		Physical sarifPhysical `json:"physicalLocation"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   sarifRegion   `json:"region"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn"`
	}
)

const (
	sarifSchema  = "https://json.schemastore.org/sarif-2.1.0.json"
	sarifVersion = "2.1.0"
)

// WriteSARIF writes a log of SARIF 2.1.0. version is that of the program.
func WriteSARIF(w io.Writer, found Findings, version string) error {
	driver := sarifDriver{Name: "kubectl-scim", Version: version, Rules: []sarifRule{}}
	index := map[string]int{}
	for _, f := range found {
		if _, known := index[f.Rule]; known {
			continue
		}
		index[f.Rule] = len(driver.Rules)
		text := sarifText{describe(f.Rule)}
		driver.Rules = append(driver.Rules, sarifRule{ID: f.Rule, ShortDescription: text, FullDescription: text, Help: text})
	}
	run := sarifRun{Tool: sarifTool{driver}, ColumnKind: "unicodeCodePoints", Results: []sarifResult{}}
	for _, f := range found {
		message := f.Message
		if f.Remedy != "" {
			message += " (" + f.Remedy + ")"
		}
		run.Results = append(run.Results, sarifResult{
			RuleID: f.Rule, RuleIndex: index[f.Rule], Level: f.Severity, Message: sarifText{message},
			Locations: []sarifLocation{{sarifPhysical{
				Artifact: sarifArtifact{uri(f.File)}, Region: sarifRegion{StartLine: f.Line, StartColumn: f.Column},
			}}},
			Fingerprints: map[string]string{"finding/v1": fingerprint(f)},
		})
	}
	return encode(w, sarifLog{Schema: sarifSchema, Version: sarifVersion, Runs: []sarifRun{run}})
}

// uri is a file relative to where the program runs, which in CI is the checkout.
func uri(file string) string {
	u := url.URL{Path: strings.TrimPrefix(filepath.ToSlash(file), "./")}
	return u.EscapedPath()
}

// fingerprint is the same when lines above the finding come or go, so that code scanning takes it for the same alert.
func fingerprint(f Finding) string {
	sum := sha256.Sum256([]byte(f.Rule + "\x00" + f.File + "\x00" + f.Object + "\x00" + f.Message))
	return hex.EncodeToString(sum[:16])
}
