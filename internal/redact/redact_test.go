package redact

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

// Values of tokens are made here, so that no scanner of a code host finds one
// in this file.
const (
	base62 = "q7Rk2ZbX9mWc4TfJ8nHsLd3vYpG6xNaE5wKuB1tCzQyVhFjD0gMiPoSrUeAl"
	hexes  = "9f3a7c1e5b8d2046e1c7a93b5d08f642"
)

// rnd returns n letters and digits, rndHex n hex digits, caps n capitals and
// digits of base32.
func rnd(n int) string    { return strings.Repeat(base62, n/len(base62)+1)[:n] }
func rndHex(n int) string { return strings.Repeat(hexes, n/len(hexes)+1)[:n] }
func caps(n int) string   { return strings.Repeat("Q7RK2ZBX5MWC4TFJ6NHSLD3VYPG", n/27+1)[:n] }

func testRedactor() *Redactor { return New([]byte("0123456789abcdef0123456789abcdef")) }

var mark = regexp.MustCompile(`<secret:[a-z0-9-]+#[0-9a-f]{4}>`)

func TestPlantedSecrets(t *testing.T) {
	basic := base64.StdEncoding.EncodeToString([]byte("deploy:9fX!kq27Lm"))
	claims := base64.RawURLEncoding.EncodeToString([]byte(`{"sub":"deploy","iat":1700000000}`))
	tests := []struct {
		kind   string
		before string // kept
		secret string
		after  string // kept
	}{
		{"aws-access-key", "id = ", "AK" + "IA" + caps(16), " # prod"},
		{"aws-access-key", "", "AS" + "IA" + caps(16), ""},
		{"alibaba-key", "id: ", "LT" + "AI" + rnd(20), ""},
		{"azure-key", "EndpointSuffix=core.windows.net;AccountKey=", rnd(86) + "==", ";"},
		{"azure-key", "SharedAccessKey=", rnd(43) + "=", ""},
		{"azure-client-secret", "s: ", "a1B" + "8Q" + "~" + rnd(34), " "},
		{"cloudflare-key", "k ", "v1.0" + "-" + rndHex(24) + "-" + rndHex(146), ""},
		{"databricks-token", "x=", "da" + "pi" + rndHex(32), ""},
		{"digitalocean-token", "", "dop_" + "v1_" + rndHex(64), ""},
		{"doppler-token", "", "dp." + "pt." + rnd(43), "\n"},
		{"dynatrace-token", "", "dt0" + "c01." + caps(24) + "." + caps(64), ""},
		{"fly-token", "", "fo" + "1_" + rnd(43), ""},
		{"fly-token", "", "fm" + "2_" + rnd(120) + "==", ""},
		{"google-api-key", "key=", "AI" + "za" + rnd(35), "&x=1"},
		{"google-oauth", "", "ya" + "29." + rnd(60), ""},
		{"google-oauth", "", "GOC" + "SPX-" + rnd(28), ""},
		{"firebase-key", "k ", "AAAA" + rnd(7) + ":APA" + "91b" + rnd(134), ""},
		{"heroku-key", "", "HR" + "KU-AA" + rnd(58), ""},
		{"netlify-token", "", "nf" + "p_" + rnd(36), ""},
		{"planetscale-key", "", "pscale" + "_tkn_" + rnd(43), ""},
		{"pulumi-token", "", "pu" + "l-" + rndHex(40), ""},
		{"render-key", "", "rn" + "d_" + rnd(32), ""},
		{"supabase-key", "", "sb" + "p_" + rndHex(40), ""},
		{"supabase-key", "", "sb_" + "secret_" + rnd(31), ""},
		{"tailscale-key", "", "tskey" + "-auth-" + rnd(12) + "CNTRL-" + rnd(32), ""},
		{"tencent-key", "", "AK" + "ID" + rnd(32), ""},
		{"terraform-token", "t ", rnd(14) + ".atlas" + "v1." + rnd(67), ""},
		{"vault-token", "", "hv" + "s." + rnd(90), ""},
		{"github-token", "git clone with ", "gh" + "p_" + rnd(36), ""},
		{"github-token", "", "gh" + "o_" + rnd(36), ""},
		{"github-token", "", "gh" + "u_" + rnd(36), ""},
		{"github-token", "x\\n", "gh" + "s_" + rnd(36), ""},
		{"github-token", "%3D", "gh" + "r_" + rnd(36), ""},
		{"github-token", "", "github" + "_pat_" + rnd(22) + "_" + rnd(59), ""},
		{"gitlab-token", "", "gl" + "pat-" + rnd(20), ""},
		{"gitlab-token", "", "gl" + "rt-" + rnd(20), ""},
		{"bitbucket-token", "", "AT" + "BB" + rnd(32), ""},
		{"atlassian-token", "", "ATA" + "TT3" + rnd(180) + "=1A2B3C4D", ""},
		{"npm-token", "", "np" + "m_" + rnd(36), ""},
		{"npm-token", "//registry.npmjs.org/:_authToken=", rndHex(8) + "-1a2b-4c3d-8e9f-" + rndHex(12), ""},
		{"pypi-token", "password = ", "pypi" + "-AgE" + rnd(150), ""},
		{"rubygems-key", "", "ruby" + "gems_" + rndHex(48), ""},
		{"crates-token", "cargo login ", "ci" + "o" + rnd(32), ""},
		{"clojars-token", "", "CLO" + "JARS_" + rndHex(60), ""},
		{"nuget-key", "", "oy" + "2" + strings.ToLower(rnd(43)), ""},
		{"docker-token", "", "dckr" + "_pat_" + rnd(27), ""},
		{"docker-auth", `"auth": "`, basic, `"`},
		{"artifactory-key", "", "AK" + "Cp" + rnd(69), ""},
		{"buildkite-token", "", "bk" + "ua_" + rndHex(40), ""},
		{"circleci-token", "", "CCI" + "PAT_" + rnd(22) + "_" + rndHex(40), ""},
		{"sonar-token", "", "sq" + "p_" + rndHex(40), ""},
		{"sourcegraph-token", "", "sg" + "p_" + rndHex(40), ""},
		{"slack-token", "", "xo" + "xb-" + "123456789012-123456789012-" + rnd(24), ""},
		{"slack-token", "", "xo" + "xp-" + "123456789012-123456789012-" + rnd(32), ""},
		{"slack-token", "", "xa" + "pp-1-A012-345-" + rndHex(64), ""},
		{"slack-webhook", "https://hooks.slack.com/services/", "T0" + caps(8) + "/B0" + caps(8) + "/" + rnd(24), ""},
		{"discord-token", "bot ", "MT" + "A4" + rnd(22) + "." + "GaBc1d" + "." + rnd(38), ""},
		{"discord-webhook", "https://discord.com/api/webhooks/", "1021345678901234567/" + rnd(68), ""},
		{"teams-webhook", "https://acme.webhook.office.com/webhookb2/", rndHex(36) + "@" + rndHex(36) + "/IncomingWebhook/" + rndHex(32), ""},
		{"telegram-token", "bot=", "7123456789" + ":A" + "A" + rnd(33), ""},
		{"twilio-key", "", "S" + "K" + rndHex(32), ""},
		{"sendgrid-key", "", "S" + "G." + rnd(22) + "." + rnd(43), ""},
		{"mailgun-key", "api:", "ke" + "y-" + rndHex(32), ""},
		{"mailchimp-key", "", rndHex(32) + "-us" + "12", ""},
		{"brevo-key", "", "xkey" + "sib-" + rndHex(64) + "-" + rnd(16), ""},
		{"stripe-key", "", "sk_" + "live_" + rnd(24), ""},
		{"stripe-key", "", "rk_" + "live_" + rnd(24), ""},
		{"stripe-key", "", "wh" + "sec_" + rnd(32), ""},
		{"square-token", "", "sq0" + "csp-" + rnd(43), ""},
		{"shopify-token", "", "shp" + "at_" + rndHex(32), ""},
		{"braintree-token", "", "access_token$" + "production$" + rndHex(16) + "$" + rndHex(32), ""},
		{"anthropic-key", "", "sk-" + "ant-api03-" + rnd(93) + "AA", ""},
		{"openrouter-key", "", "sk-" + "or-v1-" + rndHex(64), ""},
		{"openai-key", "", "sk-" + "proj-" + rnd(120), ""},
		{"openai-key", "", "sk-" + rnd(20) + "T3Blbk" + "FJ" + rnd(20), ""},
		{"elevenlabs-key", "", "sk" + "_" + rndHex(48), ""},
		{"groq-key", "", "gs" + "k_" + rnd(52), ""},
		{"huggingface-token", "", "hf" + "_" + rnd(34), ""},
		{"langsmith-key", "", "lsv2" + "_pt_" + rndHex(32) + "_" + rndHex(10), ""},
		{"nvidia-key", "", "nv" + "api-" + rnd(64), ""},
		{"perplexity-key", "", "pp" + "lx-" + rnd(48), ""},
		{"replicate-token", "", "r8" + "_" + rnd(37), ""},
		{"xai-key", "", "xa" + "i-" + rnd(80), ""},
		{"adafruit-key", "", "ai" + "o_" + rnd(28), ""},
		{"age-key", "", "AGE-SECRET" + "-KEY-1" + caps(58), ""},
		{"age-key", "", "AGE-SECRET" + "-KEY-PQ-1" + caps(58), ""},
		{"contentful-token", "", "CF" + "PAT-" + rnd(43), ""},
		{"dropbox-token", "", "s" + "l." + rnd(136), ""},
		{"figma-token", "", "fi" + "gd_" + rnd(40), ""},
		{"grafana-token", "", "gl" + "sa_" + rnd(32) + "_" + rndHex(8), ""},
		{"linear-key", "", "lin" + "_api_" + rnd(40), ""},
		{"mapbox-token", "", "s" + "k.ey" + "J" + rnd(60) + "." + rnd(22), ""},
		{"newrelic-key", "", "NR" + "AK-" + caps(27), ""},
		{"notion-token", "", "nt" + "n_" + rnd(46), ""},
		{"notion-token", "", "sec" + "ret_" + rnd(43), ""},
		{"onepassword-token", "", "ops_" + "eyJ" + rnd(250), ""},
		{"postman-key", "", "PM" + "AK-" + rndHex(24) + "-" + rndHex(34), ""},
		{"prefect-key", "", "pn" + "u_" + rnd(36), ""},
		{"readme-key", "", "rd" + "me_" + rndHex(70), ""},
		{"sentry-token", "", "sn" + "trys_" + rnd(150), ""},
		{"typeform-token", "", "tf" + "p_" + rnd(59), ""},
		{"jwt", "session=", "ey" + "JhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9." + claims + "." + rnd(43), ";"},

		{"authorization", "Authorization: Bearer ", rnd(32), ""},
		{"authorization", "authorization: token ", rndHex(40), ""},
		{"authorization", "Authorization: Basic ", basic, ""},
		{"authorization", `curl -H "Authorization: Bearer `, rnd(28), `" https://api.test/`},
		{"authorization", `req.Header.Set("Authorization", "Bearer `, rnd(40), `")`},
		{"authorization", `headers = {'Authorization': 'Bearer `, rnd(40), `'}`},
		{"authorization", "sent bearer ", rnd(40), "."},

		{"url-password", "postgres://app:", "9fX!kq27Lm", "@db.internal:5432/app"},
		{"url-password", "DSN=amqp://svc:", "p@ss9Kd!x", "@mq/vhost"},
		{"url-password", "redis://:", "k3jd83jsl2", "@cache:6379/0"},
		{"url-password", "git clone https://", rnd(40), "@git.internal/a.git"},

		{"credential", `password = "`, "Tr0ub4dor&3xyz!", `"`},
		{"credential", `api_key: '`, rnd(24), `'`},
		{"credential", `const apiKey: string = "`, rndHex(32), `";`},
		{"credential", `DB_PASSWORD=`, "9fX!kq27Lm;,)z", ``},
		{"credential", `export AWS_SECRET_ACCESS_KEY=`, rnd(20) + "/" + rnd(19), ``},
		{"credential", `  "client_secret": "`, rnd(32), `",`},
		{"credential", `{\"token\": \"`, rnd(32), `\"}`},
		{"credential", `<password>`, rnd(16), `</password>`},
		{"credential", `os.environ["API_KEY"] = "`, rnd(20), `"`},
		{"credential", `	token string = "`, rnd(32), `"`},
		{"credential", `  secret: `, rnd(32), ` # rotate`},
		{"credential", `passwd => '`, "Summer2024!Berlin", `',`},
		{"credential", `X-Api-Key: `, rndHex(40), ``},
		{"credential", `password: str = "`, "k9$Lm2!vQx7@", `"`},

		{"private-key", `{"private_key": "-----BEGIN PRIV` + `ATE KEY-----\n`, rnd(64) + `\n` + rnd(40) + `==`, `\n-----END PRIV` + `ATE KEY-----\n"}`},
		{"private-key", `key: `, "MIIEv" + "QIBADANBgkqhkiG9w0BAQEFAASC" + rnd(80), ``},
	}
	r := testRedactor()
	kinds := map[string]bool{}
	for _, tt := range tests {
		kinds[tt.kind] = true
		in := tt.before + tt.secret + tt.after
		out := r.Text(in)
		want := regexp.MustCompile(`^` + regexp.QuoteMeta(tt.before) + `<secret:` + tt.kind + `#[0-9a-f]{4}>` + regexp.QuoteMeta(tt.after) + `$`)
		if !want.MatchString(out) {
			t.Errorf("%s: Text(%q)\n got %q", tt.kind, in, out)
		}
		if again := r.Text(out); again != out {
			t.Errorf("%s: Text is not idempotent:\n once  %q\n twice %q", tt.kind, out, again)
		}
		if line, found := r.File("main.go").Line([]byte(strings.TrimSuffix(in, "\n"))); !found || string(line) != strings.TrimSuffix(out, "\n") {
			t.Errorf("%s: Line(%q)\n got  %q\n want %q", tt.kind, in, line, out)
		}
	}
	for _, kind := range Kinds() {
		if !kinds[kind] {
			t.Errorf("no secret of kind %s is planted", kind)
		}
	}
}

