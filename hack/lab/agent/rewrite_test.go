package agent

import "testing"

func TestImageProgram(t *testing.T) {
	tests := map[string]string{
		"scim-operator/scim-endpoint:dev":                   "scim-endpoint",
		"docker.io/scim-operator/manager":                   "manager",
		"registry.example.com:5000/entra-sim:1.0":           "entra-sim",
		"ghcr.io/x/scim-endpoint:1@sha256:0123456789abcdef": "scim-endpoint",
	}
	for image, want := range tests {
		t.Run(image, func(t *testing.T) {
			if got := imageProgram(image); got != want {
				t.Errorf("imageProgram = %q, want %q", got, want)
			}
		})
	}
}

func TestRewrite(t *testing.T) {
	r := newRewriter([]mount{
		{container: "/data", host: "/lab/data"},
		{container: "/etc/scim", host: "/lab/etc"},
		{container: "/etc/scim/tokens", host: "/lab/tokens"},
	}, map[int32]string{8080: "127.0.0.1:40001", 8081: "127.0.0.1:40002"})
	tests := map[string]struct{ argument, want string }{
		"a declared port on all interfaces becomes a loopback address": {"--listen=:8080", "--listen=127.0.0.1:40001"},
		"so does one behind the IPv4 wildcard":                         {"--listen=0.0.0.0:8081", "--listen=127.0.0.1:40002"},
		"so does one behind the IPv6 wildcard":                         {"--listen=[::]:8081", "--listen=127.0.0.1:40002"},
		"a value in an argument of its own is rewritten too":           {":8080", "127.0.0.1:40001"},
		"a port that is not declared stays":                            {"--listen=:9090", "--listen=:9090"},
		"an address of one host stays":                                 {"--peer=db:8080", "--peer=db:8080"},
		"a path below a mount moves to the volume":                     {"--config=/data/x.yaml", "--config=/lab/data/x.yaml"},
		"the mount itself moves too":                                   {"--dir=/data", "--dir=/lab/data"},
		"the inner of two mounts wins":                                 {"--token-hashes=/etc/scim/tokens/hashes", "--token-hashes=/lab/tokens/hashes"},
		"the outer of two mounts still counts":                         {"--config=/etc/scim/config.yaml", "--config=/lab/etc/config.yaml"},
		"a path that only begins with the same letters stays":          {"--dir=/database", "--dir=/database"},
		"a URL without a host holds a path":                            {"--store=sqlite:///data/scim.db", "--store=sqlite:///lab/data/scim.db"},
		"a URL's query is kept":                                        {"--store=sqlite:///data/scim.db?mode=ro", "--store=sqlite:///lab/data/scim.db?mode=ro"},
		"a URL with a host is no path":                                 {"--public-url=http://wiki.docs.svc:8080/data", "--public-url=http://wiki.docs.svc:8080/data"},
		"a command stays":                                              {"serve", "serve"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := r.argument(test.argument); got != test.want {
				t.Errorf("argument(%q) = %q, want %q", test.argument, got, test.want)
			}
		})
	}
}
