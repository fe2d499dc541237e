// Command lab owns `make demo`: the whole product on one machine that has Go only, with a control plane, a node of plain processes and a
// simulated Entra tenant. It never holds product logic, and nothing of the product knows that it runs here.
// It is called by make and by hand: go run ./hack/lab, in the root of a checkout.
// It calls hack/lab/{cluster,agent,proxy,process} for the machine, kubectl and the product's binaries for the work, and test/story for what to tell.
package main
