package sqlquery

import (
	"encoding/json"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/scim-operator/scim-operator/internal/scim/schema"
)

// rawDoc finds where the attributes of a document begin and end, and decodes no more than it has to (store.Want.Raw).
func rawDoc(content []byte) (map[string]any, error) {
	doc, err := rawObject(string(content))
	if err != nil {
		return nil, err
	}
	for key, v := range doc {
		text, ok := v.(json.RawMessage)
		if !ok || !strings.Contains(key, ":") {
			continue
		}
		extension, err := rawObject(string(text))
		if err != nil {
			return nil, err
		}
		if manager, ok := extension["manager"].(json.RawMessage); ok && key == schema.EnterpriseUserURN {
			if extension["manager"], err = decodeValue(string(manager)); err != nil {
				return nil, err
			}
		}
		doc[key] = extension
	}
	return doc, nil
}

// rawObject decodes values with an escape, because there is more than one way to write them.
func rawObject(object string) (values map[string]any, err error) {
	values = make(map[string]any, 16)
	gjson.Parse(object).ForEach(func(key, value gjson.Result) bool {
		if strings.Contains(value.Raw, `\`) {
			values[key.Str], err = decodeValue(value.Raw)
			return err == nil
		}
		values[key.Str] = compact(value.Raw)
		return true
	})
	return values, err
}

// compact leaves out the space that PostgreSQL writes between the parts of a value, which has no escapes.
func compact(value string) json.RawMessage {
	out := make(json.RawMessage, 0, len(value))
	inText := false
	for i := range len(value) {
		c := value[i]
		if c == '"' {
			inText = !inText
		}
		if c != ' ' || inText {
			out = append(out, c)
		}
	}
	return out
}
