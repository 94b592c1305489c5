"""Write docs/reliability.md from the committed rows of tests/reliability/rows: `make reliability`.

With `--rows` the tests that see faults run first and write their rows anew. A test asks that the page is
what this makes today, and each test that sees a fault asks that its committed row is what it saw.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from config.limits import WebLimits
from config.settings import PortalSource
from tests.planted.bugs import BUGS
from tests.reliability.book import WRITE, Row, every_row

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "reliability.md"
WORDS = Path(__file__).with_name("reliability.md")
TABLES = {
    "portal": "The web portal",
    "rest": "The REST API",
    "folder": "The folder of dropped files",
    "machine": "The machine itself",
    "postgresql": "The PostgreSQL warehouse",
    "landing": "The landing zone over SFTP",
    "blob": "The landing zone in Azure Blob",
    "batch": "A batch in the landing zone that somebody tampers with",
}
STORIES = "tests/property/test_planted_bugs.py"
PLANT = re.compile(r'(?m)^    Plant\(\s*"([^"]+)"')
BESIDE = ("timeout_seconds", "retry_budget")
CODE = re.compile(r"E\d{3}")
CODES = re.compile(r"(.*?)((?: E\d{3}[,.])*)")
PLACES = ("first", "middle", "last")


def page() -> str:
    """Return docs/reliability.md: our words, with the tables where they name them."""
    rows = every_row()
    text = WORDS.read_text(encoding="utf-8")
    text = text.replace("{counts}", _counts(rows)).replace("{ceilings}", _ceilings())
    planted, stories = len(BUGS), len(_plants())
    text = text.replace("{planted}", _planted()).replace("{planted_count}", str(planted + stories))
    text = text.replace("{planted_in_source}", str(planted)).replace("{planted_in_nights}", str(stories))
    for access, title in TABLES.items():
        mine = [row for row in rows if row.access == access]
        text = text.replace(f"{{{access}}}", f"### {title}\n\n{_table(mine)}" if mine else "")
    return text


def _counts(rows: list[Row]) -> str:
    borne = sum(row.error_code is None for row in rows)
    refused = len(rows) - borne
    kept = sum(row.unchanged for row in rows if row.error_code is not None)
    faults = len({(row.access, row.fault) for row in rows})
    return (
        f"**{faults} faults at {len(rows)} places: {borne} borne, {refused} refused;"
        f" of the refused, {kept} changed nothing.**"
    )


def _ceilings() -> str:
    """Return the declared ceilings as a table, from the models that declare them."""
    fields = {f"limits.{name}": said for name, said in WebLimits.model_fields.items()}
    fields |= {name: PortalSource.model_fields[name] for name in BESIDE}
    lines = ["| setting | default | holds | reached |", "|---|---|---|---|"]
    for name, said in fields.items():
        words, codes = CODES.fullmatch(said.description or "").groups()  # type: ignore[union-attr]
        told = ", ".join(f"[{code}](reference/errors.md)" for code in re.findall(r"E\d{3}", codes))
        lines.append(f"| `{name}` | {said.default:,} | {words} | {told or '–'} |")
    return "\n".join(lines)


def _planted() -> str:
    """Return every bug that is planted, and what catches it: in the source, then in the tiny nights."""
    lines = ["| bug | planted in | caught by |", "|---|---|---|"]
    lines += [f"| {bug.name} | `{bug.path}` | `{bug.test_name}` ({_file(bug.test_file)}) |" for bug in BUGS]
    stories = f"the nights of two small CRMs | its story ({_file(STORIES)}) |"
    lines += [f"| {plant} | {stories}" for plant in _plants()]
    return "\n".join(lines)


def _plants() -> list[str]:
    """Return the names of the bugs that the stories of the tiny nights are about."""
    return PLANT.findall((ROOT / "tests/tiny/plants.py").read_text(encoding="utf-8"))


def _file(path: str) -> str:
    return f"`{path.removeprefix('tests/')}`"


def _table(rows: Iterable[Row]) -> str:
    """Return the rows as a table, refusals first by their code; places that ended alike share a line."""
    alike: dict[tuple[object, ...], list[str]] = {}
    for row in sorted(rows, key=_order):
        outcome = (row.fault, row.exit_code, row.error_code, row.unchanged, row.note)
        alike.setdefault(outcome, []).append(row.place)
    lines = ["| fault | where | exit | error | unchanged | |", "|---|---|---|---|---|---|"]
    for (fault, exit_code, error, unchanged, note), places in alike.items():
        code = "killed" if exit_code is None else exit_code
        told = _told(str(error)) if error else "borne"
        kept = "yes" if unchanged else "–"
        lines.append(f"| {fault} | {_places(places)} | {code} | {told} | {kept} | {note} |")
    return "\n".join(lines) + "\n"


def _told(error: str) -> str:
    """Return a code or, of a batch, a reason, as a link to where it is explained."""
    if CODE.fullmatch(error):
        return f"[{error}](reference/errors.md)"
    return f"[`{error}`](reference/batch-format.md)"


def _order(row: Row) -> tuple[object, ...]:
    known = next((at for at, word in enumerate(PLACES) if word in row.place), -1)
    return row.error_code is None, row.error_code or "", row.fault, known, row.place


def _places(places: list[str]) -> str:
    """Return the places of one line; the three exports together are one word."""
    exports = [f"{place} export" for place in PLACES]
    if set(exports) <= set(places):
        places = ["every export", *(place for place in places if place not in exports)]
    return ", ".join(places)


def _modules() -> list[str]:
    """Return the test modules that keep a book of rows."""
    found = (ROOT / "tests").rglob("test_*.py")
    return sorted(
        str(path.relative_to(ROOT))
        for path in found
        if "RowBook(" in path.read_text(encoding="utf-8") and path.name != "test_book.py"
    )


def _write_rows() -> int:
    environment = os.environ | {WRITE: "write"}
    command = [sys.executable, "-m", "pytest", "-n", "2", "--dist", "loadfile", *_modules()]
    return subprocess.call(command, cwd=ROOT, env=environment)  # noqa: S603 our own tests, no shell


if __name__ == "__main__":
    failed = _write_rows() if "--rows" in sys.argv[1:] and _modules() else 0
    PAGE.write_text(page(), encoding="utf-8", newline="\n")
    sys.exit(failed)
