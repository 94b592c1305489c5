"""The round trip: a worklist as it is laid down, filled in, saved by spreadsheets, and read back."""

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import openpyxl
import polars as pl
import pytest

import commands
from commands.asked_lists import asks
from commands.last_resort import carry_out
from common import clock, log
from config.site import load_site
from quality import FINDINGS, FindingStore
from quality.life import public_code
from tests.workbooks import changed

AT = datetime(2026, 3, 2, 4, 30, tzinfo=UTC)
CANARY = "CANARY-7781"
HEAD = b"finding,answer,reason,until\r\n"
Rows = list[list[str]]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Return a site with three gaps of the hub, the last with a reference that looks like a formula."""
    folder = tmp_path / "site"
    import shutil

    shutil.copytree("config/example", folder, ignore=shutil.ignore_patterns("var"))
    told = ("person", 7, "PER-11", "gender", "warning", "none", "")
    rows = [("hub", told[0], name, *told[1:]) for name in ("P1", "P2", "=P3")]
    rows.append(("community_support", told[0], CANARY, *told[1:]))
    frame = pl.DataFrame(rows, schema=FINDINGS, orient="row")
    FindingStore.of(load_site(folder)).record(frame, "run-1", ["hub", "community_support"], AT)
    return folder


def typed(*words: object) -> int:
    try:
        with clock.frozen(AT):
            return carry_out(lambda: commands._named([str(word) for word in words]))
    finally:
        log.shut()


def laid(site: Path, form: str) -> bytes:
    """Return the hub's worklist as it is laid into its drop."""
    with clock.frozen(AT):
        (ask,) = [ask for ask in asks(load_site(site)) if ask.provider == "hub"]
        return ask.whole.csv() if form == "csv" else ask.whole.xlsx()


def filled(site: Path, *answers: tuple[str, str, str]) -> Rows:
    """Return the rows of the CSV, the answers in their last columns."""
    rows = list(csv.reader(io.StringIO(laid(site, "csv").decode("utf-8-sig"), newline="")))
    for row, answer in zip(rows[1:], answers, strict=False):
        row[-3:] = answer
    return rows


def states(site: Path) -> dict[str, tuple[str, str, str, str]]:
    found = FindingStore.of(load_site(site)).open("hub")
    return {one.record: (one.state.value, one.reason, one.until, one.acted_by) for one in found}


ANSWERS = (
    ("accept", "asked_unknown", "31/03/2026"),
    ("dispute", "check_is_wrong", ""),
    ("Acknowledge", "", ""),
)
WANTED = {
    ("accepted", "asked_unknown", "2026-03-31", "hub"),
    ("disputed", "check_is_wrong", "", "hub"),
    ("acknowledged", "", "", "hub"),
}


def as_csv(rows: Rows, delimiter: str = ",", encoding: str = "utf-8-sig", ends: str = "\r\n") -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator=ends).writerows(rows)
    return out.getvalue().encode(encoding)


SAVED: dict[str, Callable[[Rows], bytes]] = {
    "as it was": as_csv,
    "semicolons": lambda rows: as_csv(rows, ";"),
    "windows": lambda rows: as_csv([[*row, "café"] for row in rows], encoding="cp1252"),
    "no mark, plain ends": lambda rows: as_csv(rows, encoding="utf-8", ends="\n"),
    "unicode text": lambda rows: as_csv(rows, "\t", "utf-16"),
    "columns moved": lambda rows: as_csv([row[::-1] for row in rows]),
    "rows sorted, blank lines": lambda rows: as_csv([rows[0], [""] * 18, *sorted(rows[1:]), [""] * 18]),
    "other columns taken out": lambda rows: as_csv([[row[0], *row[-3:]] for row in rows]),
    "guard taken off": lambda rows: as_csv([[cell.removeprefix("'") for cell in row] for row in rows]),
}


@pytest.mark.parametrize("way", SAVED)
def test_a_csv_is_read_back_however_a_spreadsheet_has_saved_it(site: Path, tmp_path: Path, way: str) -> None:
    """Three answers, three changes; the same file again changes nothing."""
    file = tmp_path / "back.csv"
    file.write_bytes(SAVED[way](filled(site, *ANSWERS)))
    assert typed("findings", "import", file, "--site", site) == 0
    assert set(states(site).values()) == WANTED
    before = (site / "var/state/findings.sqlite").read_bytes()
    assert typed("findings", "import", file, "--site", site) == 0
    assert (site / "var/state/findings.sqlite").read_bytes() == before


@pytest.mark.parametrize("hidden", [False, True])
def test_a_workbook_is_read_back_with_a_day_that_is_a_day_and_rows_that_a_filter_hides(
    site: Path, tmp_path: Path, *, hidden: bool
) -> None:
    """Filled in and saved by another program, its sheet renamed where nothing is hidden."""
    file = tmp_path / "back.xlsx"
    file.write_bytes(laid(site, "xlsx"))
    book = openpyxl.load_workbook(file)
    sheet = book.worksheets[0]
    for number, (answer, reason, until) in enumerate(ANSWERS, start=2):
        sheet.cell(number, 16, answer)
        sheet.cell(number, 17, reason or None)
        if until:
            sheet.cell(number, 18, date(2026, 3, 31))
    if hidden:
        sheet.row_dimensions[3].hidden = True
    else:
        sheet.title = "Mine"
    book.save(file)
    assert typed("findings", "import", file, "--site", site) == 0
    assert set(states(site).values()) == WANTED


