package cli_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/scim-operator/scim-operator/internal/cli"
)

var guideBlock = regexp.MustCompile("(?ms)^```(\\w+)\n(.*?)^```$")

// TestTheGuideShowsWhatThePluginPrints runs the offline commands of the guide on its manifests and its person. A line of dots in the
// guide stands for any lines.
func TestTheGuideShowsWhatThePluginPrints(t *testing.T) {
	guide, err := os.ReadFile(filepath.Join("..", "..", "docs", "guides", "mappings.md"))
	if err != nil {
		t.Fatal(err)
	}
	blocks := map[string][]string{}
	for _, match := range guideBlock.FindAllStringSubmatch(string(guide), -1) {
		blocks[match[1]] = append(blocks[match[1]], match[2])
	}
	exported := blocks["yaml"][0]
	changed := strings.NewReplacer("      - Engineering", "      - Support", `Join(", ", [surname], [givenName])`, `Join(" ", [givenName], ToUpper([surname]))`).Replace(exported)
	files := map[string]string{ // what wiki.yaml is when the command is run the first, second, third time
		"lint 1": exported, "lint 2": strings.Replace(changed, "ToUpper", "ToUper", 1), "eval 1": changed,
	}
	t.Chdir(t.TempDir())
	write(t, "ingrid.json", blocks["json"][0])
	runs := map[string]int{}
	for _, block := range blocks["console"] {
		for _, shown := range strings.Split(block, "$ kubectl scim ")[1:] {
			line, want, _ := strings.Cut(shown, "\n")
			arguments := strings.Fields(line)
			runs[arguments[0]]++
			content, offline := files[arguments[0]+" "+string(rune('0'+runs[arguments[0]]))]
			if !offline {
				continue // plan asks Entra
			}
			write(t, "wiki.yaml", content)
			var out bytes.Buffer
			command := cli.NewCommand(cli.Options{IOStreams: genericiooptions.IOStreams{In: strings.NewReader(""), Out: &out, ErrOut: &out}})
			command.SetArgs(arguments)
			cli.Run(t.Context(), command, &out)
			for part := range strings.SplitSeq(want, "...\n") {
				if !strings.Contains(out.String(), part) {
					t.Errorf("%s\nthe guide says\n%s\nand the plugin\n%s", line, part, out.String())
				}
			}
		}
	}
	if runs["lint"] != 2 || runs["eval"] != 1 {
		t.Errorf("the guide runs %v", runs)
	}
}

func write(t *testing.T, name, content string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
