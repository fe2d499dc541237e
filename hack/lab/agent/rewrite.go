package agent

import (
	"path"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
)

// imageProgram is the last part of an image's name, without tag and digest: docker.io/scim-operator/manager:dev is manager.
func imageProgram(image string) string {
	image, _, _ = strings.Cut(image, "@")
	name, _, _ := strings.Cut(path.Base(image), ":")
	return name
}

// A rewriter changes what a container is told so that it is true without a mount and a network namespace: paths below a mount become paths of
// the volume's directory, and a listening address with a declared port becomes a loopback address with a free one.
type rewriter struct {
	mounts []mount
	ports  map[int32]string // declared container port → host:port
}

// A mount is where a volume is for the container, and where it is really.
type mount struct {
	container, host string
}

func newRewriter(mounts []mount, ports map[int32]string) rewriter {
	sorted := append([]mount(nil), mounts...)
	// A mount inside another one must win.
	sort.SliceStable(sorted, func(i, j int) bool { return len(sorted[i].container) > len(sorted[j].container) })
	return rewriter{mounts: sorted, ports: ports}
}

// argument rewrites one argument: `--flag=value` or a value alone.
func (r rewriter) argument(argument string) string {
	if flag, value, ok := strings.Cut(argument, "="); ok && strings.HasPrefix(flag, "-") {
		return flag + "=" + r.value(value)
	}
	return r.value(argument)
}

// value rewrites a listening address, an absolute path, or a URL whose path is absolute and that has no host (sqlite:///data/scim.db).
func (r rewriter) value(value string) string {
	if address, ok := r.listenAddress(value); ok {
		return address
	}
	scheme, rest, isURL := strings.Cut(value, "://")
	if !isURL {
		return r.path(value)
	}
	return scheme + "://" + r.path(rest)
}

// listenAddress recognises an address of all interfaces with a declared port. Loopback is as it should be, and another host is no address
// to listen on.
func (r rewriter) listenAddress(value string) (string, bool) {
	for _, all := range []string{"", "0.0.0.0", "[::]"} {
		digits, ok := strings.CutPrefix(value, all+":")
		if !ok {
			continue
		}
		port, err := strconv.ParseInt(digits, 10, 32)
		if err != nil {
			continue
		}
		address, ok := r.ports[int32(port)]
		return address, ok
	}
	return "", false
}

func (r rewriter) path(value string) string {
	for _, m := range r.mounts {
		rest, ok := strings.CutPrefix(value, m.container)
		if ok && (rest == "" || strings.ContainsAny(rest[:1], "/?")) {
			return filepath.ToSlash(m.host) + rest
		}
	}
	return value
}
