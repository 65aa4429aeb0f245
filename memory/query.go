package memory

// QueryTerm is a term that a question asks for.
type QueryTerm struct {
	Text  string // the term, as Tokens gives it
	Count int    // how often the question has it
	Word  string // the word it was first found in, as the user wrote it
}

// QueryTerms gives the unique terms of a question in the order in which they
// first stand there. It is nil when the question has none.
func QueryTerms(text string) []QueryTerm {
	var terms []QueryTerm
	var t tokenizer
	seen := make(map[string]int)
	t.each(text, func(term []byte, word string) {
		if k, ok := seen[string(term)]; ok {
			terms[k].Count++
			return
		}
		s := string(term)
		seen[s] = len(terms)
		terms = append(terms, QueryTerm{Text: s, Count: 1, Word: word})
	})
	return terms
}
