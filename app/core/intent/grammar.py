"""The small language that rules are written in, and its translation to a network of states.

    stop texting            these words, one after the other (commas and dashes between them do not
    matter) (stop|quit) texting     one of several
    please? stop            perhaps
    fuck*                   any number, none included
    {me}                    a list named under [words] in this pack, or in the shared one
    ~3                      up to three words of any kind, within one sentence
    ^ $                     where the message starts and ends
    < >                     where a sentence starts and ends
    _                       one word that no rule speaks of: a name, perhaps
    , ?? =                  the marks themselves: a comma, a question mark, an equals sign

There is nothing in it that could backtrack: every pattern becomes a part of one network that reads
a message once.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from app.core.intent.normalise import COMMA, FULL_STOP, QUESTION, words_of

START = "<start>"
END = "<end>"
OTHER = "<other>"
BOUNDARIES = frozenset({START, END, FULL_STOP, QUESTION})
ANY_WORD: frozenset[str] = frozenset()
"""Stands on an edge for "any word": every symbol that is not a mark."""

_LEX = re.compile(r"\{[a-z0-9_]+\}|~\d+|\?\?|[()|?*^$<>=,]|[^\s()|?*^$<>=,{}~]+|\S")
_PLAIN = re.compile(r"[^\s()|?*^$<>=,{}~]+")
_NAMED = re.compile(r"\{([a-z0-9_]+)\}")
_LIST_OF_WORDS = re.compile(r"[^()?*^$<>=,{}~]+")
_DEEPEST = 12


class PatternError(ValueError):
    """A pattern does not follow the language above."""


@dataclass(slots=True)
class Network:
    """States and the edges between them, shared by all patterns."""

    edges: list[list[tuple[frozenset[str], int]]] = field(default_factory=list)
    free: list[list[int]] = field(default_factory=list)
    alike: Mapping[str, str] = field(default_factory=dict)
    sets: dict[frozenset[str], frozenset[str]] = field(default_factory=dict)
    final: dict[int, int] = field(default_factory=dict)
    roots: list[tuple[int, int]] = field(default_factory=list)
    tight: set[int] = field(default_factory=set)

    def state(self) -> int:
        """Add a state."""
        self.edges.append([])
        self.free.append([])
        return len(self.edges) - 1

    def add(
        self, pattern: str, rule: int, lists: Mapping[str, str], *, tight: bool = False
    ) -> None:
        """Add a pattern.

        Args:
            pattern: text in the language of this module.
            rule: number that is reported when the pattern matches.
            lists: named patterns that `{name}` stands for.
            tight: no comma or dash may stand between the words.

        Raises:
            PatternError: the pattern is malformed, empty or matches nothing at all.
        """
        root = self.state()
        end = _Parser(self, lists, pattern).parse(root)
        if end in self.closure(root):
            raise PatternError(f"matches the empty text: {pattern}")
        if tight:
            self.tight.update(range(root, len(self.edges)))
        self.roots.append((root, rule))
        self.final[end] = rule

    def edge(self, start: int, symbols: frozenset[str], end: int) -> None:
        """Lay an edge. Equal sets of symbols are kept once: the long lists stand in many rules."""
        kept = symbols if symbols is ANY_WORD else self.sets.setdefault(symbols, symbols)
        self.edges[start].append((kept, end))

    def closure(self, state: int) -> frozenset[int]:
        """Give the states reachable from one without reading anything."""
        seen = {state}
        waiting = [state]
        while waiting:
            for following in self.free[waiting.pop()]:
                if following not in seen:
                    seen.add(following)
                    waiting.append(following)
        return frozenset(seen)


class _Parser:
    """Reads one pattern and lays its states into a network."""

    def __init__(
        self, network: Network, lists: Mapping[str, str], pattern: str, depth: int = 0
    ) -> None:
        self._network = network
        self._lists = lists
        self._pattern = pattern
        self._tokens = _LEX.findall(pattern)
        self._at = 0
        self._depth = depth
        if depth > _DEEPEST:
            raise PatternError(f"lists refer to one another too deeply: {pattern}")

    def parse(self, start: int) -> int:
        """Lay the whole pattern behind a state; give its last state."""
        end = self._choice(start)
        if self._at < len(self._tokens):
            raise PatternError(f"unexpected {self._tokens[self._at]!r} in: {self._pattern}")
        return end

    def _choice(self, start: int) -> int:
        end = self._network.state()
        singles: set[str] = set()
        while True:
            single = self._single()
            if single is None:
                self._network.free[self._sequence(start)].append(end)
            else:
                singles.add(single)
            if self._peek() != "|":
                break
            self._at += 1
        if singles:
            self._network.edge(start, frozenset(singles), end)
        return end

    def _single(self) -> str | None:
        """Take an alternative that is one plain word: all of those share one edge."""
        following = self._tokens[self._at + 1] if self._at + 1 < len(self._tokens) else ""
        word = self._peek()
        if following not in {"", "|", ")"} or word in _MARKS or _PLAIN.fullmatch(word) is None:
            return None
        words = words_of(word)
        if len(words) != 1:
            return None
        self._at += 1
        return self._network.alike.get(words[0], words[0])

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _sequence(self, start: int) -> int:
        at = start
        while self._peek() not in {"", "|", ")"}:
            before = self._network.state()
            self._network.free[at].append(before)
            at = self._repeat(before, self._atom(before))
        if at == start:
            raise PatternError(f"an alternative is empty in: {self._pattern}")
        return at

    def _repeat(self, before: int, after: int) -> int:
        mark = self._peek()
        if mark not in {"?", "*"}:
            return after
        self._at += 1
        joint = self._network.state()
        self._network.free[before].append(joint)
        self._network.free[after].append(joint)
        if mark == "*":
            self._network.free[joint].append(before)
        return joint

    def _atom(self, start: int) -> int:
        word = self._peek()
        self._at += 1
        if word == "(":
            end = self._choice(start)
            if self._peek() != ")":
                raise PatternError(f"a bracket is not closed in: {self._pattern}")
            self._at += 1
            return end
        if word.startswith("{"):
            return self._list(start, word[1:-1])
        if word.startswith("~"):
            return self._gap(start, int(word[1:]))
        mark = _MARKS.get(word)
        if mark is not None:
            return mark(self, start)
        return self._words(start, word)

    def _list(self, start: int, name: str) -> int:
        if name not in self._lists:
            raise PatternError(f"no list {name!r} for: {self._pattern}")
        pattern = self._spelled_out(self._lists[name])
        if _LIST_OF_WORDS.fullmatch(pattern):
            return self._plain_list(start, pattern)
        return _Parser(self._network, self._lists, pattern, self._depth + 1).parse(start)

    def _spelled_out(self, pattern: str) -> str:
        """Put plain lists in the place of their names, where the names are whole alternatives."""
        alternatives = []
        for alternative in pattern.split("|"):
            named = _NAMED.fullmatch(alternative.strip())
            inner = self._lists.get(named[1], alternative) if named else alternative
            if named and not _LIST_OF_WORDS.fullmatch(inner):
                inner = self._spelled_out(inner)
            alternatives.append(inner)
        joined = "|".join(alternatives)
        return joined if _LIST_OF_WORDS.fullmatch(joined) else pattern

    def _plain_list(self, start: int, pattern: str) -> int:
        """Lay a list of words as one edge: the long lists would make the network large."""
        spellings = [words_of(alternative) for alternative in pattern.split("|")]
        alike = self._network.alike
        singles = frozenset(alike.get(words[0], words[0]) for words in spellings if len(words) == 1)
        end = self._network.state()
        if singles:
            self._network.edge(start, singles, end)
        for words in spellings:
            if len(words) != 1:
                self._network.free[self._words(start, " ".join(words))].append(end)
        return end

    def _gap(self, start: int, most: int) -> int:
        end = self._network.state()
        at = start
        for _ in range(most):
            self._network.free[at].append(end)
            at = self._edge(at, ANY_WORD)
        self._network.free[at].append(end)
        return end

    def _words(self, start: int, token: str) -> int:
        words = words_of(token)
        if not words:
            raise PatternError(f"{token!r} is no word in: {self._pattern}")
        at = start
        for word in words:
            at = self._edge(at, frozenset({self._network.alike.get(word, word)}))
        return at

    def _edge(self, start: int, symbols: frozenset[str]) -> int:
        end = self._network.state()
        self._network.edge(start, symbols, end)
        return end

    def _mark(self, start: int, first: frozenset[str], looping: frozenset[str]) -> int:
        """Read a mark that may stand several times ("!?!") or be followed by the end."""
        end = self._edge(start, first)
        if looping:
            self._network.edges[end].append((looping, end))
        return end

    def _message_end(self, start: int) -> int:
        wait = self._network.state()
        self._network.free[start].append(wait)
        self._network.edges[wait].append((frozenset({FULL_STOP, QUESTION}), wait))
        return self._edge(wait, frozenset({END}))


_STOPS = frozenset({FULL_STOP, QUESTION})
_MARKS: dict[str, Callable[[_Parser, int], int]] = {
    "^": lambda parser, start: parser._mark(start, frozenset({START}), _STOPS),
    "$": lambda parser, start: parser._message_end(start),
    "<": lambda parser, start: parser._mark(start, BOUNDARIES - {END}, frozenset()),
    ">": lambda parser, start: parser._mark(start, BOUNDARIES - {START}, frozenset()),
    ",": lambda parser, start: parser._edge(start, frozenset({COMMA})),
    "??": lambda parser, start: parser._edge(start, frozenset({QUESTION})),
    "_": lambda parser, start: parser._edge(start, frozenset({OTHER})),
    "=": lambda parser, start: parser._edge(start, frozenset({"="})),
}
