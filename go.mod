module deltui

go 1.26.0



require (
	golang.org/x/arch v0.28.0
	golang.org/x/mod v0.42.0
	golang.org/x/sys v0.49.0
	golang.org/x/tools v0.52.0
)
