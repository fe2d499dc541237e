package entrasim

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/scim-operator/scim-operator/internal/entrasim/directory"
	"github.com/scim-operator/scim-operator/internal/entrasim/tenant"
)

// stateFormat is the version of the state's form.
const stateFormat = 1

// State is all that a simulator knows, as it is kept in a file. It holds secrets.
type State struct {
	Format      int                       `json:"format"`
	Saved       time.Time                 `json:"saved"`       // real time
	ClockOffset time.Duration             `json:"clockOffset"` // of the virtual time, in nanoseconds
	Tenant      *tenant.Snapshot          `json:"tenant"`
	Cycles      map[string][]*CycleReport `json:"cycles"` // the last ones of each job
}

// Export takes all that the simulator knows. It is refused while a cycle runs.
func (s *Server) Export() (*State, error) {
	snapshot, err := s.tenant.Export()
	if err != nil {
		return nil, err
	}
	return &State{Format: stateFormat, Saved: time.Now().UTC(), ClockOffset: s.clock.Offset(), Tenant: snapshot, Cycles: s.history.all()}, nil
}

// Import replaces all that the simulator knows, but for its clients, which stay. The clock goes on from where it is further.
func (s *Server) Import(state *State) error {
	if state.Format != stateFormat || state.Tenant == nil {
		return fmt.Errorf("field format: %d: this entra-sim reads %d; export from one of the same version", state.Format, stateFormat)
	}
	if err := s.tenant.Import(state.Tenant); err != nil {
		return err
	}
	s.clock.Advance(state.ClockOffset - s.clock.Offset())
	s.history.replace(state.Cycles)
	for _, c := range s.options.Clients {
		s.tenant.AddClient(c.ID, "client "+c.ID, c.Granted())
	}
	return nil
}

// readState reads a state file; nil when there is none.
func readState(file string) (*State, error) {
	if file == "" {
		return nil, nil
	}
	raw, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	state := &State{}
	if err == nil {
		err = json.Unmarshal(raw, state)
	}
	if err == nil && state.Tenant == nil {
		err = errors.New("it holds no tenant")
	}
	if err != nil {
		return nil, fmt.Errorf("reading the state: %s: %w", file, err)
	}
	return state, nil
}

// start are the people with whom a simulator begins: those of its state, or of the options.
func (o *Options) start(state *State) (*directory.Directory, error) {
	switch {
	case state != nil && o.TenantID != "" && o.TenantID != state.Tenant.TenantID:
		return nil, fmt.Errorf("the state is of tenant %s, not %s: leave the tenant ID out, or take another state file",
			state.Tenant.TenantID, o.TenantID)
	case state != nil:
		return &directory.Directory{TenantID: state.Tenant.TenantID, Domain: state.Tenant.Domain}, nil
	case o.Directory == nil:
		return &directory.Directory{}, nil
	default:
		return o.Directory, nil
	}
}

// save writes the state file whole, or leaves the one before.
func (s *Server) save() error {
	state, err := s.Export()
	if err != nil {
		return err
	}
	text, err := json.Marshal(state)
	if err != nil {
		return fmt.Errorf("encoding the state: %w", err)
	}
	if err := writeWhole(s.options.StateFile, text); err != nil {
		return fmt.Errorf("writing the state: %w", err)
	}
	return nil
}

// writeWhole writes a file that its owner alone can read, all of it or nothing.
func writeWhole(name string, text []byte) error {
	file, err := os.CreateTemp(filepath.Dir(name), ".entra-sim-state-*")
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	if err = errors.Join(err, file.Sync(), file.Close()); err == nil {
		err = os.Rename(file.Name(), name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return nil
}

// savePause is the time between two looks at whether something has changed.
const savePause = time.Second

// keepSaved writes the state file soon after every change until ctx is done, and once more at the end, when the cycles that
// run have ended.
func (s *Server) keepSaved(ctx context.Context) error {
	ticker := time.NewTicker(savePause)
	defer ticker.Stop()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-ticker.C:
			if s.changed.Swap(false) && s.save() != nil {
				s.changed.Store(true) // a cycle runs, or the disk is full: the next look tries again, and the last one says so
			}
		}
	}
	ended := make(chan struct{})
	go func() {
		s.cycles.Wait()
		close(ended)
	}()
	select {
	case <-ended:
	case <-time.After(lastCycles):
	}
	return s.save()
}

// lastCycles is how long the end of a simulator with a state file waits for cycles that still run.
const lastCycles = 30 * time.Second
