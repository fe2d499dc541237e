// Package syncschema owns the synchronization schema of a job: the default one, its typed view, and the checks of a PUT.
// It never talks HTTP and never evaluates a mapping; a schema is kept as raw JSON so that unknown members survive.
// It is called by internal/entrasim/tenant, by graphapi and by the engine.
// It calls the expression language in internal/mapping/expr.
package syncschema
