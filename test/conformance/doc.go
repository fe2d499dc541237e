// Package conformance holds a SCIM endpoint against what others expect of one.
//
// Owns: the scenarios of Microsoft's validator as a Go test that runs against any endpoint; with the build tag conformance
// also Microsoft's Postman collection and scim2-tester, against the real binary; and, against the simulator, a walk of the Azure
// SDK for JavaScript and a configuration of Terraform. Never does: testing what is ours alone; that is in the tests of
// internal/scim. Called by: go test, `make conformance` and, for Terraform, `make conformance-terraform`. Calls: scimkit,
// scimtest, entrasim.
//
// Any SCIM endpoint can be held against Microsoft's scenarios, ours or not; what they make they delete again:
//
//	go test ./test/conformance -v -count 1 -run TestMicrosoft -url https://scim.example.com/scim/v2 -token ...
package conformance
