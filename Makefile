# Everything here needs Go, a C compiler (SQLite), git and make; "check" and
# "vuln" fetch their tool through the Go module proxy on first use.

# FTS5 is a build tag of the SQLite driver; without it the build stops.
TAGS := sqlite_fts5
GO   := go
BIN  := bin/memd
# The version comes from git, where there is one: -buildvcs stamps it.
VCS  := $(shell git rev-parse --verify --quiet HEAD >/dev/null 2>&1 && echo auto || echo false)

STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
GOVULNCHECK := golang.org/x/vuln/cmd/govulncheck@v1.9.0

# Where "make fixtures" writes, and what it writes.
FIXTURES_DIR := .cache/fixtures
FIXTURES     := empty linear merges shop

# For "make bench": a directory of repositories (git dirs) to mine and to ask;
# empty: generated repositories only.
MEMD_BENCH_REPOS ?=
# For "make eval": questions as JSON Lines, and the git dirs they are about.
EVAL  ?=
REPOS ?=

.DEFAULT_GOAL := help
.PHONY: help build test check demo fixtures bench eval vuln clean $(BIN)

help: ## what the targets do
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' Makefile

build: $(BIN) ## the binary, bin/memd

$(BIN):
	@$(GO) build -tags $(TAGS) -trimpath -buildvcs=$(VCS) -o $@ ./cmd/memd

test: ## every test but those under the build tags fault and editors
	@$(GO) test -tags $(TAGS) ./...

check: ## gofmt, vet, staticcheck, the import law, the race detector, tidy go.mod
	@echo "gofmt"; bad=$$(gofmt -l .); if [ -n "$$bad" ]; then echo "not formatted:"; echo "$$bad"; exit 1; fi
	@echo "vet"; $(GO) vet -tags $(TAGS) ./...
	@echo "staticcheck"; $(GO) run $(STATICCHECK) -tags $(TAGS) ./...
	@echo "import law"; $(GO) test -tags $(TAGS) -count=1 .
	@echo "race"; $(GO) test -tags $(TAGS) -race ./...
	@echo "tidy"; $(GO) mod tidy -diff

demo: build ## builds memd and asks a small repository, then this one, in a scratch directory
	@sh fixtures/demo.sh

fixtures: ## writes the test repositories to FIXTURES_DIR, to look at
	@rm -rf $(FIXTURES_DIR)
	@for f in $(FIXTURES); do $(GO) run ./fixtures/cmd/fixture -quiet $$f $(FIXTURES_DIR)/$$f || exit 1; echo "$(FIXTURES_DIR)/$$f"; done

bench: ## speed and size; MEMD_BENCH_REPOS=DIR adds the repositories in DIR
	@MEMD_BENCH_REPOS='$(MEMD_BENCH_REPOS)' $(GO) test -tags $(TAGS) -run '^$$' -bench . -benchmem ./...
	@if [ -f bench/main.go ]; then MEMD_BENCH_REPOS='$(MEMD_BENCH_REPOS)' $(GO) run -tags $(TAGS) ./bench; fi

eval: ## quality of recall: EVAL=questions.jsonl REPOS=directory of git dirs
	@if [ -z '$(EVAL)' ] || [ -z '$(REPOS)' ]; then echo "usage: make eval EVAL=questions.jsonl REPOS=directory"; exit 2; fi
	@$(GO) run -tags $(TAGS) ./bench/eval -data '$(EVAL)' -repos '$(REPOS)'

vuln: ## known vulnerabilities, from the Go vulnerability database (online)
	@$(GO) run $(GOVULNCHECK) -tags $(TAGS) ./...

clean: ## back to a clean tree
	@rm -rf bin dist .cache
	@find . -path ./.git -prune -o \( -name '*.test' -o -name '*.prof' \) -type f -exec rm -f {} +