func TestCleanTextStays(t *testing.T) {
	image := "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
	lines := []string{
		"",
		"a",
		"golang.org/x/sync v0.7.0 h1:YsImfSBoP9QPYL0xyKJPq0gcaJdN3rInoqxTWbfQu9M=",
		"550e8400-e29b-41d4-a716-446655440000",
		`token = "550e8400-e29b-41d4-a716-446655440000"`,
		"commit 7d0f28ac4b9bb5a0cfc3c3b9d3d2f1a04c4e9b1f",
		`"integrity": "sha512-` + rnd(86) + `=="`,
		`{ "key": "ctrl+shift+alt+f12", "command": "workbench.action.token2Next3" }`,
		"token := parser.Next()",
		"token = tokens[i+12345].Value1a2b",
		"password: str",
		"password: Optional[str] = None",
		`os.Getenv("API_KEY")`,
		`api_key = os.environ["MY_SERVICE_API_KEY_2024"]`,
		"secretName: my-app-secret",
		"secretName: my-app-secret-9f3a7c1e5b8d",
		`password_sha256 = "` + rndHex(64) + `"`,
		`want: "` + rndHex(64) + `",`,
		`tokenURL: "https://auth.internal/oauth2/v2.0/Token1"`,
		`private_key_path = "/etc/ssl/Private1/aB3dE5.key"`,
		`token_hash: ` + rndHex(40),
		`<img src="data:image/png;base64,` + image + `">`,
		image,
		"password = ${DB_PASSWORD_PROD_1}",
		`password = "{{ vault_db_Password1 }}"`,
		`password = "<your Password1 here>"`,
		`password: "changeme12345A!"`,
		`password=xxxxxxxxxxxxxxxx`,
		`secret = "AKIAIOSFODNN7EXAMPLE"`,
		`aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY`,
		"https://user:password@host/path",
		"https://user:pass@host/",
		"https://user:$PASSWORD@host/",
		"https://user:${PASSWORD}@host/",
		"https://user:{{x}}@host/",
		"https://user:<password>@host/",
		"https://user:xxxxxx@host/",
		"https://user:******@host/",
		"https://u:9fX!kq27Lm@example.com/",
		"postgres://postgres:postgres@localhost:5432/db",
		"http://localhost:8080/@scope/package@1.2.3",
		"git@github.com:owner/repo.git",
		"mailto:someone@company.io",
		"Authorization: Bearer $TOKEN",
		"Authorization: Bearer <token>",
		"Authorization: Bearer ${{ secrets.GITHUB_TOKEN }}",
		`Authorization: "Bearer " + token`,
		"Authorization: Basic dXNlcjpwYXNz", // user:pass
		"the Authorization header is optional",
		"bearer authentication with a JSON Web Token",
		"class=\"sk-circle-fade-dot sk-chase-dot-animation\"",
		"task-management-system-version-2-of-3",
		"SKIP_THIS_TEST_WITH_A_LONG_NAME",
		"-----BEGIN CERTIFICATE-----",
		"const header = \"-----BEGIN RSA PRIV" + "ATE KEY-----\"",
		"cionics and npm_config_registry and hf_hub_download_from_the_web_site",
		"xoxb-your-token-here",
		"gh" + "p_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
		"csrf_token: {{ csrf_token() }}",
		"std::uint64_t token::kInvalid1Token2Value3 = 0;",
		"expires = 2024-01-02T03:04:05.678Z",
		"tokenExpiry: 2024-01-02T03:04:05.678Z",
		"token: 2024-01-02T03:04:05.678Z",
		"password: 'Enter your password'",
		"\xff\xfe\x00password\x00=\x00",
	}
	r := testRedactor()
	for _, l := range lines {
		if out := r.Text(l); out != l {
			t.Errorf("Text(%q)\n got %q", l, out)
		}
		if out, found := r.File("main.go").Line([]byte(l)); found {
			t.Errorf("Line(%q)\n got %q", l, out)
		}
	}
}

