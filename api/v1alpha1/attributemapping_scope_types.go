package v1alpha1

// ScopeGroup is a set of clauses of which all have to hold.
type ScopeGroup struct {
	// name of the group, for people. A changed name alone changes nothing in Entra.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=100
	Name string `json:"name,omitempty"`

	// clauses of which all have to hold.
	// +required
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=20
	Clauses []ScopeClause `json:"clauses,omitempty"`
}

// ScopeClause is a condition on one source attribute. On an attribute without a value it does not hold, but for IsNull.
//
// +kubebuilder:validation:XValidation:rule="(self.operator in ['IsNull', 'IsNotNull', 'IsTrue', 'IsFalse']) != has(self.values)",message="IsNull, IsNotNull, IsTrue and IsFalse take no values, and every other operator takes one: add or remove values"
// +kubebuilder:validation:XValidation:rule="!(self.attribute in ['appRoleAssignments', 'manager', 'members', 'memberOf', 'userType'])",message="Entra cannot scope by appRoleAssignments, manager, members, memberOf or userType: use another attribute, or assignments"
type ScopeClause struct {
	// attribute is the source attribute, in the provisioning service's names, which are case-sensitive.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=256
	// +kubebuilder:validation:Pattern=`^[^\[\]"]+$`
	Attribute string `json:"attribute,omitempty"`

	// operator compares it. Texts are compared with regard to case. Includes, EndsWith, GreaterThan, GreaterThanOrEquals,
	// BitAnd and NotBitAnd work where Entra offers them.
	// +required
	Operator ScopeOperator `json:"operator,omitempty"`

	// values to compare with: one, or none for IsNull, IsNotNull, IsTrue and IsFalse. Quote numbers.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=1
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=1024
	Values []string `json:"values,omitempty"`
}

// ScopeOperator is a comparison that Entra offers in a scope.
// +kubebuilder:validation:Enum=Equals;NotEquals;RegexMatch;NotRegexMatch;IsNull;IsNotNull;IsTrue;IsFalse;Includes;EndsWith;GreaterThan;GreaterThanOrEquals;BitAnd;NotBitAnd
type ScopeOperator string
