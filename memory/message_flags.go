package memory

import "strings"

// messageFlags reads off a message what the commit says it does.
func messageFlags(subject, body string, refs []Reference) Flags {
	var flags Flags
	low := strings.ToLower(subject)
	for _, r := range refs {
		switch r.Kind {
		case RefReverts:
			flags |= FlagRevert
		case RefFixes:
			flags |= FlagFix
		}
	}
	if saysRevert(low) {
		flags |= FlagRevert
	}
	for _, p := range []string{"fixup!", "squash!", "amend!"} {
		if rest, ok := strings.CutPrefix(low, p); ok {
			flags |= FlagFixup
			low = strings.TrimSpace(rest)
		}
	}
	switch {
	case saysRelease(low):
		flags |= FlagRelease
	case flags&FlagRevert == 0 && (saysFix(low) || bodyFixes(body)):
		flags |= FlagFix
	}
	return flags
}

// saysRevert reads a lower-case subject. "revert:" alone is the git command in
// git's own history and a kind of commit elsewhere; the latter names another
// commit behind it.
func saysRevert(low string) bool {
	if strings.HasPrefix(low, "revert:") || strings.HasPrefix(low, "revert(") {
		_, rest, _ := strings.Cut(low, ":")
		kind, _, _ := splitPrefix(strings.TrimSpace(rest))
		kind, _, _ = strings.Cut(kind, "(")
		_, ok := commitKinds[strings.Trim(kind, "!:")]
		return ok || strings.HasPrefix(strings.TrimSpace(rest), `"`)
	}
	rest := low
	for range 3 {
		if strings.HasPrefix(rest, `revert "`) || strings.HasPrefix(rest, "revert '") || strings.HasPrefix(rest, `reapply "`) {
			return true
		}
		var ok bool
		if _, rest, ok = splitPrefix(rest); !ok {
			break
		}
	}
	for _, p := range []string{"revert ", "reverts ", "reverted ", "back out ", "backout "} {
		if after, ok := strings.CutPrefix(low, p); ok {
			return !strings.HasPrefix(after, "to ") && !strings.HasPrefix(after, "back to ")
		}
	}
	return false
}

// commitKinds are the kinds of the Conventional Commits convention.
var commitKinds = wordSet("feat fix chore docs refactor perf test build ci style")

// splitPrefix takes "area: " or "kind(scope)!: " or "[area] " off a subject.
func splitPrefix(s string) (prefix, rest string, ok bool) {
	if strings.HasPrefix(s, "[") {
		if n := strings.IndexByte(s, ']'); n > 0 && n < 40 {
			return s[1:n], strings.TrimSpace(s[n+1:]), true
		}
	}
	n := strings.Index(s, ": ")
	if n <= 0 || n > 50 || strings.Count(s[:n], " ") > 2 {
		return s, s, false
	}
	return s[:n], strings.TrimSpace(s[n+2:]), true
}

// saysFix reads a lower-case subject: does it say that the commit repairs the
// program, and not only a text about it?
func saysFix(low string) bool {
	rest := low
	kind := false
	for range 3 {
		prefix, after, ok := splitPrefix(rest)
		if !ok {
			break
		}
		name, _, _ := strings.Cut(prefix, "(")
		switch strings.Trim(name, "! ") {
		case "fix", "bugfix", "hotfix", "fixes":
			kind = true
		case "docs", "doc", "style", "typo", "chore", "ci", "readme", "changelog":
			return false
		}
		rest = after
	}
	repairs, harm, guards := kind, false, false
	first := true
	for word := range strings.FieldsFuncSeq(rest, notLetter) {
		if word == "fix" || word == "fixes" || word == "fixed" || word == "fixing" || word == "bugfix" || word == "hotfix" {
			repairs = true
		}
		if _, ok := textWords[word]; ok {
			return false
		}
		if _, ok := harmWords[word]; ok {
			harm = true
		}
		if first {
			_, guards = guardWords[word]
			first = false
		}
	}
	return repairs || harm && guards || strings.Contains(rest, "regression in ") || strings.Contains(rest, "regression from ")
}

