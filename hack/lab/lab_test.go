package main

import (
	"slices"
	"testing"
)

func TestTheManagerRunsWithTheArgumentsOfItsDeployment(t *testing.T) {
	t.Chdir("../..")
	arguments, err := managerArguments()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"--leader-elect", "--operator-namespace=" + operatorNamespace} {
		if !slices.Contains(arguments, want) {
			t.Errorf("arguments %q lack %q", arguments, want)
		}
	}
}

func TestTheSimulatorKnowsTheClientOfTheSampleTenant(t *testing.T) {
	t.Chdir("../..")
	s, err := newSimulator(&lab{directory: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	again, err := newSimulator(&lab{directory: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	if s.clientID == "" || s.clientSecret == "" || s.clientSecret == again.clientSecret {
		t.Errorf("client %q; its secret must be there and new each time", s.clientID)
	}
}
