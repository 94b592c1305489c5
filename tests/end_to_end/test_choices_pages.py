"""The data officer's pages: every command in them does what they say, on a site after its first night."""

import io
import re
import shlex
from pathlib import Path

import pytest

import commands
from commands.last_resort import carry_out
from demo.sample import Sample
from sync.choices import read_choices
from sync.place import look
from tests.clients import quiet_client
from tests.nights import NightSite

PAGES = Path(__file__).parents[2] / "docs" / "how_to"
DONE_ALREADY = {"keys new choices": 40, "choices begin --type objection": 30}
ASKS = ("choices add", "choices lift", "audit forget")


def lines(page: str) -> list[str]:
    """Return the commands of a page's blocks, in order, each once."""
    blocks = re.findall(r"```\n(.*?)```", (PAGES / page).read_text(encoding="utf-8"), re.DOTALL)
    said = [line for block in blocks for line in block.splitlines()]
    assert said
    assert all(line.startswith("python run_sync.py ") for line in said)
    return [line.removeprefix("python run_sync.py ") for line in dict.fromkeys(said)]


def carried_out(line: str, night: NightSite, piped: str, patch: pytest.MonkeyPatch) -> int:
    """Return how the verb ended; what it asks for comes from the pipe."""
    patch.setattr("sys.stdin", io.StringIO(piped))
    words = [*shlex.split(line), "--site", str(night.folder)]
    return carry_out(lambda: commands._named(words))


def test_the_page_on_choices_can_be_followed_line_by_line(
    night: NightSite, sample: Sample, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What a site has already says so; everything else ends well, and no reference is printed."""
    person = quiet_client(sample)
    for line in lines("choices.md"):
        if line.split()[0] == "run":
            continue  # nights of their own: test_choices.py runs them, held by the brake and accepted
        if "--anew" in line:
            (night.site.registers / "rights" / "objections.csv").unlink()
        code = carried_out(line, night, f"{person}\n" if line.startswith(ASKS) else "", monkeypatch)
        assert code == DONE_ALREADY.get(line, 0), (line, capsys.readouterr().err)
    said = capsys.readouterr()
    assert "rights/objections" in said.out
    assert person not in said.out + said.err


def test_the_page_on_erasure_can_be_followed_line_by_line(
    night: NightSite, sample: Sample, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """First it only tells; then it is done; done again, nothing is left to do."""
    person = quiet_client(sample)
    for line in lines("erasure.md"):
        if line == "run":
            continue
        assert carried_out(line, night, f"{person}\n", monkeypatch) == 0, capsys.readouterr().err
        with look(night.site) as place:
            found = read_choices(place, place.dpia, {})
            assert len(found.forgotten) == int("--yes" in line)
    said = capsys.readouterr()
    assert "early_help/00000001" in said.out
    assert person not in said.out + said.err
    assert carried_out(line_with_yes(), night, f"{person}\n", monkeypatch) == 0
    assert "already" in capsys.readouterr().err
    assert (night.site.var / "log" / "leaves.jsonl").read_text(encoding="utf-8").count('"forgotten"') == 1


def line_with_yes() -> str:
    """Return the command that does it."""
    return next(line for line in lines("erasure.md") if "--yes" in line)


@pytest.mark.parametrize(
    ("line", "piped"),
    [
        ("choices add --type objection", "HP1\n"),
        ("choices add --type objection --source nowhere", "HP1\n"),
        ("choices add --type objections --source hub", "HP1\n"),
        ("choices add --type opt-out", "9434765919\n"),
        ("choices add --type forgotten --source hub", "HP1\n"),
        ("choices add --type restriction --source hub --decision DP-1", "HP1\n"),
        ("choices add --type objection --source hub --decision 'Mrs Quartzname'", "HP1\n"),
        ("choices add --type objection --source hub", ""),
        ("audit forget - --source hub --reason whim --approved-by dpo", "HP1\n"),
        ("audit forget - --source hub --reason objected --approved-by me", "HP1\n"),
        ("audit forget - --source hub --reason objected --approved-by dpo --yes", "HP-nobody\n"),
        ("audit forget - --source hub --reason objected --approved-by dpo --out told.json", "HP1\n"),
    ],
)
def test_wrong_usage_changes_nothing(
    settled: NightSite, line: str, piped: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ends with 2; no register is touched, and nobody is forgotten for a slip of the hand."""
    before = {path: path.read_bytes() for path in settled.site.registers.rglob("*.csv")}
    assert carried_out(line, settled, piped, monkeypatch) == 2
    assert {path: path.read_bytes() for path in settled.site.registers.rglob("*.csv")} == before
