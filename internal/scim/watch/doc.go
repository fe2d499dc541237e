// Package watch owns noticing that a mounted file has changed: by fsnotify on its folder, because a kubelet swaps a
// symlink there, and by polling, because notifications get lost on some file systems. It never interprets the content.
// Called by auth and config.
// Calls fsnotify.
package watch