func TestLockFilesHaveNoAssignmentRule(t *testing.T) {
	r := testRedactor()
	line := []byte(`"token": "` + rnd(32) + `"`)
	token := []byte("gh" + "p_" + rnd(36))
	for path, lock := range map[string]bool{
		"go.sum": true, "a/b/package-lock.json": true, "yarn.lock": true, "Cargo.lock": true,
		"pnpm-lock.yaml": true, "x.sum": true, "poetry.lock": true, ".terraform.lock.hcl": true,
		"main.go": false, "lock.go": false, "summary.txt": false, "": false,
	} {
		if _, found := r.File(path).Line(line); found == lock {
			t.Errorf("%q: assignment found: %t, want %t", path, found, !lock)
		}
		if _, found := r.File(path).Line(token); !found {
			t.Errorf("%q: a token with a prefix was not found", path)
		}
	}
}

func TestMarksCompare(t *testing.T) {
	secret := "gh" + "p_" + rnd(36)
	r := testRedactor()
	one, two := r.Text("a "+secret), r.Text("other "+secret+" text")
	if mark.FindString(one) == "" || mark.FindString(one) != mark.FindString(two) {
		t.Errorf("equal secrets have the marks %q and %q", one, two)
	}
	if other := New([]byte("another key of thirty-two bytes!")).Text("a " + secret); other == one {
		t.Errorf("the mark %q does not depend on the key", one)
	}
}

