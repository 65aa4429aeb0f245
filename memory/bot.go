package memory

import "strings"

// BotAuthor reports whether a commit's author is a known automaton, by name or
// e-mail address.
func BotAuthor(name, email string) bool {
	name, email = strings.ToLower(name), strings.ToLower(email)
	if strings.Contains(name, "[bot]") || strings.Contains(email, "[bot]@") {
		return true
	}
	user, _, _ := strings.Cut(email, "@")
	if _, after, ok := strings.Cut(user, "+"); ok {
		user = after // 123+name@users.noreply.github.com
	}
	return botName(name) || botName(user)
}

// botName reports whether a lower-case name is a known automaton's, or says
// itself that it is one.
func botName(name string) bool {
	name = strings.ReplaceAll(strings.TrimSpace(name), " ", "-")
	if _, ok := bots[name]; ok {
		return true
	}
	return strings.HasSuffix(name, "-bot") || strings.HasSuffix(name, "-robot")
}

// bots are the automata of the large forges, by the names that they commit
// under there.
var bots = wordSet(`dependabot dependabot-preview dependabot-support renovate
renovatebot renovate-bot greenkeeper greenkeeperio-bot github-actions
github-action github-actions-bot pre-commit-ci pre-commit snyk-bot imgbot
allcontributors semantic-release-bot semantic-release pyup-bot pyup.io-bot
mergify mergify-bot bors homu codecov-io deepsource-autofix restyled-io
weblate weblate-translations transifex-integration crowdin-bot gitbook-bot
k8s-ci-robot k8s-merge-robot gopherbot go-bot rust-timer rust-highfive
copybara-service copybara netlify vercel-bot web-flow-bot lgtm-com
scala-steward nixpkgs-update r-ryantm conda-forge-admin regro-cf-autotick-bot
openstack-proposal-bot zuul jenkins travis-ci circleci azure-pipelines
release-please googleapis-publisher depfu whitesource-bolt sourcery-ai
prombot repo-sync`)
