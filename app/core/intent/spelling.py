"""Read a word as the one that was meant: a neighbouring key, a digit for a letter.

A word that the rules know is never corrected. Others are compared with a few words that matter
("stop", "quit", "unsubscribe"), by the mistakes thumbs make, and kept apart from the real words
that lie just as near. Words run together ("stop2end", "pleasestop") are heard too.
"""

import re
from collections.abc import Iterable, Mapping

from app.core.intent.grammar import OTHER
from app.core.intent.normalise import COMMA, FULL_STOP, QUESTION, to_latin

_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_LEET = str.maketrans("013457$@8!", "oieastsabi")
_REPEATED = re.compile(r"(.)\1+")
_CYRILLIC_OR_GREEK = re.compile(r"[\u0370-\u03ff\u0400-\u052f]")
_MARKS = frozenset('.!?\n…,;:"()/')
_ENDS = frozenset(".!?\n…")
_LONGEST_WORD = 40
_LONGEST_FAR = 14
_LARGEST_MEMORY = 60_000


def _neighbours() -> dict[str, str]:
    """Say which keys lie beside each key."""
    near: dict[str, set[str]] = {}
    for row, letters in enumerate(_ROWS):
        for column, letter in enumerate(letters):
            beside = {(row, column - 1), (row, column + 1)}
            beside |= {
                (row + 1, column - 1),
                (row + 1, column),
                (row - 1, column),
                (row - 1, column + 1),
            }
            near[letter] = {
                _ROWS[r][c] for r, c in beside if 0 <= r < len(_ROWS) and 0 <= c < len(_ROWS[r])
            }
    return {letter: "".join(sorted(keys)) for letter, keys in near.items()}


_NEAR = _neighbours()


def slips(word: str) -> set[str]:
    """Give what one slip of a thumb makes of a word.

    Args:
        word: lower-case Latin letters.

    Returns:
        The word with one letter dropped, doubled, swapped with the next, or hit on a neighbouring
        key.
    """
    made: set[str] = set()
    for index, letter in enumerate(word):
        before, after = word[:index], word[index + 1 :]
        made.add(before + after)
        made.add(before + letter + letter + after)
        if after:
            made.add(before + after[0] + letter + after[1:])
        for key in _NEAR.get(letter, ""):
            made.update(
                {before + key + after, before + key + letter + after, before + letter + key + after}
            )
    made.discard(word)
    return {slip for slip in made if len(slip) > 1}


def shortened(word: str, most: int) -> set[str]:
    """Give a word with up to `most` of its letters left out, and the word itself."""
    made = {word}
    layer = {word}
    for _ in range(most):
        layer = {shorter[:i] + shorter[i + 1 :] for shorter in layer for i in range(len(shorter))}
        made |= layer
    return made


def _by_allowance(far: Mapping[str, int]) -> dict[int, list[str]]:
    """Group words by how many slips are forgiven in them."""
    groups: dict[int, list[str]] = {}
    for word, most in far.items():
        groups.setdefault(most, []).append(word)
    return groups


def _mark(token: str) -> str:
    """Say what a mark, or a run of them, does: it ends a question, a sentence, or a part of one."""
    if token[0] in _ENDS:
        return QUESTION if "?" in token else FULL_STOP
    return COMMA


class Speller(dict[str, str]):
    """Word to symbol: a cache that fills itself as words come by."""

    def __init__(
        self,
        vocabulary: Iterable[str],
        *,
        near: Iterable[str],
        far: Mapping[str, int],
        alike: Mapping[str, str],
        guards: Iterable[str],
        keywords: Iterable[str],
        joined: Mapping[str, str],
    ) -> None:
        """Prepare the look-ups.

        Args:
            vocabulary: the symbols that the rules speak of; they stand for themselves.
            near: words of which one slip is forgiven.
            far: long words, and how many slips are forgiven in them.
            alike: other spellings of a symbol ("txt" for "text").
            guards: real words that are never taken for another.
            keywords: words that may be glued by a digit ("stop2end").
            joined: words that people run together, and the symbol for the whole.
        """
        super().__init__()
        self._vocabulary = frozenset(vocabulary)
        self._guards = frozenset(guards)
        self._alike = dict(alike)
        self._far = [
            (
                most,
                frozenset(letter for word in words for letter in word[:2]),
                {shorter: word for word in words for shorter in shortened(word, most)},
            )
            for most, words in _by_allowance(far).items()
        ]
        self._keywords = frozenset(keywords)
        self._nearly = self._keywords | {slip for word in self._keywords for slip in slips(word)}
        self._joined = dict(joined)
        self._slips: dict[str, str] = {}
        for word in near:
            for slip in slips(word):
                if slip not in self._guards and slip not in self._vocabulary:
                    self._slips.setdefault(slip, word)
        alternatives = "|".join(sorted(self._keywords, key=len, reverse=True))
        self._glued = re.compile(rf"(?:{alternatives})(?:2|to|too|4|or|and)(?:{alternatives})")

    def __missing__(self, token: str) -> str:
        """Decide on a word seen for the first time."""
        symbol = self._read(token)
        if len(self) > _LARGEST_MEMORY:
            self.clear()
        if len(token) <= _LONGEST_WORD:
            self[token] = symbol
        return symbol

    def _read(self, token: str) -> str:
        if token[0] in _MARKS:
            return _mark(token)
        if len(token) == 1 and not token.isascii():
            return self._known(token) or self._known(to_latin(token)) or OTHER
        if len(token) > _LONGEST_WORD:
            return self._read(token[:3]) if len(set(token)) == 1 else OTHER
        if token in self._guards and token not in self._vocabulary and token not in self._alike:
            return OTHER
        for spelling in self._spellings(token):
            symbol = self._known(spelling)
            if symbol is not None:
                return symbol
        return self._glue(token) or self._far_off(token) or OTHER

    def _known(self, word: str) -> str | None:
        if word in self._alike:
            return self._alike[word]
        if word in self._vocabulary:
            return word
        return self._slips.get(word)

    def _spellings(self, token: str) -> list[str]:
        """Give the ways to read a word, the plainest first."""
        ways = [token]
        if not token.isascii() and _CYRILLIC_OR_GREEK.search(token):
            ways.append(to_latin(token))
        if token.isalpha():
            single = _REPEATED.sub(r"\1", token)
            ways += [single, _REPEATED.sub(r"\1\1", token)] if single != token else []
        elif any(letter.isalpha() for letter in token):
            plain = token.translate(_LEET)
            ways += [plain, _REPEATED.sub(r"\1", plain), token.strip("0123456789$@")]
        return [way for way in ways if way]

    def _glue(self, token: str) -> str | None:
        """Hear "stop2end", "quot2end" and "pleasestop"."""
        if token in self._joined:
            return self._joined[token]
        if len(token) < 5:  # noqa: PLR2004
            return None
        if self._glued.fullmatch(token):
            return self._joined[""]
        for glue in ("2", "4"):
            parts = [part for part in token.split(glue) if part]
            if glue in token and parts and all(part in self._nearly for part in parts):
                return self._joined[""]
        return None

    def _far_off(self, token: str) -> str | None:
        """Hear a long word that is off by several letters: both lose some, and then agree."""
        if len(token) > _LONGEST_FAR or not token.isascii() or token in self._guards:
            return None
        for most, initials, meant in self._far:
            if token[0] in initials:
                for shorter in shortened(token, most):
                    if shorter in meant:
                        return meant[shorter]
        return None