def test_good_lines_are_taken_and_each_bad_one_is_told_by_its_number(
    site: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 1, the line and why; what stands in a cell is not repeated."""
    file = tmp_path / "back.csv"
    rows = filled(site, ("acknowledge", "", ""), (CANARY, "", ""), ("accept", "refused", CANARY))
    file.write_bytes(as_csv(rows))
    assert typed("findings", "import", file, "--site", site, "--by", "Jo, data team") == 1
    said = capsys.readouterr()
    assert said.out.splitlines() == [
        "line 3: answer: write acknowledge, accept or dispute, or leave it empty.",
        "line 4: until: this is no day; write it as YYYY-MM-DD.",
    ]
    assert "hub: 1 acknowledged, 2 not taken." in said.err
    assert CANARY not in said.out + said.err
    assert sorted(state for state, *_ in states(site).values()) == ["acknowledged", "open", "open"]
    assert ("acknowledged", "", "", "Jo, data team") in states(site).values()


def test_a_dry_run_says_the_same_and_changes_nothing(
    site: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As JSON too."""
    file = tmp_path / "back.csv"
    file.write_bytes(as_csv(filled(site, *ANSWERS, ("x", "", ""))))
    before = (site / "var/state/findings.sqlite").read_bytes()
    assert typed("findings", "import", file, "--dry-run", "--json", "--site", site) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["counts"] | {"accept": 1, "dispute": 1, "acknowledge": 1, "not_taken": 0} == told["counts"]
    assert (told["provider"], told["dry_run"], told["bad"]) == ("hub", True, [])
    assert (site / "var/state/findings.sqlite").read_bytes() == before


def test_one_provider_answers_nothing_of_another_s(
    site: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whether the other is named with --provider, or the file begins with one of the other's."""
    file = tmp_path / "back.csv"
    file.write_bytes(as_csv(filled(site, ("acknowledge", "", ""))))
    assert typed("findings", "import", file, "--provider", "community_support", "--site", site) == 1
    assert "line 2: finding: it is another provider's." in capsys.readouterr().out
    others = public_code("community_support", "person", CANARY, "PER-11", "gender")
    rows = filled(site, ("acknowledge", "", ""))
    rows.insert(1, [others, *[""] * (len(rows[0]) - 4), "acknowledge", "", ""])
    file.write_bytes(as_csv(rows))
    assert typed("findings", "import", file, "--site", site) == 2
    assert "findings of several providers" in capsys.readouterr().err
    assert {state for state, *_ in states(site).values()} == {"open"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the column finding is not there"),
        (b"finding;answer\r\nx;y\r\n", "the column reason is not there"),
        (b"finding,answer,reason,until,answer\r\n", "the column answer is not there, or more than once"),
        (b"<html><body>Sign in</body></html>", "the column finding is not there"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "an old workbook, or one under a password"),
        (b"finding,answer,reason,until\r\n" + b"a" * 40_000, "line 2: it can not be read as a row of cells"),
        (b"\xff\xfe\x00\xd8\x00", "its bytes are not text"),
        (HEAD + b",a\r\n" * 30, "line 22: it has more rows than a worklist"),
        (HEAD + b"\r\n" * 60, "line 42: it has more rows than a worklist"),
    ],
)
def test_what_is_no_worklist_is_refused(
    site: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    content: bytes,
    said: str,
) -> None:
    """Exit 22, and nothing was changed."""
    monkeypatch.setattr("connectors.answer_file.MOST_ROWS", 20)
    monkeypatch.setattr("connectors.answer_file.MOST_LINES", 41)
    file = tmp_path / "back.csv"
    file.write_bytes(content)
    assert typed("findings", "import", file, "--site", site) == 22
    told = capsys.readouterr().err
    assert told.startswith("E947")
    assert said in told


def test_a_workbook_that_is_no_workbook_is_refused(
    site: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A damaged container, a formula in the place of an answer: the errors of workbooks, and no cell."""
    file = tmp_path / "back.xlsx"
    file.write_bytes(laid(site, "xlsx")[:3000])
    assert typed("findings", "import", file, "--site", site) == 22
    book = changed(laid(site, "xlsx"), {"xl/worksheets/sheet1.xml": with_formula})
    file.write_bytes(book)
    assert typed("findings", "import", file, "--site", site) == 22
    assert CANARY not in capsys.readouterr().err


def with_formula(sheet: bytes) -> bytes:
    cell = b'<row r="2"><c r="A2"><f>"CANARY-7781"</f><v>1</v></c></row></sheetData>'
    head, _, rest = sheet.partition(b'<row r="2"')
    return head + cell + rest.partition(b"</sheetData>")[2]


def test_answers_by_command_and_what_the_data_team_says(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Disputed, shown to the data team, rejected, accepted, taken back; the history tells it all."""
    (code,) = [one.code for one in FindingStore.of(load_site(site)).open("hub") if one.record == "P1"]
    ours = ("--by", "Jo", "--site", site)
    assert typed("findings", "dispute", code, *ours, "--reason", "check_is_wrong") == 0
    assert typed("findings", "disputed", "--site", site) == 1
    assert code in capsys.readouterr().out
    assert typed("findings", "reject", code, *ours) == 0
    assert typed("findings", "accept", code, *ours, "--reason", "refused", "--until", "2026-06-01") == 0
    assert typed("findings", "take-back", code, *ours) == 0
    assert typed("findings", "dispute", code, *ours, "--reason", "check_is_wrong") == 0
    assert typed("findings", "uphold", code, *ours, "--until", "2026-06-01") == 0
    assert typed("findings", "acknowledge", code, *ours) == 1
    assert typed("findings", "acknowledge", "F" + "a" * 16, *ours) == 1
    assert typed("findings", "accept", code, *ours, "--reason", "he said so", "--until", "2026-06-01") == 2
    capsys.readouterr()
    assert typed("findings", "history", code, "--json", "--site", site) == 0
    told = [(one["to"], one["reason"]) for one in json.loads(capsys.readouterr().out)]
    assert told == [
        ("open", ""), ("disputed", "check_is_wrong"), ("open", "dispute_rejected"), ("accepted", "refused"),
        ("open", ""), ("disputed", "check_is_wrong"), ("accepted", "check_is_wrong"),
    ]  # fmt: skip


def test_what_could_not_be_answered_is_told_by_its_code_or_its_place(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of a finding that stands elsewhere its code, to look back with; of no code only the place: it may be
    anything.
    """
    code = next(one.code for one in FindingStore.of(load_site(site)).open("hub") if one.record == "P1")
    ours = ("--site", site, "--by", "Jo Example, Support Hub")
    assert typed("findings", "dispute", code, *ours, "--reason", "check_is_wrong") == 0
    capsys.readouterr()
    assert typed("findings", "acknowledge", code, CANARY, *ours) == 1
    told = capsys.readouterr().err
    assert f"python run_sync.py findings history {code}" in told
    assert "Code 2 of 2: there is no finding of this code." in told
    assert CANARY not in told
    typed("findings", "disputed", "--site", site)
    assert "1 dispute waits." in capsys.readouterr().err


def test_an_option_before_a_verb_that_would_be_passed_over_is_refused(site: Path) -> None:
    """`findings --site X import` would import into another site."""
    assert typed("findings", "--site", site, "disputed") == 2


def test_what_is_written_with_csv_is_read_back(site: Path, tmp_path: Path) -> None:
    """The file that `findings --provider P --csv` writes has room for answers."""
    file = tmp_path / "all.csv"
    assert typed("findings", "--provider", "hub", "--csv", file, "--site", site) == 0
    assert CANARY.encode() not in file.read_bytes()
    assert typed("findings", "import", file, "--site", site) == 0


def test_a_finding_that_is_not_there_has_no_history(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Four lines and exit 2, as data too; what was typed is not repeated."""
    for more in ((), ("--json",)):
        assert typed("findings", "history", CANARY, *more, "--site", site) == 2
        told = capsys.readouterr()
        assert (told.out, told.err.count("\n"), CANARY in told.err) == ("", 4, False)
        assert "there is no finding of this code" in told.err


@pytest.mark.parametrize("form", ["--csv", "--xlsx"])
def test_no_folder_is_made_for_a_worklist(
    site: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], form: str
) -> None:
    """A path with a slip of the pen is refused as one that is not there."""
    assert typed("findings", form, tmp_path / "no" / "such" / "list", "--site", site) == 2
    assert capsys.readouterr().err.startswith("E904")
    assert not (tmp_path / "no").exists()


def test_what_safety_hangs_on_is_accepted_as_right_alone_and_shown_to_the_data_team(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Refused with another reason; accepted, it stands beside the disputes, and no dispute waits."""
    row = ("hub", "person", "P9", 7, "CHR-06", "accommodation_status", "warning", "none", "")
    store = FindingStore.of(load_site(site))
    store.record(pl.DataFrame([row], schema=FINDINGS, orient="row"), "run-2", [], AT)
    code = next(one.code for one in store.open("hub") if one.record == "P9")
    accepts = ("findings", "accept", code, "--by", "Jo", "--until", "2026-06-01", "--site", site, "--reason")
    assert typed(*accepts, "asked_unknown") == 1
    assert "--reason correct_as_is alone" in capsys.readouterr().err
    assert typed(*accepts, "correct_as_is") == 0
    assert typed("findings", "disputed", "--site", site, "--json") == 0
    (told,) = json.loads(capsys.readouterr().out)
    assert (told["code"], told["state"], told["reason"]) == (code, "accepted", "correct_as_is")


def test_a_dispute_needs_its_reason_by_command_as_in_a_file(site: Path) -> None:
    """Two reasons there are, and nobody guesses which."""
    code = FindingStore.of(load_site(site)).open("hub")[0].code
    assert typed("findings", "dispute", code, "--by", "Jo", "--site", site) == 2
