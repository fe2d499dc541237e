package agent

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/scim-operator/scim-operator/hack/lab/process"
)

// eager is how often a probe that never succeeded is tried: more often than its period, because nobody should wait ten seconds in a lab for a
// server that was up after one.
const eager = 100 * time.Millisecond

// prober skips certificate verification, as a kubelet's does, and follows no proxy.
var prober = &http.Client{
	Transport: &http.Transport{
		TLSClientConfig:   &tls.Config{InsecureSkipVerify: true}, //nolint:gosec // a probe asks whether it answers, not who it is
		DisableKeepAlives: true,
	},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// probe runs the container's probes until the context ends: startup first, then readiness and liveness side by side. A failed startup or
// liveness probe ends the process; the restart policy does the rest.
func (c *container) probe(ctx context.Context, child *process.Child) {
	if c.spec.StartupProbe != nil {
		if !c.untilSuccess(ctx, c.spec.StartupProbe) {
			c.fail(ctx, child, "Startup", c.spec.StartupProbe)
			return
		}
		c.setProbed(true, c.spec.ReadinessProbe == nil)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if c.spec.ReadinessProbe != nil {
			c.watch(ctx, c.spec.ReadinessProbe, true, func(ready bool) bool {
				c.setProbed(true, ready)
				return true
			})
		}
	}()
	if c.spec.LivenessProbe != nil {
		c.watch(ctx, c.spec.LivenessProbe, false, func(alive bool) bool {
			if !alive {
				c.fail(ctx, child, "Liveness", c.spec.LivenessProbe)
			}
			return alive
		})
	}
	<-done
}

// untilSuccess tries until the first success, for as long as the probe's period and threshold allow.
func (c *container) untilSuccess(ctx context.Context, probe *corev1.Probe) bool {
	limit := seconds(probe.InitialDelaySeconds, 0) + seconds(probe.PeriodSeconds, 10)*time.Duration(atLeast(probe.FailureThreshold, 3))
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	for c.check(ctx, probe) != nil {
		if !sleep(ctx, eager) {
			return false
		}
	}
	return true
}

// watch probes and calls change with each new verdict until the context ends or change returns false. The verdict before the first success
// is not told.
func (c *container) watch(ctx context.Context, probe *corev1.Probe, initiallyEager bool, change func(bool) bool) {
	period := seconds(probe.PeriodSeconds, 10)
	verdict, known := false, false
	failures, successes := int32(0), int32(0)
	for {
		pause := period
		if !known && initiallyEager {
			pause = eager
		}
		if !sleep(ctx, pause) {
			return
		}
		if c.check(ctx, probe) == nil {
			failures, successes = 0, successes+1
		} else {
			failures, successes = failures+1, 0
		}
		changed := false
		switch {
		case successes >= atLeast(probe.SuccessThreshold, 1) && !(known && verdict):
			verdict, known, changed = true, true, true
		case failures >= atLeast(probe.FailureThreshold, 3) && (known && verdict || !initiallyEager):
			verdict, known, changed = false, true, true
		}
		if changed && !change(verdict) {
			return
		}
	}
}

// fail ends a process whose probe failed for too long; when the context has ended the process is being stopped anyway.
func (c *container) fail(ctx context.Context, child *process.Child, kind string, probe *corev1.Probe) {
	if ctx.Err() != nil {
		return
	}
	err := c.check(ctx, probe)
	c.event(corev1.EventTypeWarning, "Unhealthy", fmt.Sprintf("%s probe failed; container %s is restarted: %v", kind, c.spec.Name, err))
	grace := time.Duration(30) * time.Second
	if seconds := c.worker.observed().Spec.TerminationGracePeriodSeconds; seconds != nil {
		grace = time.Duration(*seconds) * time.Second
	}
	child.Stop(grace)
}

// check probes once.
func (c *container) check(ctx context.Context, probe *corev1.Probe) error {
	ctx, cancel := context.WithTimeout(ctx, seconds(probe.TimeoutSeconds, 1))
	defer cancel()
	switch {
	case probe.HTTPGet != nil:
		return c.checkHTTP(ctx, probe.HTTPGet)
	case probe.TCPSocket != nil:
		address, err := c.address(probe.TCPSocket.Port)
		if err != nil {
			return err
		}
		connection, err := new(net.Dialer).DialContext(ctx, "tcp", address)
		if err != nil {
			return err
		}
		return connection.Close()
	}
	return fmt.Errorf("the lab knows httpGet and tcpSocket probes only")
}

func (c *container) checkHTTP(ctx context.Context, get *corev1.HTTPGetAction) error {
	address, err := c.address(get.Port)
	if err != nil {
		return err
	}
	scheme := "http"
	if get.Scheme == corev1.URISchemeHTTPS {
		scheme = "https"
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, scheme+"://"+address+get.Path, nil)
	if err != nil {
		return err
	}
	for _, header := range get.HTTPHeaders {
		request.Header.Add(header.Name, header.Value)
	}
	response, err := prober.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode < 200 || response.StatusCode >= 400 {
		return fmt.Errorf("%s answered %s", get.Path, response.Status)
	}
	return nil
}

// address finds the loopback address of a port by number or name.
func (c *container) address(port intstr.IntOrString) (string, error) {
	number := port.IntVal
	for _, declared := range c.spec.Ports {
		if port.Type == intstr.String && declared.Name == port.StrVal {
			number = declared.ContainerPort
		}
	}
	if address, ok := c.ports[number]; ok {
		return address, nil
	}
	return "", fmt.Errorf("container %s declares no port %s", c.spec.Name, port.String())
}

func seconds(value, otherwise int32) time.Duration {
	if value == 0 {
		value = otherwise
	}
	return time.Duration(value) * time.Second
}

func atLeast(value, otherwise int32) int32 {
	if value == 0 {
		return otherwise
	}
	return value
}
