package mapping

// Sources are the source attributes that a reads, each once. An expression with a syntax error has none: Validate finds it.
func Sources(a Attribute) []string {
	node, err := a.node()
	if err != nil || node == nil {
		return nil
	}
	return node.Attributes()
}
