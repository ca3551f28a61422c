//go:build classicmaps

package gomap

// The tag goes with a toolchain whose maps are classic: see TestOtherGo.
const ownKind = Classic
