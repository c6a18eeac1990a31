"""A reader of the two languages in which people write causal graphs by hand: DOT and dagitty.

::

    digraph { a -> b; u [style=dashed]; u -> {a b} }          DOT (Graphviz)
    dag { a -> b  u [latent]  u -> {a b}  c <-> d }            dagitty (http://dagitty.net)

The two share names, chains of arrows, groups in braces and attributes in brackets, so one parser reads both. It
refuses what it does not know and names the line: a skipped arrow would be an assumption that nobody made.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Self

from knowntruth.common.errors import InputError

_TOKEN: Final = re.compile(
    r"""(?P<space>\s+|//[^\n]*|\#[^\n]*|/\*.*?\*/)
      | (?P<arrow><->|->|<-|--|@-@|@->|<-@)
      | "(?P<quoted>(?:[^"\\]|\\.)*)"
      | (?P<word>-?\.?[\w.]+)
      | (?P<mark>[{}\[\];,=:])""",
    re.VERBOSE | re.DOTALL,
)
_ARROWS: Final = ("->", "<-", "<->")
_DEFAULTS: Final = ("node", "edge", "graph")
"""Words that set attributes of all nodes or edges in DOT, if a bracket follows."""


@dataclass(slots=True)
class ParsedGraph:
    """The content of a text: nodes with attributes, arrows from cause to effect, pairs with a hidden common cause."""

    nodes: dict[str, dict[str, str]] = field(default_factory=dict)
    arrows: list[tuple[str, str]] = field(default_factory=list)
    confounded: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    line: int


def parse_graph(text: str) -> ParsedGraph:
    """Read DOT or dagitty text.

    Raises
    ------
    InputError
        For anything that is not a directed graph in one of the two languages, with the line.

    Examples
    --------
    >>> parse_graph("dag { a -> b <- u; u [latent] }").arrows
    [('a', 'b'), ('u', 'b')]
    """
    return _Reader(list(_tokens(text))).graph()


def _tokens(text: str) -> Iterator[_Token]:
    place, line = 0, 1
    while place < len(text):
        found = _TOKEN.match(text, place)
        if not found:
            raise InputError(f"line {line} of the graph: {text[place]!r} is not part of DOT or dagitty; remove it")
        kind = str(found.lastgroup)
        if kind != "space":
            content = found[kind]
            plain = re.sub(r"\\(.)", r"\1", content) if kind == "quoted" else content
            yield _Token("name" if kind in ("quoted", "word") else kind, plain, line)
        line += found[0].count("\n")
        place = found.end()


class _Reader:
    """Reads tokens from left to right."""

    def __init__(self, tokens: list[_Token]) -> None:
        self.tokens, self.place = tokens, 0
        self.parsed = ParsedGraph()

    def graph(self: Self) -> ParsedGraph:
        words = []
        while self._kind() == "name":
            words.append(self._take().text)
        if not words or not {words[0].lower(), words[-1].lower()} & {"dag", "digraph"}:
            if {"graph", "mag", "pdag", "pag"} & {word.lower() for word in words}:
                raise InputError(
                    f"the graph is a {words[0]!r}, whose lines need not be causes; give a dag or digraph"
                )
            raise self._wrong("'dag {' or 'digraph {'")
        self._expect("{")
        self._statements()
        if self.place < len(self.tokens):
            raise self._wrong("the end of the text")
        return self.parsed

    def _statements(self) -> list[str]:
        """Read statements up to the closing brace; return the names in them."""
        named: list[str] = []
        while self._text() != "}":
            if self._kind() == "":
                raise self._wrong("'}'")
            if self._text() in (";", ","):
                self.place += 1
                continue
            named += self._statement()
        self._expect("}")
        return named

    def _statement(self) -> list[str]:
        if self._kind() == "name" and self._text(1) == "=":
            self.place += 3  # a setting of the whole graph
            return []
        if self._kind() == "name" and self._text().lower() in _DEFAULTS and self._text(1) == "[":
            self.place += 1
            self._attributes()
            return []
        return self._chain()

    def _chain(self) -> list[str]:
        before = self._group()
        named = list(before)
        while self._kind() == "arrow":
            arrow = self._take()
            if arrow.text not in _ARROWS:
                raise InputError(
                    f"line {arrow.line} of the graph: {arrow.text!r} does not say which is the cause; write -> or <->"
                )
            after = self._group()
            self._join(before, arrow.text, after)
            named += after
            before = after
        if self._text() == "[":
            attributes = self._attributes()
            if len(named) == 1:
                self.parsed.nodes[named[0]] |= attributes
        return named

    def _group(self) -> list[str]:
        if self._kind() == "name" and self._text().lower() == "subgraph":
            self.place += 2 if self._text(1) != "{" else 1
        if self._text() == "{":
            self.place += 1
            return self._statements()
        if self._kind() != "name":
            raise self._wrong("the name of a variable")
        name = self._take().text
        while self._text() == ":":  # a port of DOT: where an arrow ends in the picture
            self.place += 2
        self.parsed.nodes.setdefault(name, {})
        return [name]

    def _attributes(self) -> dict[str, str]:
        self._expect("[")
        found: dict[str, str] = {}
        while self._text() != "]":
            if self._kind() not in ("name", "mark") or self._text() in "{}[":
                raise self._wrong("']'")
            if self._text() in (",", ";"):
                self.place += 1
                continue
            key = self._take().text.lower()
            if self._text() == "=":
                self.place += 1
                found[key] = self._take().text
            else:
                found[key] = "yes"
        self._expect("]")
        return found

    def _join(self, left: list[str], arrow: str, right: list[str]) -> None:
        pairs = [(a, b) for a in left for b in right]
        if arrow == "<->":
            self.parsed.confounded += pairs
        else:
            self.parsed.arrows += pairs if arrow == "->" else [(b, a) for a, b in pairs]

    def _kind(self) -> str:
        return self.tokens[self.place].kind if self.place < len(self.tokens) else ""

    def _text(self, ahead: int = 0) -> str:
        place = self.place + ahead
        return self.tokens[place].text if place < len(self.tokens) else ""

    def _take(self) -> _Token:
        if self.place >= len(self.tokens):
            raise self._wrong("more")
        self.place += 1
        return self.tokens[self.place - 1]

    def _expect(self, text: str) -> None:
        if self._text() != text:
            raise self._wrong(repr(text))
        self.place += 1

    def _wrong(self, wanted: str) -> InputError:
        if self.place >= len(self.tokens):
            return InputError(f"the text of the graph ends where {wanted} is expected; complete it")
        token = self.tokens[self.place]
        return InputError(f"line {token.line} of the graph: expected {wanted}, found {token.text!r}; correct it")


def parse_flag(attributes: Mapping[str, object], name: str) -> bool | None:
    """Return a yes/no attribute in any of its spellings; None where it is missing.

    Raises
    ------
    InputError
        If it is neither yes nor no.

    Examples
    --------
    >>> parse_flag({"observed": "no"}, "observed"), parse_flag({"observed": 1}, "observed")
    (False, True)
    """
    if attributes.get(name) is None:
        return None
    value = str(attributes[name]).strip().lower().removesuffix(".0")
    if value not in _YES | _NO:
        raise InputError(f"node attribute {name}={attributes[name]!r} is neither yes nor no; write 1 or 0")
    return value in _YES


_YES: Final = frozenset({"true", "yes", "1"})
_NO: Final = frozenset({"false", "no", "0"})
