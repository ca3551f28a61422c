//go:build goexperiment.mapsplitgroup

package gomap

const splitGroups = true
