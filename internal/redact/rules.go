package redact

// rule is one way to know a secret.
type rule struct {
	kind     string
	literals []string // of three bytes at least; one of them is part of each match
	fold     bool     // the literals, in lower case, match in any case
	// match is called where a literal stands, b[at:end], and returns the
	// secret as b[start:stop]; an empty range is none.
	match      func(b []byte, at, end int) (start, stop int)
	armour     bool // a literal that the PEM lines are read for
	assignment bool // left out in lock and sum files
}

// pemRule is the rule that names what pem finds.
const pemRule = 0

// rules holds all rules, the particular before the general: where two find the
// same text, the first names its kind.
var rules = []rule{
	{kind: "private-key", literals: []string{"-----BEGIN ", "-----END "}, armour: true},
	{kind: "private-key", literals: keyBodies, match: matchKeyBody, armour: true},

	// Clouds and hosting.
	{kind: "aws-access-key", literals: []string{"AKIA", "ASIA", "ABIA", "ACCA"}, match: token{body: upper | base32, min: 16, max: 16, before: upper | digit}.match},
	{kind: "alibaba-key", literals: []string{"LTAI"}, match: token{body: alnum, min: 16, max: 22, before: word, random: true}.match},
	{kind: "azure-key", literals: []string{"accountkey=", "sharedaccesskey="}, fold: true, match: token{body: base64Set, min: 40, tail: true}.match},
	{kind: "azure-client-secret", literals: []string{"7Q~", "8Q~"}, match: matchAzureClient},
	{kind: "cloudflare-key", literals: []string{"v1.0-"}, match: token{body: lowerHex | dash, min: 160, before: word}.match},
	{kind: "databricks-token", literals: []string{"dapi"}, match: token{body: lowerHex, min: 32, max: 32, before: word}.match},
	{kind: "digitalocean-token", literals: []string{"dop_v1_", "doo_v1_", "dor_v1_"}, match: token{body: lowerHex, min: 64}.match},
	{kind: "doppler-token", literals: []string{"dp.pt.", "dp.st.", "dp.ct.", "dp.sa.", "dp.scim.", "dp.audit."}, match: token{body: alnum | dot | under, min: 40, before: word}.match},
	{kind: "dynatrace-token", literals: []string{"dt0c01.", "dt0s01.", "dt0s16."}, match: token{body: alnum | dot, min: 60, before: word}.match},
	{kind: "fly-token", literals: []string{"fo1_"}, match: token{body: urlSafe, min: 40, before: word}.match},
	{kind: "fly-token", literals: []string{"fm1r_", "fm1a_", "fm2_"}, match: token{body: base64Set, min: 80, before: word}.match},
	{kind: "google-api-key", literals: []string{"AIza"}, match: token{body: urlSafe, min: 35, max: 40, before: urlSafe}.match},
	{kind: "google-oauth", literals: []string{"ya29."}, match: token{body: urlSafe | dot, min: 20, before: word}.match},
	{kind: "google-oauth", literals: []string{"GOCSPX-"}, match: token{body: urlSafe, min: 28}.match},
	{kind: "firebase-key", literals: []string{":APA91b"}, match: matchFirebase},
	{kind: "heroku-key", literals: []string{"HRKU-"}, match: token{body: urlSafe, min: 36}.match},
	{kind: "netlify-token", literals: []string{"nfp_"}, match: token{body: alnum, min: 36, before: word}.match},
	{kind: "planetscale-key", literals: []string{"pscale_tkn_", "pscale_pw_", "pscale_oauth_"}, match: token{body: urlSafe | dot, min: 32}.match},
	{kind: "pulumi-token", literals: []string{"pul-"}, match: token{body: lowerHex, min: 40, max: 40, before: urlSafe}.match},
	{kind: "render-key", literals: []string{"rnd_"}, match: token{body: alnum, min: 28, max: 36, before: word, random: true}.match},
	{kind: "supabase-key", literals: []string{"sbp_"}, match: token{body: lowerHex, min: 40, before: word}.match},
	{kind: "supabase-key", literals: []string{"sb_secret_"}, match: token{body: urlSafe, min: 28, before: word}.match},
	{kind: "tailscale-key", literals: []string{"tskey-"}, match: token{body: urlSafe, min: 20, before: word, random: true}.match},
	{kind: "tencent-key", literals: []string{"AKID"}, match: token{body: alnum, min: 32, max: 32, before: word, random: true}.match},
	{kind: "terraform-token", literals: []string{".atlasv1."}, match: matchTerraform},
	{kind: "vault-token", literals: []string{"hvs.", "hvb.", "hvr."}, match: token{body: urlSafe, min: 24, before: word}.match},

	// Forges, registries and builds.
	{kind: "github-token", literals: []string{"ghp_", "gho_", "ghu_", "ghs_", "ghr_"}, match: token{body: alnum, min: 30, before: alnum}.match},
	{kind: "github-token", literals: []string{"github_pat_"}, match: token{body: word, min: 40}.match},
	{kind: "gitlab-token", literals: []string{"glpat-", "gldt-", "glrt-", "glptt-", "glcbt-", "glsoat-", "glagent-", "glimt-", "gloas-", "glffct-", "GR1348941"}, match: token{body: urlSafe | dot, min: 20, before: word}.match},
	{kind: "bitbucket-token", literals: []string{"ATBB"}, match: token{body: alnum, min: 32, max: 36, before: word, random: true}.match},
	{kind: "atlassian-token", literals: []string{"ATATT3", "ATCTT3"}, match: token{body: urlSafe | equals, min: 50, before: word}.match},
	{kind: "npm-token", literals: []string{"npm_"}, match: token{body: alnum, min: 30, before: word, random: true}.match},
	{kind: "npm-token", literals: []string{":_authToken=", ":_password="}, match: token{body: urlSafe | plus | equals, min: 16, tail: true, random: true}.match},
	{kind: "pypi-token", literals: []string{"pypi-AgE"}, match: token{body: urlSafe, min: 50}.match},
	{kind: "rubygems-key", literals: []string{"rubygems_"}, match: token{body: lowerHex, min: 48}.match},
	{kind: "crates-token", literals: []string{"cio"}, match: token{body: alnum, min: 32, max: 33, before: word, random: true}.match},
	{kind: "clojars-token", literals: []string{"CLOJARS_"}, match: token{body: alnum, min: 60}.match},
	{kind: "nuget-key", literals: []string{"oy2"}, match: token{body: lower | digit, min: 43, max: 43, before: word, random: true}.match},
	{kind: "docker-token", literals: []string{"dckr_pat_", "dckr_oat_"}, match: token{body: urlSafe, min: 20}.match},
	{kind: "docker-auth", literals: []string{`"auth"`}, match: matchDockerAuth},
	{kind: "artifactory-key", literals: []string{"AKCp"}, match: token{body: alnum, min: 60, max: 100, before: word}.match},
	{kind: "buildkite-token", literals: []string{"bkua_"}, match: token{body: alnum, min: 40, before: word}.match},
	{kind: "circleci-token", literals: []string{"CCIPAT_", "CCIPRJ_"}, match: token{body: word, min: 40}.match},
	{kind: "sonar-token", literals: []string{"sqp_", "squ_", "sqa_"}, match: token{body: lowerHex, min: 40, max: 40, before: word}.match},
	{kind: "sourcegraph-token", literals: []string{"sgp_"}, match: token{body: lowerHex | under, min: 40, before: word}.match},

	// Chat and mail.
	{kind: "slack-token", literals: []string{"xoxa-", "xoxb-", "xoxe-", "xoxo-", "xoxp-", "xoxr-", "xoxs-", "xoxc-", "xoxd-", "xapp-", "xoxe.xoxp-", "xoxe.xoxb-"}, match: token{body: alnum | dash, min: 10, before: alnum, digits: true}.match},
	{kind: "slack-webhook", literals: []string{"hooks.slack.com/services/", "hooks.slack.com/workflows/", "hooks.slack.com/triggers/"}, match: token{body: urlSafe | plus, min: 30, tail: true}.match},
	{kind: "discord-token", literals: discordStarts(), match: matchDiscord},
	{kind: "discord-webhook", literals: []string{"discord.com/api/webhooks/", "discordapp.com/api/webhooks/"}, match: token{body: urlSafe | plus, min: 60, tail: true}.match},
	{kind: "teams-webhook", literals: []string{".webhook.office.com/webhookb2/"}, match: token{body: urlSafe | plus | hard, min: 60, tail: true}.match},
	{kind: "telegram-token", literals: []string{":AA"}, match: matchTelegram},
	{kind: "twilio-key", literals: withHexDigit("SK"), match: token{body: lowerHex, min: 31, max: 31, before: word}.match},
	{kind: "sendgrid-key", literals: []string{"SG."}, match: matchSendGrid},
	{kind: "mailgun-key", literals: []string{"key-"}, match: token{body: lowerHex, min: 32, max: 32, before: urlSafe}.match},
	{kind: "mailchimp-key", literals: []string{"-us"}, match: matchMailchimp},
	{kind: "brevo-key", literals: []string{"xkeysib-", "xsmtpsib-"}, match: token{body: alnum | dash, min: 64}.match},

	// Payment and trade.
	{kind: "stripe-key", literals: []string{"sk_live_", "rk_live_", "sk_test_", "rk_test_"}, match: token{body: alnum, min: 16, before: alnum}.match},
	{kind: "stripe-key", literals: []string{"whsec_"}, match: token{body: alnum | plus | equals, min: 24, before: alnum}.match},
	{kind: "square-token", literals: []string{"sq0csp-", "sq0atp-", "sq0idp-"}, match: token{body: urlSafe, min: 22}.match},
	{kind: "shopify-token", literals: []string{"shpat_", "shpss_", "shpca_", "shppa_"}, match: token{body: upperHex | lowerHex, min: 32}.match},
	{kind: "braintree-token", literals: []string{"access_token$production$"}, match: token{body: alnum | hard, min: 40}.match},

	// Model vendors.
	{kind: "anthropic-key", literals: []string{"sk-ant-"}, match: token{body: urlSafe, min: 20, before: alnum}.match},
	{kind: "openrouter-key", literals: []string{"sk-or-v1-"}, match: token{body: lowerHex, min: 40, before: urlSafe}.match},
	{kind: "openai-key", literals: []string{"sk-proj-", "sk-svcacct-", "sk-admin-", "sk-None-"}, match: token{body: urlSafe, min: 20, before: alnum}.match},
	{kind: "openai-key", literals: []string{"sk-"}, match: token{body: urlSafe, min: 20, before: urlSafe, random: true}.match},
	{kind: "elevenlabs-key", literals: []string{"sk_"}, match: token{body: lowerHex, min: 48, max: 48, before: word}.match},
	{kind: "groq-key", literals: []string{"gsk_"}, match: token{body: alnum, min: 40, before: word}.match},
	{kind: "huggingface-token", literals: []string{"hf_", "api_org_"}, match: token{body: alnum, min: 30, max: 50, before: word}.match},
	{kind: "langsmith-key", literals: []string{"lsv2_pt_", "lsv2_sk_"}, match: token{body: word, min: 32}.match},
	{kind: "nvidia-key", literals: []string{"nvapi-"}, match: token{body: urlSafe, min: 40, before: word}.match},
	{kind: "perplexity-key", literals: []string{"pplx-"}, match: token{body: alnum, min: 40, before: word}.match},
	{kind: "replicate-token", literals: []string{"r8_"}, match: token{body: alnum, min: 36, max: 42, before: word, random: true}.match},
	{kind: "xai-key", literals: []string{"xai-"}, match: token{body: alnum, min: 60, before: word}.match},

	// Tools of the trade.
	{kind: "adafruit-key", literals: []string{"aio_"}, match: token{body: alnum, min: 28, max: 28, before: word, random: true}.match},
	{kind: "age-key", literals: []string{"AGE-SECRET-KEY-1"}, match: token{body: upper | digit, min: 50}.match},
	{kind: "age-key", literals: []string{"AGE-SECRET-KEY-PQ-1"}, match: token{body: upper | digit, min: 50}.match},
	{kind: "contentful-token", literals: []string{"CFPAT-"}, match: token{body: urlSafe, min: 40}.match},
	{kind: "dropbox-token", literals: []string{"sl."}, match: token{body: urlSafe | dot, min: 120, before: word, random: true}.match},
	{kind: "figma-token", literals: []string{"figd_"}, match: token{body: urlSafe, min: 36, before: word}.match},
	{kind: "grafana-token", literals: []string{"glsa_", "glc_"}, match: token{body: word | plus | equals, min: 32, before: word}.match},
	{kind: "linear-key", literals: []string{"lin_api_", "lin_oauth_"}, match: token{body: alnum, min: 32, before: word}.match},
	{kind: "mapbox-token", literals: []string{"sk.eyJ"}, match: token{body: urlSafe | dot, min: 60, before: word}.match},
	{kind: "newrelic-key", literals: []string{"NRAK-", "NRAA-", "NRRA-", "NRII-"}, match: token{body: alnum | dash, min: 24}.match},
	{kind: "notion-token", literals: []string{"ntn_"}, match: token{body: alnum, min: 40, before: word}.match},
	{kind: "notion-token", literals: []string{"secret_"}, match: token{body: alnum, min: 43, max: 43, before: word, random: true}.match},
	{kind: "onepassword-token", literals: []string{"ops_eyJ"}, match: token{body: urlSafe | equals, min: 100, before: word}.match},
	{kind: "postman-key", literals: []string{"PMAK-"}, match: token{body: lowerHex | dash, min: 50}.match},
	{kind: "prefect-key", literals: []string{"pnu_", "pnb_"}, match: token{body: alnum, min: 36, max: 36, before: word}.match},
	{kind: "readme-key", literals: []string{"rdme_"}, match: token{body: lower | digit, min: 70, before: word}.match},
	{kind: "sentry-token", literals: []string{"sntrys_", "sntryu_"}, match: token{body: word | plus | equals | dash, min: 40, before: word}.match},
	{kind: "typeform-token", literals: []string{"tfp_"}, match: token{body: urlSafe | dot, min: 40, before: word}.match},
	{kind: "jwt", literals: []string{"eyJ"}, match: matchJWT},

	// What has no shape of its own but a place where it stands.
	{kind: "authorization", literals: []string{"authorization"}, fold: true, match: matchAuthorization},
	{kind: "authorization", literals: []string{"bearer "}, fold: true, match: matchBearer},
	{kind: "url-password", literals: []string{"://"}, match: matchURL},
	{kind: "credential", literals: keywords, fold: true, match: matchAssignment, assignment: true},
}
