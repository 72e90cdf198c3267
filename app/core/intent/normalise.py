"""Fold a text to plain tokens: case, width, accents, look-alike letters, punctuation.

What is left of a message is a list of words and a few marks, alike whatever phone it was typed on.
The languages that write without spaces give one token a letter, so one matcher serves all of them.
"""

import re
import unicodedata
from functools import lru_cache

READ_AT_MOST = 6_400
"""Characters that are read of one text: four times the longest concatenated SMS that carriers pass
on."""

COMMA = ","
FULL_STOP = "."
QUESTION = "?"

_WORD = r"[^\s.!?,;:\"()/\\=<>\[\]{}|*_~#%^&+\-`]+"
_TOKEN = re.compile(rf"{_WORD}|[.!?\n]+|[,;:\"()/#]|=")
_WORD_ONLY = re.compile(_WORD)

# Thai, Japanese, Chinese and Korean are written without spaces: each letter is a token.
_APART = re.compile(
    "[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff]"
)
# Accents, Arabic and Hebrew points, variation selectors: not read.
_DROPPED = re.compile("[\u0300-\u036f\u064b-\u0652\u0591-\u05c7\ufe00-\ufe0f]")
_SIGNS = frozenset("🛑✋🚫👎🖕⛔🤚🙅📵❌👍🤬")
_UNSEEN = frozenset({"Cf", "Cs", "Co", "Cn"})
_SYMBOLS = frozenset({"So", "Sk", "Me", "Cc", "Zs", "Zl", "Zp"})
_CENSORED = re.compile(r"(?<=[fF])\*+(?=[cC]?[kK])")
_LARGEST_FOLDING = 20_000
_STROKED = {
    "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "æ": "ae", "œ": "oe", "ħ": "h",
    "ـ": "", "أ": "ا", "إ": "ا", "آ": "ا", "ة": "ه", "ى": "ي", "ё": "е",
    "'": "", "’": "", "‘": "", "ʼ": "", "´": "", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"',
    "‐": "-", "‑": "-", "–": ",", "—": ",", "…": ".", "。": ".", "、": ",", "،": ",", "؛": ",",
    "؟": "?", "／": "/", "「": '"', "」": '"',
    "।": ".", "¡": ".", "¿": " ", "•": ",", "·": " ", "\u2028": "\n",
    "\x00": "", "\xad": "",
}  # fmt: skip
_LATIN_TWINS = str.maketrans(
    "авеёікмнорсстухјѕһԛԝαβεηικμνορτυχϲ",
    "abeeikmhopccmyxjshqwabenikmvoptuxc",
)
_TWIN_FIXES = str.maketrans({"т": "t", "у": "y"})


def _fold(char: str) -> str:
    """Say what one character becomes."""
    known = _STROKED.get(char)
    if known is not None:
        return known
    if char in _SIGNS or _APART.match(char):
        return f" {char} "
    category = unicodedata.category(char)
    if category in _UNSEEN or _DROPPED.match(char):
        return ""
    if category in _SYMBOLS:
        return _fold_symbol(char)
    plain = unicodedata.normalize("NFKD", char).casefold()
    if plain == char:
        return char
    return "".join(_fold(part) for part in plain)


def _fold_symbol(char: str) -> str:
    """Keep the letters that dress as symbols ("Ⓢ", "🅢"); any other symbol parts words."""
    if char == "\n":
        return char
    plain = unicodedata.normalize("NFKD", char).casefold()
    if plain != char and plain.isalnum():
        return plain
    name = unicodedata.name(char, "")
    if "LATIN CAPITAL LETTER " in name and (
        "SQUARED" in name or "CIRCLED" in name or "INDICATOR" in name
    ):
        return name.rsplit(" ", 1)[-1].lower()
    return " "


class _Folding(dict[int, str]):
    """A table for `str.translate` that fills itself, up to a bound."""

    def __missing__(self, code: int) -> str:
        folded = _fold(chr(code))
        if len(self) < _LARGEST_FOLDING:
            self[code] = folded
        return folded


_FOLDING = _Folding()


def _marked(text: str) -> str:
    """Read a dash between words as a comma, and stars within a word as the letters that they hide ("f*ck")."""
    return _CENSORED.sub("u", text.replace(" - ", " , "))


def fold(text: str) -> str:
    """Fold the letters of a text.

    Args:
        text: any string, lone surrogates and NULs included.

    Returns:
        Lower-case text without accents, apostrophes or invisible characters.
    """
    if " - " in text or "*" in text:
        text = _marked(text)
    if text.isascii():
        return text.lower().replace("'", "").replace("\x00", "")
    if any("\u1100" <= char <= "\u11ff" for char in text):
        text = unicodedata.normalize("NFC", text)
    return text.translate(_FOLDING)


def tokenise(folded: str) -> list[str]:
    """Cut folded text into words and marks."""
    return _TOKEN.findall(folded)


@lru_cache(maxsize=4096)
def words_of(text: str) -> tuple[str, ...]:
    """Give the folded words of a text, without its marks."""
    return tuple(_WORD_ONLY.findall(fold(text)))


def to_latin(word: str) -> str:
    """Replace the Cyrillic and Greek letters of a word by the Latin ones that look the same."""
    return word.translate(_TWIN_FIXES).translate(_LATIN_TWINS)


def locate(text: str, first: int, last: int) -> tuple[int, int] | None:
    """Find in the original text where a run of tokens stands.

    Args:
        text: the text as it was folded.
        first: index of the run's first token.
        last: index of its last token, inclusive.

    Returns:
        Start and end in characters of `text`, or `None` where letters were composed and places
        cannot be told.
    """
    pieces = _pieces(text)
    folded = "".join(pieces)
    if folded != fold(text):
        return None
    begin = end = -1
    for index, match in enumerate(_TOKEN.finditer(folded)):
        if index == first:
            begin = match.start()
        if index == last:
            end = match.end()
            break
    if begin < 0 or end < 0:
        return None
    at, start, stop = 0, 0, len(text)
    for position, piece in enumerate(pieces):
        following = at + len(piece)
        if at <= begin < following:
            start = position
        if at < end <= following:
            stop = position + 1
            break
        at = following
    return start, stop


def _pieces(text: str) -> list[str]:
    """Give what each character of a text becomes."""
    if text.isascii():
        return ["" if char in "'\x00" else char for char in text.lower()]
    return [_FOLDING[ord(char)] for char in text]
