"""The commands that read texts: classify, eval, audit."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli import commands
from app.core.errors import UnreadableTable
from tests.cast import ALICE, BOB


def run(*arguments: str, stdin: bytes = b"") -> Result:
    """Run `stoplist` in this process."""
    result = CliRunner().invoke(commands, list(arguments), input=stdin)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def test_a_text_is_read_in_words_and_as_json() -> None:
    """With the rule that read it so."""
    words, fields = run("classify", "please STOP"), run("classify", "please STOP", "--json")

    assert words.stdout.startswith("opt_out, definite")
    assert json.loads(fields.stdout)["intent"] == "opt_out"
    assert run("classify", "see you").stdout.startswith("none")


def test_a_file_is_read_line_by_line() -> None:
    """One JSON object a line, whatever the bytes."""
    lines = run("classify", "--file", "-", stdin=b"stop\r\n\xff\xfe\n\nhelp\n").stdout.splitlines()

    assert [json.loads(line)["intent"] for line in lines] == ["opt_out", "none", "none", "help"]


def test_classify_needs_exactly_one_source() -> None:
    """Wrong use is exit code 2."""
    assert run("classify").exit_code == run("classify", "x", "--file", "-").exit_code == 2


def test_eval_shows_recall_and_every_miss(tmp_path: Path) -> None:
    """On a TSV with a header."""
    file = tmp_path / "labelled.tsv"
    file.write_text(
        "label\tlanguage\ttext\nopt_out\ten\tstop\nopt_out\ten\tsee you\n", encoding="utf-8"
    )

    shown = run("eval", str(file), "--json")

    found = json.loads(shown.stdout)
    assert found["labels"]["opt_out"]["recall"] == 0.5
    assert [miss["text"] for miss in found["misses"]] == ["see you"]


@pytest.mark.parametrize("content", ["", "label\ttext\n", "label\tlanguage\ttext\nking\ten\tx\n"])
def test_eval_says_what_is_wrong_with_a_file(tmp_path: Path, content: str) -> None:
    """By its line."""
    file = tmp_path / "labelled.tsv"
    file.write_text(content, encoding="utf-8")

    with pytest.raises(UnreadableTable, match="line"):
        run("eval", str(file))


def test_audit_reports_and_writes_the_numbers(tmp_path: Path) -> None:
    """From an export such as Twilio's, outbound messages passed over."""
    file, output = tmp_path / "messages.csv", tmp_path / "numbers.csv"
    file.write_text(
        "From,To,Body,SentDate,Direction,Sid\n"
        f"{ALICE},x,STOP,2026-01-05T00:00:00Z,inbound,SM1\n"
        f"{BOB},x,please stop texting me,2026-02-05T00:00:00Z,inbound,SM2\n"
        f"{BOB},x,Reply STOP to end,2026-02-05T00:00:00Z,outbound-api,SM3\n",
        encoding="utf-8",
    )

    words = run("audit", str(file), "-o", str(output))
    fields = json.loads(run("audit", str(file), "--json").stdout)

    assert "2 inbound messages, 2 of them ask for no more" in words.stdout
    assert (fields["opt_outs"], fields["missed_by_whole_words"]) == (2, 1)
    rows = output.read_text(encoding="utf-8").splitlines()
    assert rows[0] == "phone,occurred_at,certainty,rule,source_ref"
    assert [row.split(",")[0] for row in rows[1:]] == [ALICE, BOB]


def test_audit_asks_for_a_column_it_cannot_find(tmp_path: Path) -> None:
    """And takes it when it is told."""
    file = tmp_path / "messages.csv"
    file.write_text(f"wer,was\n{ALICE},stop\n", encoding="utf-8")

    with pytest.raises(UnreadableTable, match="--from-column"):
        run("audit", str(file))
    told = run("audit", str(file), "--from-column", "wer", "--text-column", "was", "--json")
    assert json.loads(told.stdout)["opt_outs"] == 1
