package docs_test

import (
	"regexp"
	"strings"
)

// page is what the tests need of a Markdown file.
type page struct {
	text     string
	sections []section
	blocks   []block
}

// section is a heading of level 2 and what stands below it.
type section struct {
	title string
	// entries are the code spans in the headings of level 3 and in the first cells of tables.
	entries []string
}

// block is a fenced code block.
type block struct {
	line     int // of the opening fence
	language string
	content  string
}

var codeSpan = regexp.MustCompile("`([^`]+)`")

func parsePage(text string) page {
	p := page{text: text}
	var open *block
	for i, line := range strings.Split(text, "\n") {
		switch language, fence := strings.CutPrefix(line, "```"); {
		case open != nil && fence:
			p.blocks = append(p.blocks, *open)
			open = nil
		case open != nil:
			open.content += line + "\n"
		case fence:
			open = &block{line: i + 1, language: strings.TrimSpace(language)}
		default:
			p.readLine(line)
		}
	}
	return p
}

func (p *page) readLine(line string) {
	if title, ok := strings.CutPrefix(line, "## "); ok {
		p.sections = append(p.sections, section{title: title})
		return
	}
	if len(p.sections) == 0 {
		return
	}
	place := ""
	if strings.HasPrefix(line, "### ") {
		place = line
	} else if cells := strings.Split(line, "|"); strings.HasPrefix(line, "|") && len(cells) > 2 {
		place = cells[1]
	}
	last := &p.sections[len(p.sections)-1]
	for _, span := range codeSpan.FindAllStringSubmatch(place, -1) {
		last.entries = append(last.entries, span[1])
	}
}

// entries gives the entries of all sections whose title begins so, each with true.
func (p page) entries(titlePrefix string) map[string]bool {
	found := map[string]bool{}
	for _, s := range p.sections {
		if strings.HasPrefix(s.title, titlePrefix) {
			for _, entry := range s.entries {
				found[entry] = true
			}
		}
	}
	return found
}