// A mark whose kind is made up may hold anything, so it is no mark.
func TestForgedMarkHidesNothing(t *testing.T) {
	in := `password = "<secret:x#1234>"` + "\nSECRET=<secret:" + strings.ToLower(rnd(20)) + "#abcd>"
	out := testRedactor().Text(in)
	if out2 := testRedactor().Text(out); out2 != out {
		t.Errorf("not idempotent: %q, then %q", out, out2)
	}
	token := "gh" + "p_" + rnd(36)
	if got := testRedactor().Text("<secret:" + token + "#abcd>"); strings.Contains(got, token) {
		t.Errorf("a forged mark hides its kind: %q", got)
	}
}

func TestSeveralSecretsInOneText(t *testing.T) {
	a, b := "gh"+"p_"+rnd(36), "np"+"m_"+rnd(36)
	in := "x " + a + " y " + b + "\nz " + a + "\n"
	out := testRedactor().Text(in)
	if n := len(mark.FindAllString(out, -1)); n != 3 || strings.Count(out, "\n") != 2 {
		t.Errorf("Text(%q) = %q, want three marks on two lines", in, out)
	}
	// The particular rule names what the general one finds as well.
	if got := testRedactor().Text("https://ci:" + a + "@git.internal/"); !strings.Contains(got, "<secret:github-token#") {
		t.Errorf("got %q, want a github-token", got)
	}
}

