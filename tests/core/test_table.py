"""CSV files as people's programs write them."""

import codecs
import io

import pytest

from app.core.errors import UnreadableTable
from app.core.table import Line, read_table


def _rows(raw: bytes) -> list[Line]:
    return list(read_table(io.BytesIO(raw)).lines)


@pytest.mark.parametrize(
    "raw",
    [
        b"phone,text\n1,stop\n",
        b"\xef\xbb\xbfphone,text\r\n1,stop\r\n",
        b"phone;text\n1;stop\n",
        b"phone\ttext\n1\tstop",
        b"\n\nphone,text\n\n1,stop\n\n\n",
        b'"phone","text"\n"1","stop"\n',
        codecs.BOM_UTF16_LE + "phone,text\r\n1,stop\r\n".encode("utf-16-le"),
        codecs.BOM_UTF16_BE + "phone;text\n1;stop".encode("utf-16-be"),
        "\ufeffphone|text\n1|stop".encode(),
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
        (b"phone,text\n1,stop,more\n", "line 2 has 3 columns, the header has 2"),
        (b'phone,text\n1,"stop\n', "line 2: a quote is opened and never closed"),
        (b'phone,text\n1,"stop\n2,go\n', "lines 2 to 3: a quote is opened"),
        (b'phone,text\n1,"sto"p"\n', "line 2: a quote ends in the middle of a cell"),
        (b"phone,text\r1,stop\r", "line 1: a line ends as on old Macs"),
        (b"+12015550123,stop\n+12015550124,stop\n", "line 1 holds a number in column 1"),
        (b"Ann,(201) 555-0123\n", "line 1 holds a number in column 2"),
        (b"1.41556E+10;Ann\n", "line 1 holds a number in column 1"),
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


@pytest.mark.parametrize(
    "first", ["+12015550123", "12015550123", "(201) 555-0123", "'2015550123", "1.2016E+10"]
)
def test_a_bare_list_of_numbers_needs_no_header(first: str) -> None:
    """Its first line is a number, and counts."""
    table = read_table([f"{first}\n".encode(), b"+12015550124\n"])

    assert (table.find("number", "phone"), table.header) == (0, None)
    assert [row.cells[0] for row in table.lines] == [first, "+12015550124"]


def test_lines_are_counted_as_an_editor_counts_them() -> None:
    """Empty lines above the header and within quotes count."""
    assert _rows(b'\n\nphone,text\n\n1,"a\nb"\n2,c\n') == [
        Line(6, ["1", "a\nb"]),
        Line(7, ["2", "c"]),
    ]


def test_a_row_is_also_held_as_it_was_written() -> None:
    """Quotes, spaces and line ends; what was short says so."""
    rows = _rows(b'phone,text\r\n1,"a\nb"\r\n 2\n')

    assert [(row.written, row.short) for row in rows] == [('1,"a\nb"\r\n', 0), (" 2\n", 1)]


def test_what_is_no_row_is_handed_out_with_its_fault_and_the_rest_is_read() -> None:
    """For readers who report every row."""
    table = read_table(b'phone,text\n1,a,b\n2,"x"y\n3,c\n'.splitlines(keepends=True))

    assert [(row.number, bool(row.fault)) for row in table.rows] == [
        (2, True),
        (3, True),
        (4, False),
    ]
