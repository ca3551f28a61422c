module deltui.example/hookdemo/audit

go 1.18
