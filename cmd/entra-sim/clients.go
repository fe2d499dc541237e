package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/scim-operator/scim-operator/internal/entrasim"
)

// readClients reads ID:SECRET pairs. A secret that begins with @ is the name of a file that holds it, so that it does not
// stand in the process list.
func readClients(pairs []string) ([]entrasim.Client, error) {
	var out []entrasim.Client
	for _, pair := range pairs {
		id, secret, ok := strings.Cut(pair, ":")
		if !ok || id == "" || secret == "" {
			return nil, errors.New("--client has to be ID:SECRET or ID:@FILE")
		}
		if file, isFile := strings.CutPrefix(secret, "@"); isFile {
			raw, err := os.ReadFile(file)
			if err != nil {
				return nil, fmt.Errorf("reading the secret of --client %s: %w", id, err)
			}
			if secret = strings.TrimSpace(string(raw)); secret == "" {
				return nil, fmt.Errorf("--client %s: the file %s is empty", id, file)
			}
		}
		out = append(out, entrasim.Client{ID: id, Secret: secret})
	}
	return out, nil
}
