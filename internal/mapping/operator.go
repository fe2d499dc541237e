package mapping

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// Operator compares in a scope clause.
type Operator string

// The operators.
const (
	OperatorEquals              Operator = "Equals"
	OperatorNotEquals           Operator = "NotEquals"
	OperatorRegexMatch          Operator = "RegexMatch"
	OperatorNotRegexMatch       Operator = "NotRegexMatch"
	OperatorIsNull              Operator = "IsNull"
	OperatorIsNotNull           Operator = "IsNotNull"
	OperatorIsTrue              Operator = "IsTrue"
	OperatorIsFalse             Operator = "IsFalse"
	OperatorIncludes            Operator = "Includes"
	OperatorEndsWith            Operator = "EndsWith"
	OperatorGreaterThan         Operator = "GreaterThan"
	OperatorGreaterThanOrEquals Operator = "GreaterThanOrEquals"
	OperatorBitAnd              Operator = "BitAnd"
	OperatorNotBitAnd           Operator = "NotBitAnd"
)

// FilterOperator is Graph's filterOperatorSchema: an operator that the provisioning service offers.
type FilterOperator struct {
	// Name is the operatorName of a clause.
	Name string `json:"name"`
	// Arity is Unary or Binary.
	Arity string `json:"arity"`
	// SupportedAttributeTypes are the types of the attributes that it compares.
	SupportedAttributeTypes []string `json:"supportedAttributeTypes"`
}

const (
	unary  = "Unary"
	binary = "Binary"
)

var (
	ordered     = []string{"Integer", "String"}
	numbers     = []string{"Integer"}
	booleans    = []string{"Boolean"}
	mayBeAbsent = []string{"Integer", "String", "Binary", "Boolean"}
)

// operators are what Microsoft says of each operator. Of those that are not published only a portal's name is known, whose spelling in
// Graph may differ.
var operators = []struct {
	operator  Operator
	schema    FilterOperator
	published bool
}{
	{OperatorEquals, FilterOperator{"EQUALS", binary, ordered}, true},
	{OperatorNotEquals, FilterOperator{"NOT EQUALS", binary, ordered}, true},
	{OperatorRegexMatch, FilterOperator{"REGEX MATCH", binary, ordered}, true},
	{OperatorNotRegexMatch, FilterOperator{"NOT REGEX MATCH", binary, ordered}, true},
	{OperatorIsNull, FilterOperator{"IS NULL", unary, mayBeAbsent}, true},
	{OperatorIsNotNull, FilterOperator{"IS NOT NULL", unary, mayBeAbsent}, true},
	{OperatorIsTrue, FilterOperator{"IS TRUE", unary, booleans}, true},
	{OperatorIsFalse, FilterOperator{"IS FALSE", unary, booleans}, true},
	{OperatorIncludes, FilterOperator{"Includes", binary, []string{"String"}}, false},
	{OperatorEndsWith, FilterOperator{"ENDS_WITH", binary, []string{"String"}}, false},
	{OperatorGreaterThan, FilterOperator{"Greater_Than", binary, numbers}, false},
	{OperatorGreaterThanOrEquals, FilterOperator{"Greater_Than_OR_EQUALS", binary, numbers}, false},
	{OperatorBitAnd, FilterOperator{"&", binary, numbers}, false},
	{OperatorNotBitAnd, FilterOperator{"!&", binary, numbers}, false},
}

// DocumentedOperators are all operators that Microsoft's documents name, for who cannot ask Graph. Nothing that is written to Graph may
// come of them: the spelling of some is a guess.
func DocumentedOperators() []FilterOperator {
	var all []FilterOperator
	for _, known := range operators {
		all = append(all, known.schema)
	}
	return all
}

// ParseFilterOperators reads Graph's answer to filterOperators.
func ParseFilterOperators(answer []byte) ([]FilterOperator, error) {
	var page struct {
		Value []FilterOperator `json:"value"`
	}
	if err := json.Unmarshal(answer, &page); err != nil {
		return nil, fmt.Errorf("reading the filter operators: %w", err)
	}
	if page.Value == nil {
		page.Value = []FilterOperator{} // asked, and nothing was listed
	}
	return page.Value, nil
}

// NeedsOperators says whether any scope is declared, so that Graph has to be asked which operators it offers.
func (d Desired) NeedsOperators() bool {
	return slices.ContainsFunc(d.Mappings, func(m Mapping) bool { return len(m.Scope) > 0 })
}

// operatorOf is the operator that a clause of a schema names, in whatever spelling; false when it is none that can be declared.
func operatorOf(name string) (Operator, bool) {
	for _, known := range operators {
		if spelling(known.schema.Name) == spelling(name) || spelling(string(known.operator)) == spelling(name) {
			return known.operator, true
		}
	}
	return "", false
}

// spelling is what counts in the name of an operator: its letters without their case, or its signs where it has no letters.
func spelling(name string) string {
	letters := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, name)
	if letters == "" {
		return strings.TrimSpace(name)
	}
	return letters
}

// takesValue says whether clauses with the operator have a value to compare with; false as well for an unknown operator.
func (o Operator) takesValue() (takes, known bool) {
	for _, candidate := range operators {
		if candidate.operator == o {
			return candidate.schema.Arity == binary, true
		}
	}
	return false, false
}

// resolve finds how the service names the operator, among those that it listed. Where it was not asked, only published names are taken.
func (o Operator) resolve(listed []FilterOperator) (FilterOperator, bool) {
	for _, offered := range listed {
		if operator, ok := operatorOf(offered.Name); ok && operator == o {
			return offered, true
		}
	}
	if listed == nil {
		for _, known := range operators {
			if known.operator == o && known.published {
				return known.schema, true
			}
		}
	}
	return FilterOperator{}, false
}

// operatorNames lists operators in the spelling of a manifest, and those that cannot be declared in their own.
func operatorNames(listed []FilterOperator) string {
	if listed == nil {
		listed = DocumentedOperators()[:8]
	}
	var names []string
	for _, offered := range listed {
		name := offered.Name
		if operator, ok := operatorOf(name); ok {
			name = string(operator)
		}
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}
