module github.com/memd-dev/memd

go 1.26
