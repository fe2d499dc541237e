# `make` alone prints what there is to do.
.SHELLFLAGS := -euc
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
ARCH ?= $(shell go env GOARCH)
TARGETS := manager scim-endpoint entra-sim

# One set of flags for building, testing and linting, so that one compile cache serves all three: the Graph SDK alone
# compiles for minutes. The control plane has its own, those of its module.
PRODUCT := CGO_ENABLED=0 GOFLAGS="-trimpath -buildvcs=false"
LDFLAGS := -s -w -X github.com/scim-operator/scim-operator/internal/version.version=$(VERSION)
# hack/controlplane prints the folder of etcd, kube-apiserver, kube-controller-manager and kubectl; the first time it builds them.
USE_CONTROLPLANE = KUBEBUILDER_ASSETS=$$(go -C hack/controlplane run .); export KUBEBUILDER_ASSETS

CONTROLLER_GEN := bin/tools/controller-gen
GOLANGCI_LINT := bin/tools/golangci-lint
# What `make generate` writes, all of it and nothing else.
GENERATED := config/crd/bases config/rbac/role.yaml config/rbac/scim_viewer_role.yaml config/rbac/scim_editor_role.yaml \
  ':(glob)api/**/zz_generated.*.go' docs/reference/expressions.md

##@ Start here

.PHONY: help
help: ## Print this list.
	@[ -t 1 ] && color=1 || color=; awk -v color="$$color" ' \
	  function paint(code, text) { return color ? "\033[" code "m" text "\033[0m" : text } \
	  BEGIN { FS = ":.*## "; print "\n" paint(1, "make <target>") } \
	  /^##@ / { print "\n" paint(1, substr($$0, 5)) } \
	  /^[a-z0-9-]+:.*## / { print "  " paint(36, sprintf("%-15s", $$1)) " " $$2 } \
	  END { print "" }' $(MAKEFILE_LIST)

.PHONY: demo
demo: ## One manifest, and people arrive: the whole of it on this machine, with Go only. ONCE=1: unattended.
	$(USE_CONTROLPLANE); $(PRODUCT) go run ./hack/lab $(if $(ONCE),--once)

##@ Prove it

.PHONY: test
test: ## Unit tests, and tests against a real API server, which is built the first time.
	go -C hack/controlplane test ./...
	$(USE_CONTROLPLANE); $(PRODUCT) go test -timeout 30m ./...

.PHONY: test-crash
test-crash: ## The operator killed after every call, in every way. `make test` has a sample; this takes a quarter of an hour.
	$(USE_CONTROLPLANE); CRASH_ALL=1 $(PRODUCT) go test -count 1 -timeout 3h ./test/crash

# The other reading of what the reference leaves open, all in one: the readings do not touch one another. -short: no reading
# changes what a kill leaves behind, so that a small sample of kills is enough.
SWITCHES := secrets-put=replace,on-demand-layout=documented,flow-types=tight,directory-name=MicrosoftEntraID

.PHONY: test-switches
test-switches: ## The operator's suite against the other reading of what Microsoft does not document. SWITCHES: another choice.
	$(USE_CONTROLPLANE); SIM_SWITCHES=$(SWITCHES) $(PRODUCT) go test -short -count 1 -timeout 30m ./test/integration ./test/crash

# The Graph SDK is left out: with the race detector on it compiles for very long, and its code is not ours. -short leaves out
# repetitions that no goroutine takes part in.
.PHONY: test-race
test-race: ## The same under the race detector, but for what links the Graph SDK. Needs a C compiler.
	@command -v "$$(go env CC)" >/dev/null || { echo "test-race: the race detector needs a C compiler, and there is no $$(go env CC)" >&2; exit 1; }
	$(USE_CONTROLPLANE); all=$$(go list -test -f '{{.ImportPath}} {{.Deps}}' ./...); \
	CGO_ENABLED=1 go test -race -short $$(echo "$$all" | grep -v microsoftgraph/msgraph-sdk-go | sed -n 's/^\([^ ]*\)\.test .*/\1/p')

.PHONY: mutation
mutation: ## Each operator of the expression evaluator changed, one at a time: a test has to notice. Takes some minutes; not in CI.
	$(PRODUCT) go run ./hack/mutate -equivalents internal/mapping/expr/testdata/equivalent-mutants.txt internal/mapping/expr

# Microsoft's collection is taken from where it lies; without one: it is in AzureAD/SCIMReferenceCode on GitHub.
POSTMAN_COLLECTION ?= ../shared/data/scim-postman-collection.json
NEWMAN := dist/conformance/newman/node_modules/.bin/newman
SCIM2_TESTER := dist/conformance/scim2tester
JAVASCRIPT := dist/conformance/javascript

