package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"

	"github.com/scim-operator/scim-operator/internal/scim/store"
)

// maxBatch bounds how many writes wait for one commit.
const maxBatch = 256

// errClosed is what a write gets after Close.
var errClosed = fmt.Errorf("%w: it is closed", store.ErrUnavailable)

// job is one write, whole or not at all.
type job struct {
	ctx  context.Context
	run  func(*writer) error
	done chan<- error
}

// writer is the one goroutine that writes. Whatever waits when it is free becomes one transaction with one commit, so
// that concurrent writes share the wait for the disk; each runs in a savepoint of its own.
type writer struct {
	// ctx never ends: what has begun is finished.
	ctx        context.Context
	connection *sql.Conn
	prepared   map[string]prepared
	jobs       chan job
	closing    chan struct{}
	closed     func() error
	stopped    chan struct{}
	// sequence is the highest one given, the current transaction's included.
	sequence int64
}

func newWriter(ctx context.Context, db *sql.DB) (*writer, error) {
	connection, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	w := &writer{
		ctx: context.WithoutCancel(ctx), connection: connection, prepared: map[string]prepared{},
		jobs: make(chan job), closing: make(chan struct{}), stopped: make(chan struct{}),
	}
	w.closed = sync.OnceValue(func() error {
		close(w.closing)
		<-w.stopped
		return w.release()
	})
	go w.work()
	return w, nil
}

// do hands a write over and waits until it is on disk. A context that ends before the write begins prevents it.
func (w *writer) do(ctx context.Context, run func(*writer) error) error {
	done := make(chan error, 1)
	select {
	case w.jobs <- job{ctx: ctx, run: run, done: done}:
		return <-done
	case <-ctx.Done():
		return ctx.Err()
	case <-w.closing:
		return errClosed
	}
}

func (w *writer) close() error {
	return w.closed()
}

func (w *writer) release() error {
	var errs []error
	for _, statement := range w.prepared {
		errs = append(errs, statement.Close())
	}
	return errors.Join(append(errs, w.connection.Close())...)
}

func (w *writer) work() {
	defer close(w.stopped)
	for {
		select {
		case first := <-w.jobs:
			w.batch(first)
		case <-w.closing:
			return
		}
	}
}

// batch runs a job and those that wait meanwhile in one transaction, and answers them when it is committed. An error of
// the database fails all of them: it may have rolled back more than the job that met it.
func (w *writer) batch(first job) {
	var jobs []job
	var results []error
	err := w.begin()
	for next, more := first, true; more; next, more = w.next(len(jobs)) {
		var result error
		if err == nil {
			result, err = w.attempt(next)
		}
		jobs, results = append(jobs, next), append(results, result)
	}
	if err == nil {
		err = w.commit()
	}
	if err != nil {
		_, _ = w.connection.ExecContext(w.ctx, `ROLLBACK`) // fails when the database has done it already
	}
	for i, j := range jobs {
		if results[i] == nil && err != nil {
			results[i] = unavailable(err)
		}
		j.done <- results[i]
	}
}

// next takes another job that waits, if the batch has room for it.
func (w *writer) next(taken int) (job, bool) {
	if taken == maxBatch {
		return job{}, false
	}
	select {
	case j := <-w.jobs:
		return j, true
	default:
		return job{}, false
	}
}

func (w *writer) begin() error {
	if err := w.exec(`BEGIN IMMEDIATE`); err != nil {
		return fmt.Errorf("beginning to write: %w", err)
	}
	if err := w.row(`SELECT sequence FROM identity`).Scan(&w.sequence); err != nil {
		return fmt.Errorf("reading the sequence: %w", err)
	}
	return nil
}

func (w *writer) commit() error {
	if err := w.exec(`UPDATE identity SET sequence = $1 WHERE sequence <> $1`, w.sequence); err != nil {
		return fmt.Errorf("storing the sequence: %w", err)
	}
	if err := w.exec(`COMMIT`); err != nil {
		return fmt.Errorf("committing: %w", err)
	}
	return nil
}

// attempt runs one job. result is what the job gets if the transaction succeeds; err ends the transaction.
func (w *writer) attempt(j job) (result, err error) {
	if err := j.ctx.Err(); err != nil {
		return err, nil
	}
	if err := w.exec(`SAVEPOINT job`); err != nil {
		return nil, err
	}
	sequence := w.sequence
	result = j.run(w)
	if result != nil {
		if errors.Is(result, store.ErrUnavailable) {
			return nil, result
		}
		w.sequence = sequence
		if err := w.exec(`ROLLBACK TO job`); err != nil {
			return nil, err
		}
	}
	return result, w.exec(`RELEASE job`)
}

// statement prepares each text once; there are few.
func (w *writer) statement(query string) (prepared, error) {
	if statement := w.prepared[query]; statement != nil {
		return statement, nil
	}
	statement, err := w.connection.PrepareContext(w.ctx, query)
	if err != nil {
		return nil, err
	}
	w.prepared[query] = statement
	return statement, nil
}

func (w *writer) exec(query string, args ...any) error {
	_, err := w.affect(query, args...)
	return err
}

// affect returns how many rows a statement changed.
func (w *writer) affect(query string, args ...any) (int64, error) {
	statement, err := w.statement(query)
	if err != nil {
		return 0, err
	}
	result, err := statement.ExecContext(w.ctx, args...)
	if err != nil {
		return 0, unavailable(err)
	}
	return result.RowsAffected()
}

// scanner is a row, or the error in place of one.
type scanner interface{ Scan(into ...any) error }

type failed struct{ err error }

func (f failed) Scan(...any) error { return f.err }

func (w *writer) row(query string, args ...any) scanner {
	statement, err := w.statement(query)
	if err != nil {
		return failed{err}
	}
	return statement.QueryRowContext(w.ctx, args...)
}

// strings returns the first column of all rows.
func (w *writer) strings(query string, args ...any) (list []string, err error) {
	statement, err := w.statement(query)
	if err != nil {
		return nil, err
	}
	rows, err := statement.QueryContext(w.ctx, args...)
	if err != nil {
		return nil, unavailable(err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		list = append(list, s)
	}
	return list, rows.Err()
}
