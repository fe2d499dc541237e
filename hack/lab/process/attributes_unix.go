//go:build unix && !linux

package process

import "syscall"

// attributes cannot tie the child's life to the lab's outside Linux: a lab that is killed with SIGKILL leaves its children behind.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}
