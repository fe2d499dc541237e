package main

import (
	"log/slog"
	"os"
	"time"

	"go.uber.org/zap/zapcore"
)

const (
	// logDelay is how late a line may be written. Writing each by itself would cost a request more than finding the user.
	logDelay = 100 * time.Millisecond
	// logBuffer is written as soon as it is full.
	logBuffer = 64 << 10
)

// newLog returns the log on standard error, and what writes the lines that are left; it has to be called before the exit.
// Lines of the last logDelay are lost with a process that is killed. What is audited is in the store by then.
func newLog() (log *slog.Logger, flush func()) {
	writer := &zapcore.BufferedWriteSyncer{WS: zapcore.AddSync(os.Stderr), Size: logBuffer, FlushInterval: logDelay}
	return slog.New(slog.NewJSONHandler(writer, nil)), func() {
		_ = writer.Stop() // there is nowhere else to tell it
	}
}