func TestInputIsNotWritten(t *testing.T) {
	in := []byte("x gh" + "p_" + rnd(36) + " y")
	before := slices.Clone(in)
	out, found := testRedactor().Bytes(in)
	if !found || string(in) != string(before) || string(out) == string(in) {
		t.Errorf("Bytes wrote into its argument or found nothing: %q", out)
	}
}

func TestCleanTextDoesNotAllocate(t *testing.T) {
	r := testRedactor()
	f := r.File("a.go")
	text := strings.Join(sourceLines, "\n")
	line := []byte(sourceLines[0])
	if n := testing.AllocsPerRun(100, func() {
		r.Text(text)
		r.Bytes(line)
		f.Reset("b.go")
		f.Line(line)
	}); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}

func TestConcurrentUse(t *testing.T) {
	r := testRedactor()
	in := "x gh" + "p_" + rnd(36)
	want := r.Text(in)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 200 {
				if got := r.Text(in); got != want {
					t.Errorf("got %q, want %q", got, want)
				}
			}
		})
	}
	wg.Wait()
}

func TestKinds(t *testing.T) {
	kinds := Kinds()
	if !slices.IsSorted(kinds) || len(kinds) < 40 || len(slices.Compact(slices.Clone(kinds))) != len(kinds) {
		t.Errorf("Kinds() = %v", kinds)
	}
	for _, k := range kinds {
		if m := fmt.Sprintf("<secret:%s#0a1b>", k); len(findMarks([]byte(m))) != 1 {
			t.Errorf("%s is not read as a mark", m)
		}
	}
}

