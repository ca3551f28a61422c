//go:build !goexperiment.mapsplitgroup && !classicmaps

package gomap

const ownKind = Swiss
