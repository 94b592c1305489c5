"""Whatever comes as an export: each of its rows has one fate, or it is refused; nothing of it is told."""

import json
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, event, given, seed, settings
from hypothesis import strategies as st

import commands
from commands.last_resort import carry_out
from tests import odd_files
from tests.odd_files import CANARY, Odd, csv_rows
from tests.today import SEED

LONGEST_SECONDS = 10


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the rules by which the files are read."""
    return odd_files.write_rules(tmp_path_factory.mktemp("rules"))


def looked_at(
    rules: Path, folder: Path, content: bytes, capsys: pytest.CaptureFixture[str]
) -> dict[str, int] | None:
    """Return the rows' fates, None where the file was refused; what must hold of every file is asserted.

    It is told within ten seconds, in four lines or in data, and without a word of a cell.
    """
    path, page = folder / "people.csv", folder / "mend.html"
    path.write_bytes(content)
    page.unlink(missing_ok=True)
    words = ["precheck", str(path), "--provider", "odd", "--site", str(rules), "--json", "--html", str(page)]
    began = time.monotonic()
    code = carry_out(lambda: commands._named(words))
    assert time.monotonic() - began < LONGEST_SECONDS
    said = capsys.readouterr()
    told = said.out + said.err + (page.read_text(encoding="utf-8") if page.exists() else "")
    assert CANARY not in told
    assert "Traceback" not in told
    if code == 22:
        lines = said.err.strip().splitlines()
        assert len(lines) == 4, lines
        assert lines[0].startswith("E3"), lines
        assert not said.out
        return None
    assert code in {0, 1}, said.err
    data = json.loads(said.out)
    counts: dict[str, int] = data["exports"]["people"]
    fates = counts["read"] + counts["repeated"] + counts["furniture"] + counts["rejected"]
    assert counts["rows"] == fates
    nameless = {row["reference"] for row in data["findings"] if row["check"] == "MAP-02"}
    assert len(nameless) == counts["rejected"]
    return counts


@pytest.mark.parametrize("odd", odd_files.corpus(), ids=lambda odd: odd.name)
def test_an_odd_file_is_read_row_by_row_or_refused(
    rules: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], odd: Odd
) -> None:
    """The rows are as many as Python's csv counts; a file that nobody can count right is refused whole."""
    counts = looked_at(rules, tmp_path, odd.content, capsys)
    assert odd.read in {None, counts is not None}
    expected = odd.rows if odd.rows is not None else csv_rows(odd.content)
    if counts is not None:
        assert counts["rows"] == expected


MARKS = [
    b'"',
    b'""',
    b",",
    b";",
    b"\t",
    b"\r",
    b"\n",
    b"\r\n",
    b"\0",
    b"\\",
    b"'",
    b" ",
    b"<",
    b"",
    b"\x1a",
    b"=1+1",
]
WORDS = [
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\xe9",
    b"\xc3",
    b"\xe2\x80\xae",
    b"sep=;\r\n",
    b"Ref",
    b"P001,",
    b"Total",
]
ODD = st.sampled_from([*MARKS, *WORDS])
STEPS = st.lists(
    st.tuples(st.integers(0, 10_000), ODD, st.sampled_from([0, 0, 1, 2, 40])), min_size=1, max_size=4
)


@seed(SEED)
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_a_file_with_odd_marks_anywhere_is_read_row_by_row_or_refused(
    rules: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], steps: list[tuple[int, bytes, int]]
) -> None:
    """Marks put in, and bytes taken out, at a few places: never a row too many or too few, never a word."""
    content = odd_files.PLAIN.encode()
    for place, mark, gone in steps:
        at = place % (len(content) + 1)
        content = content[:at] + mark + content[at + gone :]
    counts = looked_at(rules, tmp_path, content, capsys)
    event("read" if counts else "refused")
    expected = csv_rows(content)
    if counts is not None and expected is not None:
        assert counts["rows"] == expected, content