.PHONY: conformance
conformance: $(NEWMAN) $(SCIM2_TESTER)/pyvenv.cfg $(JAVASCRIPT)/walk.mjs ## Independent SCIM suites against the endpoint, on both stores; the Azure SDK for JavaScript against the simulator. Needs Node.js and Python.
	@[ -r "$(POSTMAN_COLLECTION)" ] || { echo "conformance: there is no $(POSTMAN_COLLECTION): take Microsoft's Postman collection from" \
	  "github.com/AzureAD/SCIMReferenceCode and name it: make conformance POSTMAN_COLLECTION=..." >&2; exit 1; }
	POSTMAN_COLLECTION="$(abspath $(POSTMAN_COLLECTION))" NEWMAN="$(abspath $(NEWMAN))" SCIM2_TESTER_PYTHON="$(abspath $(SCIM2_TESTER)/bin/python)" \
	  JAVASCRIPT="$(abspath $(JAVASCRIPT))" \
	  $(PRODUCT) go test -tags conformance -count 1 -timeout 20m -v -run 'TestSuites|TestJavaScriptClient' ./test/conformance

# Terraform or OpenTofu: a name in PATH, or an absolute path. The provider azuread comes from the registry, or from where
# TF_CLI_CONFIG_FILE says.
TERRAFORM ?= terraform

.PHONY: conformance-terraform
conformance-terraform: ## Terraform with the provider azuread against the simulator. Takes three minutes; not in CI. TERRAFORM: another program.
	@command -v "$(TERRAFORM)" >/dev/null || { echo "conformance-terraform: there is no $(TERRAFORM): install Terraform, or name it:" \
	  "make conformance-terraform TERRAFORM=..." >&2; exit 1; }
	TERRAFORM="$(TERRAFORM)" $(PRODUCT) go test -tags conformance -count 1 -timeout 20m -v -run TestTerraform ./test/conformance

FUZZTIME ?= 1m
.PHONY: fuzz
fuzz: ## Every fuzz target for FUZZTIME, one after the other, and what they learned into testdata. FUZZTIME=8m is an hour.
	$(PRODUCT) hack/fuzz $(FUZZTIME)

# BENCH is handed to the measurement, such as BENCH='-users 1000000'. The flags are in test/perf/bench_test.go.
.PHONY: bench-endpoint
bench-endpoint: ## The endpoint's rates beside statements of pgbench, held to test/perf/ranges.yaml. Needs PostgreSQL.
	SCIM_REQUIRE_POSTGRES=1 $(PRODUCT) go test -tags bench -count 1 -timeout 60m -v ./test/perf -args $(BENCH)

.PHONY: bench-sim
bench-sim: ## The simulator's engine with 100,000 people against the real endpoint: memory, rate, cost of changes. Takes some minutes.
	$(PRODUCT) go test -tags bench -count 1 -timeout 60m -v -run TestSimulator ./test/perf/simulator -args $(BENCH)

.PHONY: vulncheck
vulncheck: ## Known vulnerabilities that our code reaches. GOVULNDB: another database than vuln.go.dev, such as file:///DIR.
	$(PRODUCT) go run golang.org/x/vuln/cmd/govulncheck@v1.9.0 $(if $(GOVULNDB),-db $(GOVULNDB)) ./...

# The server of the app on PostgreSQL is POSTGRES_IMAGE, by default the official image.
.PHONY: e2e
e2e: ## The demo's story on real pods, and a rollout under load, in KUBECONFIG. LOAD='kind load image-archive' loads images.
	@[ -n "$${KUBECONFIG:-}" ] || { echo "e2e: set KUBECONFIG to a cluster that the test may use as it likes" >&2; exit 1; }
	$(MAKE) image
	$(PRODUCT) GOOS=linux GOARCH=$(ARCH) go build -ldflags '$(LDFLAGS)' -o dist/$(ARCH)/load ./test/e2e/load
	$(PRODUCT) go run ./hack/image docker.io/scim-operator/e2e-load:dev dist/$(ARCH)/load dist/e2e-load.tar
	$(if $(LOAD),for target in $(TARGETS) e2e-load; do $(LOAD) "dist/$$target.tar"; done)
	$(USE_CONTROLPLANE); PATH="$$KUBEBUILDER_ASSETS:$$PATH" $(PRODUCT) go test -tags e2e -count 1 -timeout 40m -v ./test/e2e/...

##@ Change it

.PHONY: generate
generate: $(CONTROLLER_GEN) ## Write CRDs, Roles and deep copies from the Go types and their markers, and the reference of expressions.
	$(CONTROLLER_GEN) object paths=./api/...
	$(CONTROLLER_GEN) crd paths=./api/... output:crd:dir=config/crd/bases
	$(CONTROLLER_GEN) rbac:roleName=scim-operator-manager-role paths=./controllers/... output:rbac:dir=config/rbac
	$(PRODUCT) go run ./hack/userroles config/crd/bases config/rbac
	$(PRODUCT) go run ./hack/expressions docs/reference/expressions.md