func notLetter(r rune) bool { return r < 'a' || r > 'z' }

var (
	// textWords: what is repaired is a text about the program.
	textWords = wordSet(`typo typos spelling spellings grammar whitespace wording
	comment comments docs documentation docstring docstrings readme changelog
	lint linter linting gofmt rustfmt clippy indentation formatting punctuation
	capitalization flake mypy pylint eslint staticcheck copyright godoc rustdoc doc misspelling misspellings misspelled
	links`)
	// harmWords and guardWords: "avoid a crash" repairs as much as "fix".
	harmWords = wordSet(`crash crashes panic panics segfault segfaults deadlock
	deadlocks leak leaks race races overflow overflows underflow corruption hang
	hangs bug regression uaf livelock starvation dereference leaking dereferencing crashing panicking`)
	guardWords = wordSet(`avoid avoids prevent prevents stop handle guard protect
	plug work don resolve eliminate correct`)
)

// bodyFixes looks for the ways in which bodies say it.
func bodyFixes(body string) bool {
	for i := 0; i < len(body); {
		n := strings.IndexAny(body[i:], "fF")
		if n < 0 {
			return false
		}
		i += n
		if (i == 0 || !wordByte(body[i-1])) && fixAt(body[i:]) {
			return true
		}
		i++
	}
	return false
}

func fixAt(s string) bool {
	for _, word := range []string{"fixes", "fixed", "fixing", "fix"} {
		if len(s) <= len(word) || !strings.EqualFold(s[:len(word)], word) {
			continue
		}
		after := strings.TrimLeft(s[len(word):], ": ")
		if len(after) == len(s)-len(word) {
			continue
		}
		for _, what := range []string{"#", "GH-", "gh-", "https://github.com/", "a bug", "the bug", "this bug", "a regression",
			"the regression", "this regression", "a crash", "a deadlock", "a race", "a panic", "a memory leak", "a segfault"} {
			if strings.HasPrefix(after, what) {
				return true
			}
		}
	}
	return false
}

// saysRelease reads a lower-case subject that only makes a release: nothing
// but a version, the words of releasing, and at most the product's name.
func saysRelease(low string) bool {
	words, versions, verbs, bumps, others := 0, 0, 0, 0, 0
	for word := range strings.FieldsSeq(low) {
		word = strings.Trim(word, "():,.'\"!`#[]")
		if word == "" {
			continue
		}
		words++
		if _, ok := releaseVerbs[word]; ok {
			verbs++
			if word == "bump" {
				bumps++
			}
		} else if versionWord(word) {
			versions++
		} else if _, ok := releaseFillers[word]; !ok && !strings.HasPrefix(word, "chore(") {
			others++
		}
	}
	switch {
	case words == 0 || words > 8:
		return false
	case versions > 0 && others == 0:
		return verbs > 0 || words == versions
	case versions > 0 && verbs > 0:
		return others == 1 && verbs > bumps // "bump name 1.2" may be a dependency
	case versions == 1 && words == 2: // Git 2.43
		return others == 1 && !strings.Contains(low, ":")
	}
	return verbs >= 2 && others == 0 // bump version, prepare release
}

// versionWord reports whether a word is a version, or a name with one behind
// it: v1.2, 1.2.3-rc.1, globset-0.4.15, go1.2.
func versionWord(w string) bool {
	if n := strings.LastIndexAny(w, "-@"); n > 0 && n+1 < len(w) && digit(w[n+1]) && strings.Contains(w[n:], ".") {
		return true
	}
	w = strings.TrimPrefix(w, "v")
	return w != "" && digit(w[0]) && strings.Trim(w, "0123456789.-+_abcdefghijklmnopqrstuvwxyz") == "" &&
		(strings.Contains(w, ".") || strings.Contains(w, "rc"))
}

var (
	releaseVerbs   = wordSet("release releases released releasing version versions bump prepare cut tag publish tagging preparing")
	releaseFillers = wordSet("to for the of new next is set update chore final v number as and commit build post pre dev set changelog start candidate")
)
