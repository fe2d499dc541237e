package delivery

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// scrapeTimeout bounds what a scrape asks of the store.
const scrapeTimeout = 3 * time.Second

type metrics struct {
	attempts *prometheus.CounterVec
}

func newMetrics(o Options) *metrics {
	m := &metrics{attempts: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "scim_endpoint_webhook_attempts_total",
		Help: "Attempts to deliver an event, by result: delivered, unreachable, failed or refused.",
	}, []string{"result"})}
	o.Metrics.MustRegister(m.attempts, &lag{
		Options: o,
		waiting: prometheus.NewDesc("scim_endpoint_outbox_waiting", "Events that wait to be delivered.", nil, nil),
		oldest:  prometheus.NewDesc("scim_endpoint_outbox_oldest_seconds", "Age of the oldest change that is not delivered; 0 when all are.", nil, nil),
		dead:    prometheus.NewDesc("scim_endpoint_outbox_dead_letters", "Events that the app would not take.", nil, nil),
	})
	return m
}

// lag reads, at each scrape, how far delivery is behind. Every replica tells the same.
type lag struct {
	Options
	waiting, oldest, dead *prometheus.Desc
}

// Describe implements prometheus.Collector.
func (l *lag) Describe(descs chan<- *prometheus.Desc) {
	descs <- l.waiting
	descs <- l.oldest
	descs <- l.dead
}

// Collect implements prometheus.Collector. A store that does not answer has no values, rather than wrong ones.
func (l *lag) Collect(values chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTimeout)
	defer cancel()
	status, err := l.Store.OutboxStatus(ctx)
	if err != nil {
		return
	}
	oldest := status.Oldest
	if oldest.IsZero() && l.Webhook().URL != "" {
		if oldest, err = l.notEnqueued(ctx, status.Cursor); err != nil {
			return
		}
	}
	var age float64
	if !oldest.IsZero() {
		age = l.Now().Sub(oldest).Seconds()
	}
	values <- prometheus.MustNewConstMetric(l.waiting, prometheus.GaugeValue, float64(status.Waiting))
	values <- prometheus.MustNewConstMetric(l.oldest, prometheus.GaugeValue, max(0, age))
	values <- prometheus.MustNewConstMetric(l.dead, prometheus.GaugeValue, float64(status.Dead))
}

// notEnqueued returns the time of the first change that is not even in the outbox, so that a worker that hangs is seen.
func (l *lag) notEnqueued(ctx context.Context, cursor int64) (time.Time, error) {
	changes, err := l.Store.Changes(ctx, cursor, 1)
	if err != nil || len(changes) == 0 {
		return time.Time{}, err
	}
	return changes[0].At, nil
}