.PHONY: lint
lint: $(GOLANGCI_LINT) ## Style, allowed imports, API conventions, the docs' map: what no reviewer should have to say.
	$(PRODUCT) $(GOLANGCI_LINT) run ./...
	$(PRODUCT) $(GOLANGCI_LINT) run --config .golangci-kal.yml ./api/...
	cd hack/controlplane && $(CURDIR)/$(GOLANGCI_LINT) run --config $(CURDIR)/.golangci.yml ./...
	$(PRODUCT) go run ./hack/check

.PHONY: check-generated
check-generated: ## Fail if `make generate` changes a file, and name it. Wants generated files committed first.
	@dirty=$$(git status --porcelain -- $(GENERATED)); [ -z "$$dirty" ] || { \
	  printf 'check-generated: these generated files are not committed, so nothing can be said about them:\n%s\n' "$$dirty" >&2; exit 1; }
	@$(MAKE) generate
	@dirty=$$(git status --porcelain -- $(GENERATED)); [ -z "$$dirty" ] || { git --no-pager diff -- $(GENERATED); \
	  printf 'check-generated: out of date, now rewritten; look at them and commit:\n%s\n' "$$dirty" >&2; exit 1; }

.PHONY: ready
ready: generate lint test ## Everything a pull request needs, but for `e2e`.
	@if command -v "$$(go env CC)" >/dev/null; then $(MAKE) test-race; else echo "ready: no C compiler here; CI runs test-race"; fi
	$(MAKE) demo ONCE=1

##@ Ship it

.PHONY: build
build: ## Static binaries for this machine, in bin/.
	$(PRODUCT) go build -ldflags '$(LDFLAGS)' -o bin/manager .
	$(PRODUCT) go build -ldflags '$(LDFLAGS)' -o bin/ ./cmd/scim-endpoint ./cmd/entra-sim ./cmd/kubectl-scim

.PHONY: image
image: ## Image archives dist/<target>.tar for linux and ARCH, with no container engine.
	$(PRODUCT) GOOS=linux GOARCH=$(ARCH) go build -ldflags '$(LDFLAGS)' -o dist/$(ARCH)/manager .
	$(PRODUCT) GOOS=linux GOARCH=$(ARCH) go build -ldflags '$(LDFLAGS)' -o dist/$(ARCH)/ ./cmd/scim-endpoint ./cmd/entra-sim
	for target in $(TARGETS); do $(PRODUCT) go run ./hack/image "docker.io/scim-operator/$$target:dev" "dist/$(ARCH)/$$target" "dist/$$target.tar"; done

$(NEWMAN): test/conformance/newman/package-lock.json
	@command -v npm >/dev/null || { echo "conformance: newman needs Node.js with npm (on Debian: apt-get install nodejs npm)" >&2; exit 1; }
	rm -rf dist/conformance/newman && mkdir -p dist/conformance/newman && cp test/conformance/newman/*.json dist/conformance/newman
	npm ci --prefix dist/conformance/newman --ignore-scripts --no-audit --no-fund
	@touch $@

$(JAVASCRIPT)/walk.mjs: test/conformance/javascript/package-lock.json test/conformance/javascript/walk.mjs
	@command -v npm >/dev/null || { echo "conformance: the Azure SDK for JavaScript needs Node.js with npm (on Debian: apt-get install nodejs npm)" >&2; exit 1; }
	rm -rf $(JAVASCRIPT) && mkdir -p $(JAVASCRIPT) && cp test/conformance/javascript/* $(JAVASCRIPT)
	npm ci --prefix $(JAVASCRIPT) --ignore-scripts --no-audit --no-fund
	@touch $@

$(SCIM2_TESTER)/pyvenv.cfg: test/conformance/scim2tester/requirements.txt
	@python3 -c 'import ensurepip' || { echo "conformance: scim2-tester needs Python 3 with venv (on Debian: apt-get install python3-venv)" >&2; exit 1; }
	rm -rf $(SCIM2_TESTER) && python3 -m venv $(SCIM2_TESTER)
	$(SCIM2_TESTER)/bin/python -m pip install --quiet --require-hashes -r $< || { rm -rf $(SCIM2_TESTER); exit 1; }
	@touch $@

.PHONY: clean
clean: ## Remove bin/ and dist/. Go's caches and the built control plane stay.
	rm -rf bin dist

# A tool is built anew when hack/tools pins another version. The linter takes some minutes, once.
$(CONTROLLER_GEN): PACKAGE := sigs.k8s.io/controller-tools/cmd/controller-gen
$(GOLANGCI_LINT): PACKAGE := sigs.k8s.io/kube-api-linter/cmd/golangci-lint-kube-api-linter
$(CONTROLLER_GEN) $(GOLANGCI_LINT): hack/tools/go.mod hack/tools/go.sum
	go -C hack/tools build -trimpath -o $(CURDIR)/$@ $(PACKAGE)
	@touch $@
