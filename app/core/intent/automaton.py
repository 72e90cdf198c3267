"""Read a message once, left to right, against all patterns at the same time.

The network of the grammar is turned into a table lazily: a set of network states met for the first
time becomes one state of the table, and from then on a word costs one look-up. Time grows with the
length of the message alone.
"""

from app.core.intent.grammar import ANY_WORD, BOUNDARIES, Network
from app.core.intent.normalise import COMMA

_SHORT = 8
_LARGEST_TABLE = 20_000
_LENGTHS = (3, 8, 24)
_LONG_LIST = 100

_NOBODY: frozenset[int] = frozenset()
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
        self._final = network.final
        self._finals = frozenset(network.final)
        self._ends_at_comma = network.tight | set(network.final)
        self._edges = self._close(network)
        readers: dict[str, set[int]] = {}
        self._broad: dict[int, list[tuple[frozenset[str], frozenset[int]]]] = {}
        for state, edges in self._edges.items():
            for symbols, targets in edges:
                if symbols is ANY_WORD or len(symbols) > _LONG_LIST:
                    self._broad.setdefault(state, []).append((symbols, targets))
                    continue
                for symbol in symbols:
                    readers.setdefault(symbol, set()).add(state)
        self._broad_states = frozenset(self._broad)
        self._readers = {symbol: frozenset(states) for symbol, states in readers.items()}
        self._roots: dict[str, frozenset[int]] = {}
        self._roots_of: dict[int, dict[str, set[int]]] = {}
        self._plant(network)
        self._places: dict[frozenset[int], _Place] = {}
        self._begun: dict[tuple[int | str, ...], int] = {}
        self._start = self._place(frozenset())
        self.vocabulary = frozenset(
            symbol for edges in self._edges.values() for symbols, _ in edges for symbol in symbols
        )

    @staticmethod
    def _close(network: Network) -> dict[int, list[tuple[frozenset[str], frozenset[int]]]]:
        """Follow the free edges once, and leave out the states that read nothing."""
        useful = {state for state, edges in enumerate(network.edges) if edges} | set(network.final)
        closures: dict[int, frozenset[int]] = {}
        once: dict[frozenset[int], frozenset[int]] = {}
        closed = {}
        for state, edges in enumerate(network.edges):
            if not edges:
                continue
            for _, target in edges:
                if target not in closures:
                    closure = network.closure(target) & useful
                    closures[target] = once.setdefault(closure, closure)
            closed[state] = [(symbols, closures[target]) for symbols, target in edges]
        return closed

    def _plant(self, network: Network) -> None:
        """Note which words begin a pattern: those are looked for at every place."""
        together: dict[str, set[int]] = {}
        for root, rule in network.roots:
            own = self._roots_of.setdefault(rule, {})
            for origin in network.closure(root):
                for symbols, targets in self._edges.get(origin, ()):
                    for symbol in symbols:
                        together.setdefault(symbol, set()).update(targets)
                        own.setdefault(symbol, set()).update(targets)
        self._roots = {symbol: frozenset(targets) for symbol, targets in together.items()}

    def _place(self, threads: frozenset[int]) -> _Place:
        place = self._places.get(threads)
        if place is None:
            accepts = tuple(sorted({self._final[state] for state in threads & self._finals}))
            place = self._places[threads] = _Place(threads, accepts)
        return place

    def _step(self, place: _Place, symbol: str) -> _Place:
        """Find the place behind a symbol that was never read at this one."""
        if len(self._places) > _LARGEST_TABLE:
            self._forget()
        threads = place.threads
        pieces = [
            targets
            for thread in threads & self._readers.get(symbol, _NOBODY)
            for symbols, targets in self._edges[thread]
            if symbol in symbols
        ]
        word = symbol not in _NOT_WORDS
        pieces += [
            targets
            for thread in threads & self._broad_states
            for symbols, targets in self._broad[thread]
            if symbol in symbols or (word and symbols is ANY_WORD)
        ]
        if symbol == COMMA:
            pieces.append(threads - self._ends_at_comma)
        following = self._place(self._roots.get(symbol, _NOBODY).union(*pieces))
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

    def begin(self, symbols: list[str], end: int, rule: int) -> int:
        """Find where a match starts: the latest start from which the rule reaches `end`.

        Args:
            symbols: the message.
            end: index of the match's last symbol.
            rule: the rule's number.

        Returns:
            Index of the match's first symbol; `end` where the start lies too far back.
        """
        if end >= _SHORT:
            return self._begin(symbols, end, rule)
        # Most messages that match are the same few short ones.
        asked: tuple[int | str, ...] = (rule, *symbols[: end + 1])
        if asked not in self._begun:
            if len(self._begun) > _LARGEST_TABLE:
                self._begun.clear()
            self._begun[asked] = self._begin(symbols, end, rule)
        return self._begun[asked]

    def _begin(self, symbols: list[str], end: int, rule: int) -> int:
        for length in _LENGTHS:
            origin = self._origin(symbols, max(0, end - length), end, rule)
            if origin >= 0:
                return origin
            if end <= length:
                break
        return end

    def _origin(self, symbols: list[str], first: int, end: int, rule: int) -> int:
        roots = self._roots_of[rule]
        threads: dict[int, int] = {}
        for index in range(first, end + 1):
            symbol = symbols[index]
            word = symbol not in _NOT_WORDS
            following: dict[int, int] = {}
            for thread, origin in threads.items():
                for edge, targets in self._edges.get(thread, ()):
                    if symbol in edge or (word and edge is ANY_WORD):
                        for target in targets:
                            if following.get(target, -1) < origin:
                                following[target] = origin
                if symbol == COMMA and thread not in self._ends_at_comma:
                    following[thread] = max(origin, following.get(thread, -1))
            for target in roots.get(symbol, ()):
                following[target] = index
            threads = following
        return max((o for t, o in threads.items() if self._final.get(t) == rule), default=-1)
