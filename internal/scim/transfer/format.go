package transfer

import (
	"time"

	"github.com/scim-operator/scim-operator/internal/scim/store"
)

const (
	formatName = "scim-endpoint-export"
	// formatVersion moves when an older reader would misunderstand the file.
	formatVersion = 1
)

// header is the first line.
type header struct {
	Format    string `json:"format"`
	Version   int    `json:"version"`
	StoreID   string `json:"storeID"`
	Sequence  int64  `json:"sequence"`
	CursorKey []byte `json:"cursorKey"`
}

// resource is a line for each user and then each group, in the order in which they were made.
type resource struct {
	Type     string         `json:"type"`
	ID       string         `json:"id"`
	Version  int64          `json:"version"`
	Created  time.Time      `json:"created"`
	Modified time.Time      `json:"modified"`
	Position int64          `json:"position"`
	Doc      map[string]any `json:"doc"`
	Members  []string       `json:"members,omitempty"`
}

// end is the last line; without it the file was cut off.
type end struct {
	End    bool `json:"end"`
	Users  int  `json:"users"`
	Groups int  `json:"groups"`
}

// line is any line but the first.
type line struct {
	resource
	end
}

// Counts are how many resources a file has.
type Counts struct {
	Users, Groups int
}

func fromRecord(r store.Record, members []string) resource {
	return resource{
		Type: r.Type, ID: r.ID, Version: r.Version, Created: r.Created.UTC(), Modified: r.Modified.UTC(), Position: r.Position,
		Doc: r.Doc, Members: members,
	}
}

func (r resource) exported() store.Exported {
	return store.Exported{Members: r.Members, Record: store.Record{
		Type: r.Type, ID: r.ID, Version: r.Version, Created: r.Created, Modified: r.Modified, Position: r.Position, Doc: r.Doc,
	}}
}
