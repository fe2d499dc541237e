// Command expressions writes the reference of the expression language from its function table: expressions FILE.
//
// Owns: the form of that page. Never does: saying anything about a function that the table does not say.
// Called by: make generate. Calls: internal/mapping/expr.
package main

import (
	"fmt"
	"os"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: expressions FILE")
		os.Exit(2)
	}
	content, err := page()
	if err == nil {
		err = os.WriteFile(os.Args[1], []byte(content), 0o644)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "expressions:", err)
		os.Exit(1)
	}
}
