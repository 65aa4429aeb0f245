package main

import (
	"context"
)

// firstNewest is how many commits a first question in a repository waits for:
// a second or two of mining, and most of what is asked about.
const firstNewest = 1000

// firstMine fills a memory that opening has just made, so that there is
// something to ask. It does nothing to an older one.
func (e *env) firstMine(ctx context.Context, m Opened) error {
	if !m.JustEnrolled() {
		return nil
	}
	e.notice("this repository is new to memd: mining its newest %s commits first", thousands(firstNewest))
	mined, err := e.mine(ctx, m, firstNewest)
	if err == nil && mined.Total == 0 {
		return errUnborn
	}
	return err
}
