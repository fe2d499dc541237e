package expr

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
	"unicode/utf8"
)

// maxPattern bounds how many instructions a regular expression may need, and so the time to compile it.
const maxPattern = 10_000

// pattern is a regular expression of .NET that means the same to Go's engine, whose time is bounded.
type pattern struct {
	text     string // as it is written
	compiled *regexp.Regexp
	after    *regexp.Regexp // the same, right after one character
	size     int            // in instructions, about
	end      bool           // it has $, which .NET also matches before a line break at the very end
	boundary bool           // it has \b or \B, which .NET decides by all letters and Go by those of ASCII
}

// compilePattern reads a regular expression of .NET; the fault says why it cannot be evaluated here. Nothing is guessed: what Go's engine
// does not have or takes in another meaning is refused.
func compilePattern(text string) (compiled *pattern, fault string) {
	t := translator{rest: text, compiled: &pattern{text: text}}
	translated, fault := t.translate()
	if fault != "" {
		return nil, fmt.Sprintf("the pattern %s has %s, which is not evaluated here", quote(text), fault)
	}
	if name := t.twice(); name != "" {
		return nil, fmt.Sprintf("the pattern %s has two groups named %s, which is not evaluated here", quote(text), name)
	}
	tree, err := syntax.Parse(translated, syntax.Perl)
	if err != nil {
		return nil, fmt.Sprintf("the pattern %s cannot be read here: %s", quote(text), problem(err))
	}
	compiled = t.compiled
	if compiled.size = instructions(tree); compiled.size > maxPattern {
		return nil, fmt.Sprintf("the pattern %s is too costly: its repetitions multiply to %d steps, more than %d", quote(text), compiled.size, maxPattern)
	}
	if compiled.compiled, err = regexp.Compile(translated); err == nil {
		compiled.after, err = regexp.Compile(`\A(?s:.)(?:` + translated + `)`)
	}
	if err != nil {
		return nil, fmt.Sprintf("the pattern %s cannot be read here: %s", quote(text), problem(err))
	}
	return compiled, ""
}

// problem is what Go's engine says against a pattern, without the pattern, which is a translation.
func problem(err error) string {
	if wrong := (*syntax.Error)(nil); errors.As(err, &wrong) {
		return fmt.Sprintf("%s: %s", wrong.Code, quote(wrong.Expr))
	}
	return err.Error()
}

// instructions estimates how long the compiled program is, before anything of that size is built.
func instructions(tree *syntax.Regexp) int {
	size := 1
	if tree.Op == syntax.OpLiteral {
		size = len(tree.Rune)
	}
	for _, sub := range tree.Sub {
		size += instructions(sub)
	}
	if tree.Op == syntax.OpRepeat {
		size *= max(tree.Min, tree.Max, 1)
	}
	return size
}

// cost bounds the work of finding all matches in the text: each one may look at all that follows, with all instructions. No text that
// the language makes is longer than maxResult.
func (p *pattern) cost(text string) int {
	const compiling = 100 // for each instruction
	if len(text) > maxResult {
		return maxWork + 1
	}
	return p.size * (compiling + (len(text)+1)*(len(text)+1))
}

// faultOn says why the pattern might find something else in this text than .NET does; mostly empty.
func (p *pattern) faultOn(text string) string {
	switch {
	case p.end && strings.HasSuffix(text, "\n"):
		return fmt.Sprintf("the pattern %s has $, which is not evaluated here on a text that ends with a line break", quote(p.text))
	case p.boundary && !isASCII(text):
		return fmt.Sprintf("the pattern %s has \\b, which is not evaluated here on a text with letters beyond ASCII", quote(p.text))
	default:
		return ""
	}
}

func isASCII(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r >= utf8.RuneSelf })
}

// matches finds all matches, as indices of all groups. Right after a match .NET also takes an empty one, which Go leaves out.
func (p *pattern) matches(text string) [][]int {
	var all [][]int
	found := p.compiled.FindAllStringSubmatchIndex(text, -1)
	for i, match := range found {
		all = append(all, match)
		end := match[1]
		if match[0] == end || i+1 < len(found) && found[i+1][0] == end {
			continue
		}
		if empty := p.emptyAt(text, end); empty != nil {
			all = append(all, empty)
		}
	}
	return all
}

// emptyAt is the empty match that starts at the index, where there is one. A longer one there would have been found before.
func (p *pattern) emptyAt(text string, index int) []int {
	_, width := utf8.DecodeLastRuneInString(text[:index])
	start := index - width
	match := p.after.FindStringSubmatchIndex(text[start:])
	if match == nil {
		return nil
	}
	for i := range match {
		if match[i] != -1 { // the group took part
			match[i] += start
		}
	}
	match[0] = index
	return match
}
