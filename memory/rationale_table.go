package memory

import "strings"

// This file is the one table of words and markers by which memd knows a
// reason. Where the rows come from: the design's list (because, so that,
// instead of, must, do not, never, HACK, NOTE, WORKAROUND, SAFETY, XXX), then
// reading what it found and missed in the newest commits of git, caddy and
// tokio, 2026. Words are lower case; "a|b" stands for either; a hyphen in the
// text counts as a space.

// strength says how sure a phrase makes that a sentence states a reason.
type strength int

const (
	noReason strength = iota
	ruling            // states what must be, or what was passed over
	causal            // says why
)

// phrase is one row: a sequence of words, and the words next to it with which
// it means something else.
type phrase struct {
	words  string
	not    string // words that may not follow
	after  string // words that may not stand before
	start  bool   // only where a clause begins: as an order, not as a statement
	inside bool   // not as the first word: "Otherwise, it returns nil" is a branch
}

// causalPhrases say why. Left out after reading: "although" and "even though"
// (they concede), "thanks to" (mostly people are thanked), "unfortunately",
// and "prevent" and "avoid" without "to" (they say what, as subjects do).
var causalPhrases = []phrase{
	{words: "because"},
	{words: "cuz"},
	{words: "so that"},
	{words: "so as to|not"},
	{words: "in order to|that|not|for"},
	{words: "otherwise", not: "noted specified stated mentioned", after: "unless or and if is where than not do does the an", inside: true},
	{words: "or else"},
	{words: "to avoid|prevent|guard|preclude"},
	{words: "avoids|prevents|avoiding|preventing"},
	{words: "due to"},
	{words: "owing to"},
	{words: "the|one|another|main|only|this reason", not: "phrase code field string strings codes is given"},
	{words: "for that|these|this|performance|compatibility|historical|security reason|reasons"},
	{words: "for backward|backwards|forward compatibility"},
	{words: "reason for|why|being|behind"},
	{words: "reasons why"},
	{words: "is|was|that's|which is why"},
	{words: "that's why"},
	{words: "turns|turned out"},
	{words: "workaround|workarounds"},
	{words: "work|works|working|worked around"},
	{words: "would|could|might|will cause|break|crash|panic|deadlock|hang|leak|lose|corrupt|overflow"},
	{words: "would|could|might fail"},
	{words: "would|could|might otherwise|incorrectly|wrongly|falsely"},
	{words: "would|could|might result in"},
	{words: "would|could|might lead to"},
	{words: "this|that|which|it ensures|guarantees"},
	{words: "to make sure|certain"},
	{words: "to ensure|guarantee"},
	{words: "the rationale|motivation|intention|intent"},
	{words: "lest"},
	// The time since which something is so is no reason.
	{words: "since", after: "ever long has have been had now", not: `ever then last about at
		v0 v1 v2 v3 v4 version versions release releases commit git go python rust its
		january february march april may june july august september october november
		december day days yesterday forever introduction inception`},
}

// rulingPhrases state what must or must not be, what was passed over, or what
// went wrong. They lose against a causal sentence. Left out after reading:
// "cannot", "has to be", "careful" (comments say them of everything).
var rulingPhrases = []phrase{
	{words: "instead of"},
	{words: "rather than"},
	{words: "must", after: "a", not: "have"},
	{words: "must have been|to", after: "something it"},
	{words: "mustn't"},
	{words: "never", not: "mind", after: "have has had was were been i've would"},
	{words: "do not", start: true},
	{words: "don't", start: true},
	{words: "should not|never"},
	{words: "shouldn't"},
	{words: "needs to be"},
	{words: "only safe|valid"},
	{words: "be careful"},
	{words: "beware"},
	{words: "important that|to"},
	{words: "relies|rely|depends|relying on"},
	{words: "assumes|assuming that|the"},
	{words: "make sure|certain", start: true},
	{words: "leads|leading|led to"},
	{words: "results|resulting|resulted in"},
	{words: "causes|causing|caused"},
	{words: "as a result|consequence|precaution|safeguard|fallback"},
	{words: "therefore|hence|consequently"},
	{words: "the problem|issue|trouble|catch|downside|drawback|idea is|was|here|with|being"},
	{words: "no longer needed|necessary|required"},
	{words: "no need to"},
	{words: "isn't|not safe|possible|enough|sufficient|guaranteed|reliable"},
	{words: "it's|is unsafe|dangerous|racy|fragile|brittle"},
	{words: "in case", not: "insensitive sensitive"},
	{words: "by design"},
	{words: "on purpose"},
	{words: "intentionally|deliberately|purposely"},
}

// commentMarkers announce a remark. With true the remark counts on its own;
// the others need a causal phrase behind them, for they are promises first.
var commentMarkers = map[string]bool{
	"HACK": true, "WORKAROUND": true, "SAFETY": true, "XXX": true, "WARNING": true,
	"NOTE": true, "NB": true, "N.B.": true, "CAUTION": true, "IMPORTANT": true,
	"CAVEAT": true, "GOTCHA": true, "INVARIANT": true, "REASON": true, "WHY": true,
	"DECISION": true, "CONSTRAINT": true, "DANGER": true, "RATIONALE": true,
	"TODO": false, "FIXME": false, "BUG": false, "NEEDSWORK": false,
}

