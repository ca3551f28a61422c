//go:build goexperiment.mapsplitgroup

package gomap

const ownKind = SwissSplit
