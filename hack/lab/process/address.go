package process

import (
	"fmt"
	"net"
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
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, fmt.Errorf("finding a free port: %w", err)
		}
		listeners = append(listeners, listener)
		addresses = append(addresses, listener.Addr().String())
	}
	return addresses, nil
}
