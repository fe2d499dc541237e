package scimcheck

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/scim-operator/scim-operator/internal/entrasim"
)

// Outcomes of a step.
const (
	Passed  = "passed"
	Failed  = "failed"
	Skipped = "skipped" // because a step that it needs has failed
)

// Report is what was found out about a SCIM server.
type Report struct {
	BaseAddress string   `json:"baseAddress"`
	Results     []Result `json:"results"`
}

// Result is what came of one step.
type Result struct {
	Name     string    `json:"name"`
	What     string    `json:"what"` // what Entra does in it
	Outcome  string    `json:"outcome"`
	Requests int       `json:"requests"` // that the provisioning engine made
	Problems []string  `json:"problems"`
	Refused  []Refusal `json:"refused"` // requests of the engine without a good answer
}

// Refusal is a request that was not answered as it should have been, for all that were answered alike.
type Refusal struct {
	Method  string `json:"method"`
	URL     string `json:"url"`
	Sent    string `json:"sent,omitempty"`
	Status  int    `json:"status"` // 0: there was no answer
	Answer  string `json:"answer,omitempty"`
	Failure string `json:"failure,omitempty"` // why there was no answer
	Times   int    `json:"times"`             // how many requests of this method were answered so
}

// refuse writes down a request, unless one that was answered alike stands there already.
func (r *Result) refuse(next Refusal) {
	if at := slices.IndexFunc(r.Refused, next.alike); at >= 0 {
		r.Refused[at].Times++
		return
	}
	r.Refused = append(r.Refused, next)
}

func (r Refusal) alike(other Refusal) bool {
	return r.Method == other.Method && r.Status == other.Status && r.Answer == other.Answer && r.Failure == other.Failure
}

func refusal(e entrasim.Exchange) Refusal {
	r := Refusal{Method: e.Method, URL: e.URL, Sent: shorten(e.Request), Status: e.Status, Answer: shorten(e.Answer), Times: 1}
	if e.Err != nil {
		r.Failure = e.Err.Error()
	}
	return r
}

// longest is how much of a body a report shows.
const longest = 1000

func shorten(text string) string {
	if text = strings.TrimSpace(text); len(text) <= longest {
		return text
	}
	text = text[:longest]
	for !utf8.ValidString(text) && len(text) > longest-utf8.UTFMax {
		text = text[:len(text)-1]
	}
	return text + " ..."
}

// Count is how many steps have an outcome.
func (r *Report) Count(outcome string) int {
	n := 0
	for _, result := range r.Results {
		if result.Outcome == outcome {
			n++
		}
	}
	return n
}

// Write prints the report for people.
func (r *Report) Write(w io.Writer) {
	for _, result := range r.Results {
		fmt.Fprintf(w, "%-7s  %s\n", result.Outcome, result.Name)
		for _, p := range result.Problems {
			fmt.Fprintf(w, "         %s\n", p)
		}
		for _, refused := range result.Refused {
			fmt.Fprintf(w, "         %s %s: %s\n", refused.Method, refused.URL, refused.outcome())
			if refused.Sent != "" {
				fmt.Fprintf(w, "           sent: %s\n", refused.Sent)
			}
			if refused.Answer != "" {
				fmt.Fprintf(w, "           answered: %s\n", refused.Answer)
			}
		}
	}
	fmt.Fprintf(w, "%d passed, %d failed, %d skipped\n", r.Count(Passed), r.Count(Failed), r.Count(Skipped))
}

func (r Refusal) outcome() string {
	text := r.Failure
	if r.Status != 0 {
		text = fmt.Sprint(r.Status)
	}
	if r.Times > 1 {
		text += fmt.Sprintf(", as %d more", r.Times-1)
	}
	return text
}

// WriteJSON prints the report as JSON.
func (r *Report) WriteJSON(w io.Writer) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(r); err != nil {
		return fmt.Errorf("writing JSON: %w", err)
	}
	return nil
}

// The elements of a JUnit report that continuous integration reads.
type (
	suite struct {
		XMLName  xml.Name `xml:"testsuite"`
		Name     string   `xml:"name,attr"`
		Tests    int      `xml:"tests,attr"`
		Failures int      `xml:"failures,attr"`
		Skipped  int      `xml:"skipped,attr"`
		Cases    []kase   `xml:"testcase"`
	}
	kase struct {
		Class   string   `xml:"classname,attr"`
		Name    string   `xml:"name,attr"`
		Failure *failure `xml:"failure"`
		Skipped *failure `xml:"skipped"`
	}
	failure struct {
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
)

// WriteJUnit prints the report as JUnit's XML.
func (r *Report) WriteJUnit(w io.Writer) error {
	s := suite{Name: "entra-sim test " + r.BaseAddress, Tests: len(r.Results), Failures: r.Count(Failed), Skipped: r.Count(Skipped)}
	for _, result := range r.Results {
		k := kase{Class: "entra-sim", Name: result.Name}
		var text strings.Builder
		(&Report{Results: []Result{result}}).Write(&text)
		switch result.Outcome {
		case Failed:
			k.Failure = &failure{Message: result.Problems[0], Text: text.String()}
		case Skipped:
			k.Skipped = &failure{Message: result.Problems[0]}
		}
		s.Cases = append(s.Cases, k)
	}
	encoder := xml.NewEncoder(w)
	encoder.Indent("", "  ")
	if err := encoder.Encode(s); err != nil {
		return fmt.Errorf("writing JUnit's XML: %w", err)
	}
	_, err := io.WriteString(w, "\n")
	return err
}
