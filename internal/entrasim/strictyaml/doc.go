// Package strictyaml owns how the simulator reads a YAML file into types that carry JSON tags: an unknown key is an error.
// It never checks what the values mean, and opens no file.
// It is called by internal/entrasim/directory, internal/entrasim/faults and internal/entrasim/oauth.
// It calls only the YAML library.
package strictyaml
