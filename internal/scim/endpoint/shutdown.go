package endpoint

import (
	"context"
	"errors"
	"time"
)

// Shutdown fails readiness, goes on serving for the drain delay, lets the requests in flight end until the context does,
// and closes the store.
func (e *Endpoint) Shutdown(ctx context.Context) error {
	e.log.Info("draining", "delay", e.drainDelay.String())
	e.management.Drain()
	e.ports.draining.Store(true)
	close(e.draining)
	delay := time.NewTimer(e.drainDelay)
	defer delay.Stop()
	select {
	case <-delay.C:
	case <-ctx.Done():
	}
	e.stop() // the workers end while the last requests do
	err := e.ports.scimServer.Shutdown(ctx)
	e.workers.Wait()
	e.verifier.UseEntra(nil)
	err = errors.Join(err, e.ports.managementServer.Shutdown(ctx), e.store.Close(), e.traces.Shutdown(ctx))
	e.log.Info("stopped")
	return err
}

// close releases what a failed Start had opened.
func (e *Endpoint) close() {
	if e.stop != nil {
		e.stop()
		e.workers.Wait()
	}
	e.ports.close()
	if e.store != nil {
		_ = e.store.Close() // the error of Start is the one to tell
	}
}
