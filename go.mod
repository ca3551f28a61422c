module deltui

go 1.26.0

require (
	github.com/DeRuina/timberjack v1.4.9
	github.com/petermattis/goid v0.0.0-20260820044319-269ab09b5261
	github.com/spf13/cobra v1.10.2
	golang.org/x/tools v0.52.0
)

require (
	github.com/inconshreveable/mousetrap v1.1.0 // indirect
	github.com/klauspost/compress v1.18.7 // indirect
	github.com/spf13/pflag v1.0.10 // indirect
)
