package crd

import "embed"

// Bases are the CustomResourceDefinitions, one in each file of bases/.
//
//go:embed bases/*.yaml
var Bases embed.FS
