// Package dialect owns every choice in which Microsoft Entra's habits and the letter of the RFCs differ.
// It never looks at a request; it is data that the other packages consult.
// Called by resource, filter, patch and server.
// Calls nothing of this project.
package dialect
