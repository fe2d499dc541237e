package sqlite

// WhereClause lets the test of query plans see the SQL that is run.
var WhereClause = whereClause
