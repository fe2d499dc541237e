package cli

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/scim-operator/scim-operator/internal/mapping"
	"github.com/scim-operator/scim-operator/internal/mapping/expr"
)

// evalOptions are the flags of eval.
type evalOptions struct {
	*plugin
	directoryFlags
	files        []string
	recursive    bool
	person, user string
	object       string
	output       string
}

const evalHelp = `Show what Entra would send to an app about one person: the SCIM resource, each attribute with its expression, what
it read and what came of it, and why somebody is out of scope, clause by clause.

The person is described in a file (--person), in the names of Microsoft Graph or in those of the provisioning service, or
read from Microsoft Graph as yourself (--user). The mapping comes from manifests (-f); with APP and no -f it is the one that
the app's job has in Entra now.

With nothing but files, Entra is not asked: what the manifests leave to Entra's default mapping is then taken from
Microsoft's documents. With APP, the job's own schema is read, and whether the person is assigned and with which roles.

Exit status: 0 the person was evaluated, in scope or not; 2 it could not be done.`

const evalExample = `  # offline
  kubectl scim eval -f wiki-users.yaml --person jane.json

  # a person of the directory, under a mapping that is not applied yet
  kubectl scim eval wiki -n docs -f wiki-users.yaml --user jane@contoso.com

  # why has she no account?
  kubectl scim eval wiki -n docs --user jane@contoso.com`

func evalCommand(p *plugin) *cobra.Command {
	o := &evalOptions{plugin: p}
	cmd := &cobra.Command{
		Use:     "eval [APP] [-f FILE...] (--person FILE | --user NAME)",
		Short:   "Show what would be sent about one person",
		Long:    evalHelp,
		Example: evalExample,
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			app := ""
			if len(args) > 0 {
				app = args[0]
			}
			return o.run(cmd.Context(), app)
		},
	}
	f := cmd.Flags()
	f.StringArrayVarP(&o.files, "filename", "f", nil, "file or directory with the mappings, and the ScimApp if you like, or - for the input stream; repeatable")
	f.BoolVarP(&o.recursive, "recursive", "R", false, "look into the directories below too")
	f.StringVar(&o.person, "person", "", "JSON file that describes the person, or the group with --object Group")
	f.StringVar(&o.user, "user", "", "user principal name or object ID of a person in Entra")
	f.StringVar(&o.object, "object", "", "User or Group; default: User, or Group where the files map nothing else")
	f.StringVarP(&o.output, "output", "o", "text", "text, json or yaml")
	o.add(f)
	cmd.MarkFlagsMutuallyExclusive("person", "user")
	cmd.MarkFlagsOneRequired("person", "user")
	return cmd
}

func (o *evalOptions) run(ctx context.Context, app string) error {
	if app == "" && len(o.files) == 0 {
		return errors.New("no mapping is named; give -f with its file, or the name of a ScimApp")
	}
	m, err := o.mapping(ctx, app)
	if err != nil {
		return err
	}
	subject, err := o.subject(ctx, m)
	if err != nil {
		return err
	}
	env := expr.Environment{Now: time.Now, Random: rand.Reader}
	return o.write(evaluation{
		Subject: subject.Name(), Mapping: m.origin, Notes: m.notes, Result: m.prepared.Explain(subject, env),
	})
}

// chosenObject is what --object says, else what the mappings are about.
func (o *evalOptions) chosenObject(mappings []mapping.Mapping) (mapping.Object, error) {
	switch o.object {
	case string(mapping.User), string(mapping.Group):
		return mapping.Object(o.object), nil
	case "":
	default:
		return "", fmt.Errorf("--object %s: it has to be User or Group", o.object)
	}
	for _, m := range mappings {
		if m.Object == mapping.User {
			return mapping.User, nil
		}
	}
	if len(mappings) > 0 && o.user == "" {
		return mapping.Group, nil
	}
	return mapping.User, nil
}
