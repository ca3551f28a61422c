module probes

go 1.18
