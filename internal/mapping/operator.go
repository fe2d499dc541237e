package mapping

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
