"""Read a message once, left to right, against all patterns at the same time.

The network of the grammar is turned into a table lazily: a set of network states met for the first
time becomes one state of the table, and from then on a word costs one look-up. Time grows with the
length of the message alone.
"""

from app.core.intent.grammar import ANY_WORD, BOUNDARIES, Network
from app.core.intent.normalise import COMMA

_LARGEST_TABLE = 30_000
_NOT_WORDS = BOUNDARIES | {COMMA, "="}


class _Place:
    """One state of the table: where the reading stands in every pattern at once."""

    __slots__ = ("accepts", "moves", "threads")

    def __init__(self, threads: frozenset[int], accepts: tuple[int, ...]) -> None:
        self.threads = threads
        self.accepts = accepts
        self.moves: dict[str, _Place] = {}


class Automaton:
    """Finds every pattern of a network in a list of symbols."""

    def __init__(self, network: Network) -> None:
        """Prepare a finished network for reading."""
        count = len(network.edges)
        targets = {target for edges in network.edges for _, target in edges}
        roots = {root for root, _ in network.roots}
        closures = {state: network.closure(state) for state in targets | roots}
        self._final = network.final
        self._ends_at_comma = network.tight | set(network.final)
        self._edges: list[list[tuple[frozenset[str], frozenset[int]]]] = [
            [(symbols, closures[target]) for symbols, target in network.edges[state]]
            for state in range(count)
        ]
        self._useful = frozenset(
            state for state in range(count) if network.edges[state] or state in network.final
        )
        self._roots: dict[str, set[int]] = {}
        self._roots_of: dict[int, dict[str, set[int]]] = {}
        for root, rule in network.roots:
            own = self._roots_of.setdefault(rule, {})
            for origin in closures[root]:
                for symbols, target in network.edges[origin]:
                    for symbol in symbols:
                        self._roots.setdefault(symbol, set()).update(closures[target])
                        own.setdefault(symbol, set()).update(closures[target])
        self._places: dict[frozenset[int], _Place] = {}
        self._start = self._place(frozenset())
        self.vocabulary = frozenset(
            symbol for edges in network.edges for symbols, _ in edges for symbol in symbols
        )

    def _place(self, threads: frozenset[int]) -> _Place:
        place = self._places.get(threads)
        if place is None:
            accepts = tuple(sorted({self._final[t] for t in threads if t in self._final}))
            place = self._places[threads] = _Place(threads, accepts)
        return place

    def _advance(self, threads: frozenset[int], symbol: str) -> set[int]:
        reached: set[int] = set()
        word = symbol not in _NOT_WORDS
        for thread in threads:
            for symbols, targets in self._edges[thread]:
                if symbol in symbols or (word and symbols is ANY_WORD):
                    reached |= targets
        if symbol == COMMA:
            reached |= threads - self._ends_at_comma
        return reached

    def _step(self, place: _Place, symbol: str) -> _Place:
        if len(self._places) > _LARGEST_TABLE:
            self._forget()
        reached = self._advance(place.threads, symbol) | self._roots.get(symbol, set())
        following = self._place(self._useful & reached)
        place.moves[symbol] = following
        return following

    def _forget(self) -> None:
        """Start the table afresh: an attacker's word salad must not fill the memory."""
        self._places = {}
        self._start.moves = {}
        self._places[self._start.threads] = self._start

    def read(self, symbols: list[str]) -> list[tuple[int, tuple[int, ...]]]:
        """Read symbols once.

        Args:
            symbols: the message, with its start and end marks.

        Returns:
            For each place where patterns end: the index of the last symbol, and the numbers of
            their rules.
        """
        place = self._start
        hits: list[tuple[int, tuple[int, ...]]] = []
        for index, symbol in enumerate(symbols):
            following = place.moves.get(symbol)
            place = following if following is not None else self._step(place, symbol)
            if place.accepts:
                hits.append((index, place.accepts))
        return hits

    def begin(self, symbols: list[str], end: int, rule: int, longest: int) -> int:
        """Find where a match starts: the latest start from which the rule reaches `end`.

        Args:
            symbols: the message.
            end: index of the match's last symbol.
            rule: the rule's number.
            longest: how many symbols back to look.

        Returns:
            Index of the match's first symbol.
        """
        threads: dict[int, int] = {}
        for index in range(max(0, end - longest), end + 1):
            symbol = symbols[index]
            following: dict[int, int] = {}
            for thread, origin in threads.items():
                for target in self._advance(frozenset({thread}), symbol):
                    if following.get(target, -1) < origin:
                        following[target] = origin
            for target in self._roots_of[rule].get(symbol, ()):
                following[target] = index
            threads = following
        return max(
            (origin for thread, origin in threads.items() if self._final.get(thread) == rule),
            default=end,
        )
