package gitwatch

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"
)

// definitions are lines with what they define; "" is nothing.
var definitions = []struct {
	lang Language
	line string
	want string
}{
	{LangGo, "func main() {", "main"},
	{LangGo, "func (s *Server) Serve(ctx context.Context,", "Server.Serve"},
	{LangGo, "func (Server) Name() string { return \"\" }", "Server.Name"},
	{LangGo, "func (l *List[K, V]) Push(k K) {", "List.Push"},
	{LangGo, "func Map[K any](m K) {", "Map"},
	{LangGo, "func Größe() int {", "Größe"},
	{LangGo, "type Server struct {", "Server"},
	{LangGo, "type Set[T any] map[T]bool", "Set"},
	{LangGo, "const maxRetries = 7", "maxRetries"},
	{LangGo, "var ErrClosed = errors.New(\"closed\")", "ErrClosed"},
	{LangGo, "var _ io.Reader = (*R)(nil)", ""},
	{LangGo, "\tfunc() {", ""},
	{LangGo, "\ttype local struct {", ""},
	{LangGo, "import (", ""},
	{LangGo, "const (", ""},
	{LangGo, "function(x)", ""},
	{LangGo, "func (", ""},
	{LangGo, "func", ""},

	{LangPython, "def run(self, x):", "run"},
	{LangPython, "    async def run(", "run"},
	{LangPython, "class Flask(App):", "Flask"},
	{LangPython, "class Flask:", "Flask"},
	{LangPython, "\tclass Meta :", "Meta"},
	{LangPython, "def generic[T](x: T):", "generic"},
	{LangPython, "class of things", ""},
	{LangPython, "    define(x)", ""},
	{LangPython, "async with x:", ""},
	{LangPython, "DEFAULT_TIMEOUT = 30", "DEFAULT_TIMEOUT"},
	{LangPython, "LIMIT: int = 30", "LIMIT"},
	{LangPython, "DEFAULT == 30", ""},
	{LangPython, "    LIMIT = 30", ""},
	{LangPython, "app = Flask(__name__)", ""},

	{LangJavaScript, "function createApplication() {", "createApplication"},
	{LangJavaScript, "export default async function* run(x) {", "run"},
	{LangJavaScript, "export default function (x) {", ""},
	{LangJavaScript, "class Router extends Base {", "Router"},
	{LangJavaScript, "export default class extends Base {", ""},
	{LangJavaScript, "const handler = async (req, res) => {", "handler"},
	{LangJavaScript, "let one = x => x + 1", "one"},
	{LangJavaScript, "var debug = require('debug')('express');", ""},
	{LangJavaScript, "const MAX_AGE = 60", "MAX_AGE"},
	{LangJavaScript, "export const limits = {", "limits"},
	{LangJavaScript, "app.use = function use(fn) {", "app.use"},
	{LangJavaScript, "exports.parse = function(x) {", "parse"},
	{LangJavaScript, "module.exports.parse = (x) => {", "parse"},
	{LangJavaScript, "module.exports = function serve(x) {", "serve"},
	{LangJavaScript, "module.exports = function(x) {", ""},
	{LangJavaScript, "Foo.prototype.bar = function () {", "Foo.bar"},
	{LangJavaScript, "lib.Foo.prototype.bar = async function () {", "Foo.bar"},
	{LangJavaScript, "Foo.prototype = {", "Foo"},
	{LangJavaScript, "req.get = req.header = function header(name) {", "req.get"},
	{LangJavaScript, "this.next = () => {", "next"},
	{LangJavaScript, "exports = module.exports = createApplication;", ""},
	{LangJavaScript, "  handle(req, res) {", "handle"},
	{LangJavaScript, "  static async create(x) {", "create"},
	{LangJavaScript, "  #secret() {", "secret"},
	{LangJavaScript, "  constructor(", "constructor"},
	{LangJavaScript, "  name: function (x) {", "name"},
	{LangJavaScript, "  if (x) {", ""},
	{LangJavaScript, "  if(x) {", ""},
	{LangJavaScript, "  } else if (x) {", ""},
	{LangJavaScript, "  switch (x) {", ""},
	{LangJavaScript, "  return foo(x) {", ""},
	{LangJavaScript, "  it('works', function () {", ""},
	{LangJavaScript, "  it('works', () => {", ""},
	{LangJavaScript, "  foo(bar)", ""},
	{LangJavaScript, "  x = y", ""},
	{LangJavaScript, "  x == function () {", ""},
	{LangJavaScript, "interface Foo {", ""},

	{LangTypeScript, "export interface Options {", "Options"},
	{LangTypeScript, "export abstract class Repo<T> {", "Repo"},
	{LangTypeScript, "export type Id = string", "Id"},
	{LangTypeScript, "export const enum Kind {", "Kind"},
	{LangTypeScript, "declare module Foo {", "Foo"},
	{LangTypeScript, "  private async find<T>(id: string): Promise<T> {", "find"},
	{LangTypeScript, "  get(name: string): string {", "get"},
	{LangTypeScript, "  get name(): string {", "name"},
	{LangTypeScript, "export const run: Runner = async (x) => {", "run"},
	{LangTypeScript, "  protected handle(", "handle"},
	{LangTypeScript, "  type: 'string',", ""},
	{LangTypeScript, "  default: 5,", ""},

	{LangJava, "public class Foo extends Bar {", "Foo"},
	{LangJava, "  @Override public String toString() {", "toString"},
	{LangJava, "  private static <T> Map<String, List<T>> group(List<T> x) {", "group"},
	{LangJava, "  void run();", "run"},
	{LangJava, "  public Foo(int x) {", "Foo"},
	{LangJava, "  Foo(x);", ""},
	{LangJava, "  return foo(x);", ""},
	{LangJava, "  new Foo(x);", ""},
	{LangJava, "  } else if (x) {", ""},
	{LangJava, "  else if (x) {", ""},
	{LangJava, "  throw new Foo(x);", ""},
	{LangJava, "  int x = foo(y);", ""},
	{LangJava, "public @interface Marker {", "Marker"},
	{LangJava, "record Point(int x, int y) {}", "Point"},
	{LangJava, "  int[] sizes(int n) {", "sizes"},
	{LangJava, "  // the method (that is)", ""},
	{LangCSharp, "    public async Task<int> RunAsync(CancellationToken t)", "RunAsync"},
	{LangCSharp, "namespace Foo.Bar", "Bar"},
	{LangCSharp, "    public sealed partial class Foo : IBar", "Foo"},
	{LangCSharp, "    await Foo(x);", ""},

	{LangPHP, "    public static function make(array $x): self", "make"},
	{LangPHP, "final class Foo extends Bar", "Foo"},
	{LangPHP, "$f = function ($x) {", ""},
	{LangKotlin, "    override suspend fun load(id: Int): Foo {", "load"},
	{LangKotlin, "fun <T> List<T>.second(): T = this[1]", "List.second"},
	{LangKotlin, "data class Point(val x: Int)", "Point"},
	{LangKotlin, "enum class Kind {", "Kind"},
	{LangSwift, "    public static func make<T>(x: T) -> Foo {", "make"},
	{LangSwift, "    class func shared() -> Foo {", "shared"},
	{LangSwift, "extension Foo: Bar {", "Foo"},
	{LangSwift, "    init(x: Int) {", "init"},

	{LangC, "int main(int argc, const char **argv)", "main"},
	{LangC, "static int cmd_log_walk(struct rev_info *rev) {", "cmd_log_walk"},
	{LangC, "struct commit *lookup_commit(struct repository *r,", "lookup_commit"},
	{LangC, "__attribute__((format (printf, 1, 2)))", ""},
	{LangC, "__attribute__((noreturn)) void die(const char *err, ...)", "die"},
	{LangC, "parse_word (char *s, int n)", "parse_word"},
	{LangC, "int main(void);", ""},
	{LangC, "error:", ""},
	{LangC, "};", ""},
	{LangC, "MODULE_LICENSE(\"GPL\")", ""},
	{LangC, "DEFINE_COMMIT_SLAB(a, b)", ""},
	{LangC, "#define ARRAY_SIZE(x) (sizeof(x))", "ARRAY_SIZE"},
	{LangC, "#  define NO_FOO", "NO_FOO"},
	{LangC, "#ifdef NO_FOO", ""},
	{LangC, "struct rev_info {", "rev_info"},
	{LangC, "typedef struct node {", "node"},
	{LangC, "enum color {", "color"},
	{LangC, "struct rev_info;", ""},
	{LangC, "struct rev_info *rev;", ""},
	{LangC, "static const char * const usage[] = {", "usage"},
	{LangC, "static int max_retries = 7;", "max_retries"},
	{LangC, "\tif (foo(x)) {", ""},
	{LangC, "Copyright (C) 2005 Somebody", ""},
	{LangC, "typedef int (*handler)(int);", ""},
	{LangC, "return foo(x);", ""},
	{LangCPP, "void Server::serve(int port) {", "Server::serve"},
	{LangCPP, "ns::Server::Server(int port) : port_(port) {", "Server::Server"},
	{LangCPP, "Server::~Server() {", "Server::~Server"},
	{LangCPP, "std::vector<int> List<T>::items() const {", "List::items"},
	{LangCPP, "template <typename T> class Box final : public Base {", "Box"},
	{LangCPP, "class EXPORT_API Foo {", "Foo"},
	{LangCPP, "  struct Inner {", "Inner"},
	{LangCPP, "namespace a::b {", "b"},
	{LangCPP, "enum class Kind : int {", "Kind"},
	{LangCPP, "public:", ""},
	{LangCPP, "class Foo;", ""},

	{LangRust, "pub fn spawn<T>(future: T) -> JoinHandle<T>", "spawn"},
	{LangRust, "    pub(crate) async unsafe fn poll(&self) {", "poll"},
	{LangRust, "    pub(in crate::runtime) fn id(&self) {", "id"},
	{LangRust, "pub const fn new() -> Self {", "new"},
	{LangRust, "extern \"C\" fn hook(x: i32) {", "hook"},
	{LangRust, "impl Foo {", "Foo"},
	{LangRust, "impl<T: Send> fmt::Debug for sync::Mutex<T> {", "Mutex"},
	{LangRust, "unsafe impl<T> Send for Foo<T> where T: Send {}", "Foo"},
	{LangRust, "impl<F: Fn() -> T, T> Call for &'a mut F", "F"},
	{LangRust, "pub struct Foo;", "Foo"},
	{LangRust, "pub(super) enum State {", "State"},
	{LangRust, "pub trait AsyncRead: Send {", "AsyncRead"},
	{LangRust, "mod tests {", "tests"},
	{LangRust, "mod tests;", ""},
	{LangRust, "macro_rules! cfg_rt {", "cfg_rt"},
	{LangRust, "const MAX: usize = 7;", "MAX"},
	{LangRust, "    static ref X: u8;", ""},
	{LangRust, "    type Output = T;", ""},
	{LangRust, "    pub field: u8,", ""},
	{LangRust, "    let fn_name = 1;", ""},
	{LangRust, "const _: () = ();", ""},

	{LangRuby, "  def call(env)", "call"},
	{LangRuby, "  def self.build", "build"},
	{LangRuby, "  def valid?", "valid?"},
	{LangRuby, "  def name=(x)", "name="},
	{LangRuby, "  def ==(other)", "=="},
	{LangRuby, "class Sinatra::Base < Rack", "Sinatra::Base"},
	{LangRuby, "class << self", ""},
	{LangRuby, "module Rack", "Rack"},
	{LangRuby, "  VERSION = '1.0'", "VERSION"},
	{LangRuby, "  define_method(:x)", ""},

	{LangMarkdown, "# Title", "Title"},
	{LangMarkdown, "  ### A *b* `c` ###", "A *b* `c`"},
	{LangMarkdown, "#hashtag", ""},
	{LangMarkdown, "####### seven", ""},
	{LangMarkdown, "    # code", ""},
	{LangMarkdown, "# ", ""},

	{LangShell, "test_commit () {", "test_commit"},
	{LangShell, "function run-it {", "run-it"},
	{LangShell, "foo=$(bar)", ""},
	{LangShell, "echo (x)", ""},

	{LangNone, "func main() {", ""},
}

