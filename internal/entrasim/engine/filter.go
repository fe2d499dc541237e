package engine

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// FilterEquals is the filter by which the engine looks for a value, before it is encoded for a URL. RFC 7644 takes values in
// the notation of JSON, of which quotation mark, backslash and control characters are all that has to be escaped: ampersand,
// less-than and greater-than stay as they are, since many a server does not read \u0026. The documentation says that the
// service does not support special characters in matching values, without saying which; servers report those of names as
// people have them, so all are sent: unconfirmed(matching-characters).
func FilterEquals(attribute, value string) (string, error) {
	var literal bytes.Buffer
	encoder := json.NewEncoder(&literal)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return "", fmt.Errorf("quoting the filter value: %w", err)
	}
	return attribute + " eq " + strings.TrimSuffix(literal.String(), "\n"), nil
}
