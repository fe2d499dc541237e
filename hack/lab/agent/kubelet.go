package agent

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"strconv"
	"time"
)

// serveKubelet serves what the API server asks a kubelet for `kubectl logs`, to bearers of the authority's client certificates only, and returns
// the port.
func (a *Agent) serveKubelet(ctx context.Context) (int32, error) {
	certificate, key, err := a.options.Authority.Issue(pkix.Name{CommonName: "system:node:" + NodeName, Organization: []string{"system:nodes"}})
	if err != nil {
		return 0, err
	}
	pair, err := tls.X509KeyPair(certificate, key)
	if err != nil {
		return 0, fmt.Errorf("reading the node's certificate: %w", err)
	}
	listener, err := tls.Listen("tcp", net.JoinHostPort(hostIP, "0"), &tls.Config{
		MinVersion:   tls.VersionTLS13,
		Certificates: []tls.Certificate{pair},
		ClientAuth:   tls.RequireAndVerifyClientCert,
		ClientCAs:    a.options.Authority.Pool(),
	})
	if err != nil {
		return 0, fmt.Errorf("listening for the API server: %w", err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /containerLogs/{namespace}/{pod}/{container}", a.containerLogs)
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "the lab's node answers for logs only; exec, attach and port-forward need a real cluster", http.StatusNotImplemented)
	})
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second, BaseContext: func(net.Listener) context.Context { return ctx }}
	context.AfterFunc(ctx, func() { _ = server.Close() })
	go func() { _ = server.Serve(listener) }() // ends with the context, by Close
	return int32(listener.Addr().(*net.TCPAddr).Port), nil
}

// containerLogs answers with an instance's log: of the last one for previous, from the tail for tailLines, and on until its end for follow.
func (a *Agent) containerLogs(response http.ResponseWriter, request *http.Request) {
	c := a.findContainer(request.PathValue("namespace"), request.PathValue("pod"), request.PathValue("container"))
	if c == nil {
		http.Error(response, "no such container runs on this node", http.StatusNotFound)
		return
	}
	query := request.URL.Query()
	instance, done := c.instance()
	if query.Get("previous") == "true" {
		instance, done = instance-1, nil
	}
	log, err := os.Open(c.logFile(instance))
	if errors.Is(err, fs.ErrNotExist) {
		http.Error(response, "this instance of the container has written no log", http.StatusBadRequest)
		return
	} else if err != nil {
		http.Error(response, err.Error(), http.StatusInternalServerError)
		return
	}
	defer log.Close()
	if lines, err := strconv.Atoi(query.Get("tailLines")); err == nil {
		if err := seekTail(log, lines); err != nil {
			http.Error(response, err.Error(), http.StatusInternalServerError)
			return
		}
	}
	response.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if query.Get("follow") != "true" {
		done = nil
	}
	follow(request.Context(), response, log, done)
}

func (a *Agent) findContainer(namespace, pod, name string) *container {
	w := a.find(namespace, pod)
	if w == nil {
		return nil
	}
	for _, c := range w.containers {
		if c.spec.Name == name {
			return c
		}
	}
	return nil
}

// follow copies the log, and what is appended to it until done is closed; with no channel it ends at the end of the file.
func follow(ctx context.Context, response http.ResponseWriter, log io.Reader, done <-chan struct{}) {
	controller := http.NewResponseController(response)
	for ended := done == nil; ; {
		if _, err := io.Copy(response, log); err != nil || controller.Flush() != nil || ended {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-done:
			ended = true // what was written last is copied once more
		case <-time.After(retryAfter):
		}
	}
}

// seekTail moves to the start of the last lines of a log.
func seekTail(log *os.File, lines int) error {
	var starts []int64
	offset := int64(0)
	reader := bufio.NewReader(log)
	for {
		line, err := reader.ReadBytes('\n')
		if len(bytes.TrimSuffix(line, []byte("\n"))) > 0 || err == nil {
			starts = append(starts, offset)
		}
		offset += int64(len(line))
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return err
		}
	}
	switch { // offset is the end of the log now
	case lines >= len(starts):
		offset = 0
	case lines > 0:
		offset = starts[len(starts)-lines]
	}
	_, err := log.Seek(offset, io.SeekStart)
	return err
}