func TestSymbolDefinition(t *testing.T) {
	for _, c := range definitions {
		got, ok := c.lang.Definition([]byte(c.line))
		if string(got) != c.want || ok != (c.want != "") {
			t.Errorf("%v: %q defines %q, %v; want %q", c.lang, c.line, got, ok, c.want)
		}
	}
}

func TestSymbolOfHeader(t *testing.T) {
	for _, c := range []struct {
		lang Language
		text string
		want string
	}{
		{LangGo, "func (s *Server) Serve(ctx context.Context,", "Server.Serve"},
		{LangGo, "import (", ""},
		{LangGo, "retry:", ""},
		{LangPython, "class Flask(App):", "Flask"},
		{LangPython, "    def foo(self", "foo"},
		{LangC, "static int foo(struct x", "foo"},
		{LangC, "public:", ""},
		{LangC, "};", ""},
		{LangC, "error:", ""},
		{LangC, "static int", ""},
		{LangRust, "impl Foo {", "Foo"},
		{LangRust, "impl<T> futures_core::stream::Stream<Item = Something> + Clone + Send + 'static fo", ""},
		{LangJava, "public class Aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", ""},
		{LangMarkdown, "## Some \x1b[31mheading caf\xc3", "Some  [31mheading caf"},
		{LangNone, "func main() {", ""},
		{LangGo, "", ""},
	} {
		text := c.text
		if c.lang == LangJava {
			text = text[:headerBytes]
		}
		got, ok := c.lang.HeaderSymbol([]byte(text))
		if got != c.want || ok != (c.want != "") {
			t.Errorf("%v: header %q has %q, %v; want %q", c.lang, text, got, ok, c.want)
		}
	}
}

