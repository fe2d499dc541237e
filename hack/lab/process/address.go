package process

import (
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
)

// Ports come from below those that a system gives to who asks for any, 32768 and higher: one of those may become an
// outgoing connection's before the child listens, or while it is restarted.
const (
	lowestPort = 10_000
	portCount  = 20_000
	// attempts are many: most ports are free.
	attempts = 1_000
)

// FreeAddresses returns loopback addresses, host:port, that nothing listens on: for children that are told where to listen. All are held until
// the last is found, so that they differ.
func FreeAddresses(count int) (addresses []string, err error) {
	listeners := make([]net.Listener, 0, count)
	defer func() {
		for _, listener := range listeners {
			_ = listener.Close()
		}
	}()
	for range count {
		listener, err := listenAnywhere()
		if err != nil {
			return nil, fmt.Errorf("finding a free port: %w", err)
		}
		listeners = append(listeners, listener)
		addresses = append(addresses, listener.Addr().String())
	}
	return addresses, nil
}

func listenAnywhere() (listener net.Listener, err error) {
	for range attempts {
		port := strconv.Itoa(lowestPort + rand.N(portCount))
		if listener, err = net.Listen("tcp", net.JoinHostPort("127.0.0.1", port)); err == nil {
			return listener, nil
		}
	}
	return nil, err
}
