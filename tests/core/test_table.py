"""CSV files as people's programs write them."""

import pytest

from app.core.errors import UnreadableTable
from app.core.table import Line, read_table


def _rows(raw: bytes) -> list[Line]:
    return list(read_table(raw.splitlines(keepends=True)).lines)


@pytest.mark.parametrize(
    "raw",
    [
        b"phone,text\n1,stop\n",
        b"\xef\xbb\xbfphone,text\r\n1,stop\r\n",
        b"phone;text\n1;stop\n",
        b"phone\ttext\n1\tstop",
        b"\n\nphone,text\n\n1,stop\n\n\n",
        b'"phone","text"\n"1","stop"\n',
    ],
)
def test_the_usual_dialects_are_understood(raw: bytes) -> None:
    """Byte-order mark, semicolons, tabs, empty lines, quotes, any line end."""
    assert [list(row.cells) for row in _rows(raw)] == [["1", "stop"]]


def test_a_quoted_line_break_belongs_to_its_cell() -> None:
    """The row's number is that of its last line."""
    assert _rows(b'phone,text\n1,"please\nstop"\n') == [Line(3, ["1", "please\nstop"])]


def test_latin_1_is_read_where_utf_8_does_not_fit() -> None:
    """Line by line: a file may hold both."""
    rows = _rows("phone,text\n1,arrêt\n".encode("latin-1") + "2,arrêt\n".encode())

    assert [row.cells[1] for row in rows] == ["arrêt", "arrêt"]


def test_a_short_row_is_filled_up() -> None:
    """Programs leave out empty cells at the end."""
    assert list(_rows(b"phone,text,date\n1,stop\n")[0].cells) == ["1", "stop", ""]


def test_columns_are_found_however_they_are_spelt() -> None:
    """Case, spaces and underscores do not matter; the first of several names that is there counts."""
    table = read_table([b"Sent Date,FROM_NUMBER,Body\n"])

    assert (table.find("sentdate"), table.find("phone", "from number"), table.find("none")) == (
        0,
        1,
        None,
    )


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "line 1"),
        (b"\n \n", "line 1"),
        (b"\xff\xfep\0h\0", "UTF-16"),
        (b"phone,text\n1,stop,more\n", "line 2 has 3 columns"),
        (b'phone,text\n1,"stop\n', "line 2"),
    ],
)
def test_what_cannot_be_understood_is_said_with_its_line(raw: bytes, words: str) -> None:
    """And never with what stood in it."""
    with pytest.raises(UnreadableTable, match=words):
        _rows(raw)


def test_a_column_that_is_named_twice_is_refused_when_it_is_asked_for() -> None:
    """Which of the two is meant nobody can know."""
    table = read_table([b"phone,text,Phone\n"])

    with pytest.raises(UnreadableTable, match="twice, as 1 and 3"):
        table.find("phone")
    assert table.find("text") == 1
