# The images of `make image`, for who has a container engine: docker build --target manager -t scim-operator/manager:dev .
# Targets: manager, scim-endpoint, entra-sim. hack/image packs the same without an engine; change both.

# Any image with Go and a shell will do. CI, which reaches no registry, makes its own (.ci/dockerfile).
ARG GO_IMAGE=docker.io/library/golang:1.26

FROM --platform=$BUILDPLATFORM ${GO_IMAGE} AS source
ARG TARGETOS
ARG TARGETARCH
ARG VERSION=dev
ENV CGO_ENABLED=0 GOTOOLCHAIN=local GOOS=$TARGETOS GOARCH=$TARGETARCH GOFLAGS="-trimpath -buildvcs=false" \
    LDFLAGS="-s -w -X github.com/scim-operator/scim-operator/internal/version.version=$VERSION"
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN mkdir -p /image/tmp && chmod 1777 /image/tmp

FROM source AS build-manager
RUN go build -ldflags "$LDFLAGS" -o /image/manager .

FROM source AS build-scim-endpoint
RUN go build -ldflags "$LDFLAGS" -o /image/scim-endpoint ./cmd/scim-endpoint

FROM source AS build-entra-sim
RUN go build -ldflags "$LDFLAGS" -o /image/entra-sim ./cmd/entra-sim

FROM scratch AS manager
COPY --from=build-manager /image/ /
USER 65532:65532
ENTRYPOINT ["/manager"]

FROM scratch AS scim-endpoint
COPY --from=build-scim-endpoint /image/ /
USER 65532:65532
ENTRYPOINT ["/scim-endpoint"]

FROM scratch AS entra-sim
COPY --from=build-entra-sim /image/ /
USER 65532:65532
ENTRYPOINT ["/entra-sim"]