// assistantPhrases address a model instead of a reader. A paragraph with one
// is never shown as a reason (reliability R26; shapes from the published
// collections of prompt injections).
var assistantPhrases = []phrase{
	{words: "ignore|disregard|forget|override|bypass previous|prior|above|earlier|preceding|foregoing instructions|instruction|prompts|prompt|messages|rules|directions|context"},
	{words: "ignore|disregard|forget|override|bypass all|any|the|your|my|these previous|prior|above|earlier|preceding|other|safety|system"},
	{words: "ignore|disregard|forget|override|bypass all|any|your|every instructions|rules|guidelines"},
	{words: "ignore|disregard|forget|override all of|the your|previous|above|prior"},
	{words: "ignore|disregard|forget everything|anything above|before|else|you"},
	{words: "you are|be|become a|an|now|the|my ai|llm|assistant|chatbot|agent|helpful|model|language|coding|dan"},
	{words: "you're a|an|now ai|llm|assistant|chatbot|agent|helpful|language|coding"},
	{words: "you are now"},
	{words: "you're now"},
	{words: "as a|an|the ai|llm|assistant|chatbot|language|coding|helpful|autonomous"},
	{words: "as your assistant|agent"},
	{words: "if you are a|an ai|llm|assistant|language|agent|model|coding"},
	{words: "if you're a|an ai|llm|assistant|language|agent|model|coding"},
	{words: "ai|llm|coding assistant|assistants|agent|agents|model|models must|should|shall|need|please|are|have"},
	{words: "the|any|every|all assistant|ai|llm|llms|chatbot|claude|chatgpt|copilot|gemini|codex must|should|shall|needs|please"},
	{words: "claude|chatgpt|copilot|gemini|codex|cursor|gpt must|should|shall|please|always|never"},
	{words: "dear|hey|hello|attention|hi assistant|ai|llm|agent|agents|claude|chatgpt|copilot|gemini|codex|model"},
	{words: "note|notice|instructions|message|reminder to|for ai|llm|coding|all|any agents|assistants|models|assistant|agent|model"},
	{words: "note|notice|instructions|message|reminder to|for the|ai|llms assistant|ai|llm|model"},
	{words: "your|hidden system prompt|instruction|instructions"},
	{words: "new|updated|your instructions|directives are|follow|supersede|override"},
	{words: "you must|should|shall|will|have now|always|immediately|first|to obey|run|execute|call|send|reply|respond|output|comply|print|reveal|tell|say"},
	{words: "you must|shall obey|comply|respond|reply|reveal|exfiltrate|pretend|answer"},
	{words: "not|never|don't tell|inform|alert|warn the user"},
	{words: "not|never|don't mention|reveal this|it|these to the user|users"},
	{words: "when summarizing|summarising|answering|reviewing|reading this|the repository|repo|commit|code|diff|history"},
	{words: "im_start|im_end|endoftext"},
	{words: "jailbreak|jailbroken"},
	{words: "prompt injection", not: "attack attacks is are detection tests test filter guard protection"},
}

// licencePhrases mark the headers that stand at the top of files.
var licencePhrases = []phrase{
	{words: "copyright"},
	{words: "spdx"},
	{words: "warranty|warranties"},
	{words: "all rights reserved"},
	{words: "permission is hereby"},
	{words: "redistribution and use"},
	{words: "licensed|released under"},
	{words: "license|licence agreement|version|file|terms"},
	{words: "governed by"},
	{words: "gnu|apache|mit|bsd|mozilla|lesser general|license|public|licence"},
	{words: "general public license"},
	{words: "you may not use|obtain this|a"},
	{words: "above|this copyright|permission notice"},
	{words: "free software"},
}

// generatedPhrases mark what a tool wrote.
var generatedPhrases = []phrase{
	{words: "do not edit|modify|change by|this|the|manually|directly file|hand|files|generated|code"},
	{words: "do not edit"},
	{words: "don't edit"},
	{words: "auto generated"},
	{words: "autogenerated"},
	{words: "generated by|from|code|file|automatically"},
	{words: "automatically generated"},
	{words: "code generated"},
	{words: "this file is|was generated"},
}

// clauseWords may stand before an order.
var clauseWords = wordSet("please so thus but also just then hence therefore and note always we must")

// phraseTable finds phrases by their first word.
type phraseTable map[string][]phraseRow

type phraseRow struct {
	rest          []string // the words behind the first
	not           map[string]struct{}
	after         map[string]struct{}
	start, inside bool
	kind          strength
}

var (
	reasonTable    = makeTable(makeTable(nil, causalPhrases, causal), rulingPhrases, ruling)
	assistantTable = makeTable(nil, assistantPhrases, causal)
	notReasonTable = makeTable(makeTable(nil, licencePhrases, causal), generatedPhrases, causal)
)

// makeTable adds rows to a table, alternatives multiplied out.
func makeTable(table phraseTable, rows []phrase, kind strength) phraseTable {
	if table == nil {
		table = make(phraseTable)
	}
	for _, p := range rows {
		sequences := [][]string{nil}
		for word := range strings.FieldsSeq(p.words) {
			var longer [][]string
			for _, s := range sequences {
				for alternative := range strings.SplitSeq(word, "|") {
					longer = append(longer, append(append([]string(nil), s...), alternative))
				}
			}
			sequences = longer
		}
		not, after := wordSet(p.not), wordSet(p.after)
		for _, s := range sequences {
			table[s[0]] = append(table[s[0]], phraseRow{rest: s[1:], not: not, after: after, start: p.start, inside: p.inside, kind: kind})
		}
	}
	return table
}
