package graph

import (
	"regexp"
	"strings"

	"github.com/scim-operator/scim-operator/internal/entra"
)

// The parts of the text in which Entra repeats what the SCIM endpoint answered:
// "... Resource: URL Operation: GET Response Status Code: Unauthorized Response
// Headers: ... Response Content: ...". The form is not documented, so each part may
// be missing.
var (
	resourcePart = regexp.MustCompile(`Resource:\s+(https?://\S+)`)
	methodPart   = regexp.MustCompile(`Operation:\s+([A-Z]+)`)
	statusPart   = regexp.MustCompile(`Response Status Code:\s+([A-Za-z0-9]+)`)
	contentPart  = regexp.MustCompile(`(?s)Response Content:\s*(.*)$`)
	headersPart  = regexp.MustCompile(`(?s)Response Headers:.*?(Response Content:|$)`)
)

// contentLimit is how much of the endpoint's own answer a message repeats.
const contentLimit = 200

// embeddedAnswer rewrites a message that repeats the endpoint's answer into one
// sentence. The headers are left out: they are long and may carry cookies. Texts of
// another form stay as they are.
func embeddedAnswer(message string) string {
	status := statusPart.FindStringSubmatch(message)
	if status == nil {
		return headersPart.ReplaceAllString(message, "$1")
	}
	var b strings.Builder
	b.WriteString("Entra called the SCIM endpoint")
	resource, method := resourcePart.FindStringSubmatch(message), methodPart.FindStringSubmatch(message)
	if resource != nil && method != nil {
		b.WriteString(" (" + method[1] + " " + resource[1] + ")")
	}
	b.WriteString(" and it answered " + status[1])
	if content := contentPart.FindStringSubmatch(message); content != nil && strings.TrimSpace(content[1]) != "" {
		text := strings.TrimSpace(content[1])
		if len(text) > contentLimit {
			text = strings.ToValidUTF8(text[:contentLimit], "") + "..."
		}
		b.WriteString(": " + text)
	}
	return b.String()
}

// conceal removes the values that op must not repeat from everything that is shown.
func conceal(op operation, e *entra.Error) {
	for _, secret := range op.hide {
		if secret == "" {
			continue
		}
		e.Message = strings.ReplaceAll(e.Message, secret, "[hidden]")
		e.Code = strings.ReplaceAll(e.Code, secret, "[hidden]")
	}
}