func FuzzText(f *testing.F) {
	for _, l := range sourceLines {
		f.Add(l)
	}
	for _, s := range []string{
		"gh" + "p_" + rnd(36), `password = "Tr0ub4dor&3xyz!"`, "postgres://app:9fX!kq27Lm@db/x",
		"Authorization: Bearer " + rnd(30), strings.Join(pemLines("RSA PRIV"+"ATE KEY", 4), "\n"),
		"<secret:jwt#0000>", "<secret:<secret:jwt#0000>#1234>",
	} {
		f.Add(s)
	}
	r := testRedactor()
	f.Fuzz(func(t *testing.T, s string) {
		out := r.Text(s)
		if again := r.Text(out); again != out {
			t.Errorf("not idempotent: %q\n once  %q\n twice %q", s, out, again)
		}
		if strings.Count(out, "\n") != strings.Count(s, "\n") {
			t.Errorf("%q became %q: another number of lines", s, out)
		}
		if out != s && !mark.MatchString(out) {
			t.Errorf("%q became %q without a mark", s, out)
		}
		b, found := r.Bytes([]byte(s))
		if string(b) != out || found != (out != s) {
			t.Errorf("Bytes(%q) = %q, %t; Text gave %q", s, b, found, out)
		}
		file := r.File("main.go")
		for line := range strings.SplitSeq(s, "\n") {
			file.Line([]byte(line))
		}
	})
}