func TestSymbolScope(t *testing.T) {
	for _, c := range []struct {
		name   string
		lang   Language
		header string
		lines  string
		want   string
	}{
		{"inside a function", LangGo, "func foo() {", "\treturn 1", "foo"},
		{"function after another", LangGo, "func foo() {", "\nfunc bar() {\n\treturn 1\n}", "bar"},
		{"comment of the new one", LangGo, "func foo() {", "// bar does.\nfunc bar() {\n\tx()\n}\n", "bar"},
		{"slid over a closing bracket", LangGo, "func foo() {", "}\n\n// bar does.\nfunc bar() {\n\tx()", "bar"},
		{"end of one and a new one", LangGo, "func foo() {", "\treturn 1\n}\n\nfunc bar() {\n\tx()", "foo bar"},
		{"bracket alone", LangGo, "func foo() {", "}", "foo"},
		{"inner bracket alone", LangGo, "func foo() {", "\t}", "foo"},
		{"blank line", LangGo, "func foo() {", "", ""},
		{"comment inside", LangGo, "func foo() {", "\t// why", "foo"},
		{"comment at the top level", LangGo, "func foo() {", "// why", ""},
		{"import after a function", LangGo, "func foo() {", "import \"x\"", ""},
		{"no header", LangGo, "", "\tx()", ""},
		{"constants of a group", LangGo, "const (", "\tMaxRetries = 7\n\tother", "MaxRetries other"},
		{"new group", LangGo, "func foo() {", "var (\n\terrA = x(\n\t\t1,\n\t)\n\tb int\n)", "errA b"},
		{"fields", LangGo, "type T struct {", "\tname string", "T"},
		{"value over lines", LangGo, "func foo() {", "var m = map[string]int{\n\t\"a\": 1,\n}\nimport \"x\"", "m"},
		{"signature over lines", LangGo, "func foo(", ") error {", "foo"},
		{"label", LangGo, "func foo() {", "retry:", "foo"},

		{"class and method", LangPython, "", "class A:\n    def b(self):\n        pass\n", "A A.b"},
		{"method of the header's class", LangPython, "class A:", "    def b(self):\n        pass\n", "A.b"},
		{"method after a method", LangPython, "    def a(self):", "\n    def b(self):\n        pass\n", "b"},
		{"decorated method after a method", LangPython, "    def a(self):", "    @x(\n        1,\n    )\n    def b(self):\n", "b"},
		{"inner function", LangPython, "def a():", "    def b():\n        pass\n    return b\n", "a"},
		{"body and next", LangPython, "    def a(self):", "        return 1\n\n    def b(self):", "a b"},
		{"module level after a function", LangPython, "def a():", "app = Flask(__name__)", ""},
		{"signature over lines", LangPython, "def a(", "    x,\n):", "a"},
		{"class attribute", LangPython, "class A:", "    x = 1", "A"},
		{"after the method, the class", LangPython, "class A:", "    def b(self):\n        pass\n    x = 1\n", "A.b A"},
		{"statement after an inner function", LangPython, "    def a(b: str) -> str:", "    if c:\n        d\n    else:\n        e\n", ""},
		{"constant", LangPython, "def a():", "LIMIT = 5\n", "LIMIT"},
		{"nested class", LangPython, "", "class A:\n    class B:\n        def c(self):\n            pass\n    def d(self):", "A A.B B.c A.d"},

		{"methods of a class", LangJavaScript, "class Foo extends Bar {", "  baz(x) {\n    if (x) {\n    }\n  }\n\n  qux() {\n", "Foo.baz Foo.qux"},
		{"calls with callbacks", LangJavaScript, "describe('x', function () {", "  it('y', function () {\n    a.b()\n  })", ""},
		{"property function", LangJavaScript, "app.use = function use(fn) {", "  return this;\n};\n\n/**\n * Route.\n */\napp.route = function route(path) {\n  return 1;\n};", "app.use app.route"},
		{"block comment before", LangJavaScript, "app.use = function use(fn) {", "\n/**\n * function like() {\n */\n\napp.route = function route(path) {", "app.route"},

		{"impl and fn", LangRust, "", "impl Foo {\n    pub fn bar(&self) {\n        x()\n    }\n\n    #[inline]\n    fn baz() {}\n}", "Foo Foo::bar Foo::baz"},
		{"fn in the header's impl", LangRust, "impl<T> Foo<T> {", "    fn bar(&self) {\n", "Foo::bar"},
		{"where clause", LangRust, "fn a() {", "impl<T> B for C<T>\nwhere\n    T: D,\n{\n    fn e() {}\n}", "C C::e"},
		{"use after fn", LangRust, "fn a() {", "use b;", ""},
		{"attribute and struct", LangRust, "fn a() {", "#[derive(Debug)]\nstruct B {\n    c: u8,\n}", "B"},

		{"C body", LangC, "static int foo(struct x *x)", "\treturn 1;", "foo"},
		{"C type on its own line", LangC, "int foo(void)", "static int\nbar (int x)\n{\n\treturn 1;\n}\n", "bar"},
		{"C label", LangC, "int foo(void)", "out:\n\tfree(x);", "foo"},
		{"C preprocessor", LangC, "int foo(void)", "#endif", ""},
		{"C prototype over lines", LangC, "int foo(void)", "int bar(int a,\n\tint b);", ""},
		{"C prototype", LangC, "int foo(void)", "int bar(int a);", ""},
		{"C macro over lines", LangC, "int foo(void)", "#define BAR(x) \\\n\tbaz(x)\nint quux;", "BAR"},
		{"C function with its brace below", LangC, "int foo(void)", "}\n\nint bar(void)\n{\n\tint x;\n\tx = 1;\n}", "bar"},

		{"Java methods", LangJava, "public class Foo {", "  @Override\n  public int a() {\n    return 1;\n  }\n\n  /** B. */\n  void b(int x) {\n", "Foo.a Foo.b"},
		{"Java method after a method", LangJava, "  public int a() {", "  }\n\n  public int b() {\n    return 1;", "b"},
		{"Ruby", LangRuby, "  def a", "  end\n\n  def b(x)\n    x\n", "b"},
		{"Ruby class", LangRuby, "", "class A\n  def b\n    1\n  end\n\n  def c\n  end\nend\n", "A A.b A.c"},
		{"Markdown", LangMarkdown, "# A", "text\n\n## B\n\n```sh\n# not a heading\n```\nmore\n", "A B"},
		{"Markdown new section", LangMarkdown, "# A", "\n## B\n\ntext", "B"},
	} {
		var s Scope
		s.Reset(c.lang, []byte(c.header))
		for _, line := range strings.Split(c.lines, "\n") {
			s.Line([]byte(line))
		}
		if got := strings.Join(s.Symbols(), " "); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestSymbolScopeIsUsedAgain(t *testing.T) {
	var s Scope
	s.Reset(LangGo, []byte("func foo() {"))
	if got := s.Line([]byte("\tx()")); got != "foo" {
		t.Errorf("line belongs to %q", got)
	}
	first := s.Symbols()
	s.Reset(LangGo, []byte("func foo() {"))
	s.Line([]byte("func bar() {"))
	if got := fmt.Sprint(first, s.Symbols()); got != "[foo] [bar]" {
		t.Errorf("symbols of two hunks: %s", got)
	}
	s.Reset(LangNone, nil)
	s.Line([]byte("func bar() {"))
	if got := s.Symbols(); len(got) != 0 {
		t.Errorf("a file of no language touches %q", got)
	}
	s.Reset(LangGo, nil)
	for i := range 40 {
		s.Line(fmt.Appendf(nil, "func f%d() {}", i))
	}
	if got := len(s.Symbols()); got != maxSymbols {
		t.Errorf("%d symbols in a hunk, want %d", got, maxSymbols)
	}
}

// TestSymbolScopeFollowsReplacedFunctionLine has hunks in a row of one file:
// git's header names the old function, the added lines stand in the new one.
func TestSymbolScopeFollowsReplacedFunctionLine(t *testing.T) {
	type part struct{ header, removed, added string }
	for _, c := range []struct {
		name  string
		lang  Language
		hunks []part
		want  string
	}{
		{"renamed", LangGo, []part{
			{"func a() {", "func b() {", "func c() {"},
			{"func b() {", "\tx()", "\ty()"},
			{"func b() {", "\tx()", "\ty()"},
			{"func d() {", "\tx()", "\ty()"},
		}, "[b][c] [b][c] [b][c] [d][d]"},
		{"split in two", LangGo, []part{
			{"func a() {", "", "}\n\nfunc b() {"},
			{"func a() {", "\tx()", "\ty()"},
		}, "[][b] [a][b]"},
		{"joined", LangGo, []part{
			{"func a() {", "}\n\nfunc b() {", ""},
			{"func b() {", "\tx()", "\ty()"},
		}, "[b][] [b][a]"},
		{"whole function added", LangGo, []part{
			{"func a() {", "", "\tx()\n}\n\nfunc b() {\n}"},
			{"func c() {", "\tx()", "\ty()"},
		}, "[][a b] [c][c]"},
		{"method renamed in a class", LangPython, []part{
			{"class A:", "    def b(self):", "    def c(self):"},
			{"    def b(self):", "        x", "        y"},
		}, "[A.b][A.c] [b][A.c]"},
		{"same name elsewhere", LangGo, []part{
			{"", "func (a A) Match() {", "func (a A) Find() {"},
			{"func (b B) Match() {", "\tx()", "\ty()"},
		}, "[A.Match][A.Find] [B.Match][B.Match]"},
	} {
		var sides [2]Scope
		var got []string
		for i, h := range c.hunks {
			for k := range sides {
				sides[k].Reset(c.lang, []byte(h.header))
			}
			if i > 0 {
				sides[1].Follow(&sides[0])
			}
			for k, text := range []string{h.removed, h.added} {
				if text == "" {
					continue
				}
				for _, line := range strings.Split(text, "\n") {
					sides[k].Line([]byte(line))
				}
			}
			got = append(got, fmt.Sprint(sides[0].Symbols(), sides[1].Symbols()))
		}
		if s := strings.ReplaceAll(strings.Join(got, " "), "] [", "]["); s != strings.ReplaceAll(c.want, "] [", "][") {
			t.Errorf("%s: %s, want %s", c.name, s, c.want)
		}
	}
}

func FuzzSymbol(f *testing.F) {
	for _, c := range definitions {
		f.Add([]byte(c.line), []byte("\n"+c.line+"\n"+c.line))
	}
	f.Fuzz(func(t *testing.T, header, text []byte) {
		for l := LangNone; l < languages; l++ {
			if s, ok := l.HeaderSymbol(header); ok && s == "" && l != LangMarkdown {
				t.Errorf("%v: empty symbol of %q", l, header)
			}
			var s Scope
			s.Reset(l, header)
			s.Reset(l, header)
			s.Follow(&s)
			for line := range bytes.SplitSeq(text, []byte("\n")) {
				s.Line(line)
			}
			symbols := s.Symbols()
			if len(symbols) > maxSymbols {
				t.Errorf("%v: %d symbols", l, len(symbols))
			}
			for _, symbol := range symbols {
				if symbol == "" || !utf8.ValidString(symbol) || len(symbol) > 3*maxIdentifierBytes ||
					strings.ContainsFunc(symbol, func(r rune) bool { return r < ' ' || r == 0x7f }) {
					t.Errorf("%v: symbol %q of %q", l, symbol, text)
				}
			}
		}
	})
}

func BenchmarkSymbolDefinition(b *testing.B) {
	for l := LangGo; l <= LangMarkdown; l++ {
		b.Run(l.String(), func(b *testing.B) {
			lines := benchmarkLines(l)
			n := 0
			for _, line := range lines {
				n += len(line) + 1
			}
			b.SetBytes(int64(n))
			b.ReportAllocs()
			for range b.N {
				for _, line := range lines {
					l.Definition(line)
				}
			}
		})
	}
}

func BenchmarkSymbolScope(b *testing.B) {
	for _, l := range []Language{LangGo, LangPython, LangJavaScript, LangC, LangRust} {
		b.Run(l.String(), func(b *testing.B) {
			lines := benchmarkLines(l)
			n := 0
			for _, line := range lines {
				n += len(line) + 1
			}
			b.SetBytes(int64(n))
			b.ReportAllocs()
			var s Scope
			for range b.N {
				s.Reset(l, lines[0])
				for _, line := range lines {
					s.Line(line)
				}
				s.Symbols()
			}
		})
	}
}

// benchmarkLines is code as it comes: one definition to ten other lines.
func benchmarkLines(l Language) [][]byte {
	plain := []string{
		"\tif err := s.do(ctx, request); err != nil {",
		"\t\treturn fmt.Errorf(\"do %s: %w\", name, err)",
		"\t}",
		"",
		"        self.assertEqual(response.status_code, 200)",
		"    const value = options.limit || defaults.limit;",
		"  // the limit is what the upstream allows in a window",
		"    handler.call(this, request, response, next);",
		"\tfor (i = 0; i < list->nr; i++)",
		"\t\tfree(list->items[i].util);",
	}
	var lines [][]byte
	for _, c := range definitions {
		if c.lang == l && c.want != "" {
			lines = append(lines, []byte(c.line))
			for _, p := range plain {
				lines = append(lines, []byte(p))
			}
		}
	}
	return lines
}
