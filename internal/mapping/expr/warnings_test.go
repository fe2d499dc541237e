package expr

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEachTrapIsFoundInItsExample(t *testing.T) {
	for _, trap := range Traps() {
		found := Warnings(mustParse(t, trap.Example))
		if len(found) == 0 || !hasTrap(found, trap.Name) {
			t.Errorf("%s: %+v", trap.Example, found)
		}
		for _, warning := range found {
			if warning.Message == "" || warning.Remedy == "" || warning.Line != 1 || warning.Column < 1 {
				t.Errorf("%s: %+v", trap.Example, warning)
			}
		}
	}
}

func hasTrap(found []Warning, name string) bool {
	for _, warning := range found {
		if warning.Trap == name {
			return true
		}
	}
	return false
}

func TestWarnings(t *testing.T) {
	const onUpdate = "Switch can give null, and the target is cleared, when a person changes in another mapped attribute but not in "
	const asked = " is empty: with a null or empty attribute the check fails, whatever the condition is"
	tests := map[string]struct {
		text string
		want []Warning
	}{
		"nothing":                            {`Coalesce([mail], "")`, nil},
		"Switch on the verdict alone":        {`Switch([IsSoftDeleted], , "False", "True", "True", "False")`, nil},
		"Switch on a constant":               {`Switch("a", , "a", "b")`, nil},
		"IIF on a value":                     {`IIF([a] = "x", "b", "c")`, nil},
		"IIF with an empty result":           {`IIF([a] = "x", "", "c")`, nil},
		"IIF on a constant":                  {`IIF("" = "a", "b", IsNull([a]))`, nil},
		"presence of a constant":             {`IIF(IsNull("x"), "b", "c")`, nil},
		"presence outside of IIF":            {`IsPresent([a])`, nil},
		"a reference mapped directly":        {`[manager]`, nil},
		"a pattern that is evaluated":        {`Replace([a], , "x", , "y", , )`, nil},
		"a pattern that is no constant":      {`Replace([a], , [b], , "y", , )`, nil},
		"Replace without a pattern":          {`Replace([a], "x", , , "y", , )`, nil},
		"a pattern that is an attribute":     {`Replace([a], , [(], , "y", , )`, nil},
		"a text that looks like a pattern":   {`Join("a", "b", "(?=x)")`, nil},
		"a text that looks like a reference": {`Append([a], "manager")`, nil},
		"Switch on a value": {`Switch([a], , "1", "one", "2", "two")`, []Warning{
			{1, 1, TrapSwitch, onUpdate + "[a]", `nest IIF instead: IIF([a] = "1", "one", ...)`}}},
		"Switch on the verdict and a value": {`Switch(Join("", [IsSoftDeleted], [b]), , "1", "one")`, []Warning{
			{1, 1, TrapSwitch, onUpdate + "[IsSoftDeleted]", `nest IIF instead: IIF(Join("", [IsSoftDeleted], [b]) = "1", "one", ...)`}}},
		"Switch for an empty value": {"Append(\n Switch([a], [a], \"\", \"Other\"), \"x\")", []Warning{
			{2, 2, TrapSwitch, onUpdate + "[a]", `write Coalesce([a], "Other")`}}},
		"Switch for an empty value with another one else": {`Switch([a], [b], "", "Other")`, []Warning{
			{1, 1, TrapSwitch, onUpdate + "[a]", `nest IIF instead: IIF([a] = "", "Other", ...)`}}},
		"Switch for an empty value among others": {`Switch([a], [a], "", "Other", "b", "c")`, []Warning{
			{1, 1, TrapSwitch, onUpdate + "[a]", `nest IIF instead: IIF([a] = "", "Other", ...)`}}},
		"Switch on presence": {`Switch(IsNullOrEmpty([a]), , "True", "one")`, []Warning{
			{1, 1, TrapSwitch, onUpdate + "[a]", `nest IIF instead: IIF(IsNullOrEmpty([a]) = "True", "one", ...)`},
			{1, 1, TrapSwitchPresence, "Switch does not work on IsNullOrEmpty", `give Switch the value itself, and the key "" for one that is null or empty`}}},
		"IIF on the empty text": {`IIF([a] = "", "Other", [a])`, []Warning{
			{1, 1, TrapIIF, "IIF cannot ask whether [a]" + asked, `write Switch([a], [a], "", "...") or Coalesce([a], "...")`}}},
		"IIF on the empty text to the left": {`IIF("" <> [a], "Other", [a])`, []Warning{
			{1, 1, TrapIIF, "IIF cannot ask whether [a]" + asked, `write Switch([a], [a], "", "...") or Coalesce([a], "...")`}}},
		"IIF on presence, deep inside": {`IIF(Not(CBool(IsPresent([a]))), "Other", [a])`, []Warning{
			{1, 1, TrapIIF, "IIF cannot ask whether [a]" + asked, `write Switch([a], [a], "", "...") or Coalesce([a], "...")`}}},
		"IIF on two presences names the first": {`IIF(IsPresent([a]) = IsNull([b]), "x", "y")`, []Warning{
			{1, 1, TrapIIF, "IIF cannot ask whether [a]" + asked, `write Switch([a], [a], "", "...") or Coalesce([a], "...")`}}},
		"members in a function": {`Join(",", "x", [members])`, []Warning{
			{1, 1, TrapReference, "[members] refers to other people or groups, which Entra resolves only in a direct mapping", "map the attribute directly"}}},
		"an undocumented function inside": {`ToLower(DefaultDomain())`, []Warning{
			{1, 9, TrapUndocumented, "Microsoft lists DefaultDomain without a description, so that its results are an assumption", "use a documented function"}}},
		"a pattern that is not evaluated": {`Replace([a], , "(?=x)", , "y", , )`, []Warning{
			{1, 1, TrapPattern, `the pattern "(?=x)" has look-around, which is not evaluated here`, "Entra may take it: try it there on one person with provision on demand"}}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, Warnings(mustParse(t, test.text))); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
