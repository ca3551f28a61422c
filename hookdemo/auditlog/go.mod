module deltui.example/hookdemo/auditlog

go 1.24.0

require (
	deltui.example/hookdemo/audit v0.0.0
	github.com/DeRuina/timberjack v1.4.9
	github.com/petermattis/goid v0.0.0-20260820044319-269ab09b5261
)

require github.com/klauspost/compress v1.18.7 // indirect

replace deltui.example/hookdemo/audit => ../audit
