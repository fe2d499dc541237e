package main

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestThePageInTheRepositoryIsUpToDate(t *testing.T) {
	want, err := page()
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../../docs/reference/expressions.md")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("make generate changes the page (-want +got):\n%s", diff)
	}
}

func TestWrap(t *testing.T) {
	word := strings.Repeat("x", 59)
	if diff := cmp.Diff("- "+word+"\n  "+word+" y\n", wrap("- ", "  ", word+" "+word+" y")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(word+" "+word+"x\n", wrap("", "", word+" "+word+"x")); diff != "" {
		t.Error(diff)
	}
}
