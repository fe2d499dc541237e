// Package odata owns the subset of OData that Graph clients use on collections: $filter, $select, $top and paging.
// It never knows what the objects are; it works on JSON members.
// It is called by graphapi.
// It calls nothing.
package odata
