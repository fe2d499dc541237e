//go:build e2e

package e2e

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"strings"
)

// simulatorAdmin is where the simulator's admin API is forwarded to.
const simulatorAdmin = "127.0.0.1:18444"

// forward starts `kubectl port-forward` to a fixed local address and returns when it listens.
func (c *cluster) forward(ctx context.Context, namespace, target, local, remotePort string) (stop func()) {
	c.t.Helper()
	_, localPort, err := net.SplitHostPort(local)
	if err != nil {
		c.t.Fatal(err)
	}
	_, stop, err = startForward(ctx, namespace, target, localPort+":"+remotePort)
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(stop)
	return stop
}

// startForward gives the local address that kubectl says it listens on.
func startForward(ctx context.Context, namespace, target, ports string) (address string, stop func(), err error) {
	ctx, cancel := context.WithCancel(ctx)
	cmd := exec.CommandContext(ctx, "kubectl", "port-forward", "--namespace", namespace, target, ports)
	out, err := cmd.StdoutPipe()
	if err != nil {
		cancel()
		return "", nil, fmt.Errorf("forwarding to %s: %w", target, err)
	}
	var said strings.Builder
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		cancel()
		return "", nil, fmt.Errorf("forwarding to %s: %w", target, err)
	}
	stop = func() {
		cancel()
		_ = cmd.Wait()
	}
	line, err := bufio.NewReader(out).ReadString('\n') // Forwarding from 127.0.0.1:40001 -> 8080
	fields := strings.Fields(line)
	if err != nil || len(fields) < 3 {
		stop()
		return "", nil, fmt.Errorf("forwarding to %s: %s", target, said.String())
	}
	return fields[2], stop, nil
}

// network reaches the endpoint by its Service's name: a forward of its own for each connection, so that a pod that was
// replaced is reached again by the next one.
func (c *cluster) network() *http.Client {
	dial := func(ctx context.Context, _, address string) (net.Conn, error) {
		host, port, err := net.SplitHostPort(address)
		if err != nil {
			return nil, err
		}
		service, rest, _ := strings.Cut(host, ".")
		namespace, _, _ := strings.Cut(rest, ".")
		// The forward has to outlive the request that dialled.
		local, stop, err := startForward(context.WithoutCancel(ctx), namespace, "service/"+service, ":"+port)
		if err != nil {
			return nil, err
		}
		conn, err := (&net.Dialer{Timeout: patience}).DialContext(ctx, "tcp", local)
		if err != nil {
			stop()
			return nil, err
		}
		return &forwarded{Conn: conn, stop: stop}, nil
	}
	return &http.Client{Transport: &http.Transport{DialContext: dial}, Timeout: patience}
}

// forwarded ends the forward with the connection.
type forwarded struct {
	net.Conn
	stop func()
}

func (f *forwarded) Close() error {
	err := f.Conn.Close()
	f.stop()
	return err
}
