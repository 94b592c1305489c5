"""What is withheld or redacted changes nothing of what others may read, but for numbers that are declared."""

import hashlib
import json
import re
import shutil
from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

import sharing
from commands.pages import build_pages
from common import clock, log
from sharing import deciding
from sync import batch_night, place
from tests.nights import ACCEPTED_BY
from tests.tiny.nights import read_once
from tests.tiny.site import TinySite
from tests.tiny.start import begun, work_folder
from tests.tiny.world import World

INSTANT = datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=10)
"""Later than the nights before it, so that the pages show this one."""
RUN_ID = f"{INSTANT:%Y%m%dT%H%M%SZ}-abcdef"
WHOLLY_WITHHELD = {
    "people": ("Forename", "Surname", "Born", "NHS Number", "UPRN", "Street", "Postcode", "Sensitive",
               "Safe to Contact", "Telephone"),
    "referrals": ("Received", "Closed", "Project", "Priority", "Reason"),
    "contacts": ("On", "Attendance", "Worker", "Details"),
    "needs": ("Kind",),
}  # fmt: skip
REDACTED = {"people": ("Street", "Postcode", "UPRN", "Safe to Contact", "Forename", "Telephone")}
DROPPED = {"people": ("Forename", "Telephone"), "referrals": ("Reason",), "contacts": ("Worker", "Details")}
SAID_NO, SOAKED = 2, 100
HIDDEN = [
    (whom, export, column)
    for whom, columns in enumerate((REDACTED, DROPPED, WHOLLY_WITHHELD))
    for export, names in columns.items()
    for column in names
]
"""Of the flagged, of the ordinary, of who said no: the cells that no flow lets out."""
FRESH = ("Street", "Postcode", "UPRN", "NHS Number")
WORDS = st.sampled_from(
    ["", "Yes", "No", "Zqnoword", "31/02/2024", "05/06/2024", "=1+1", "Zqno " * 40, "SOC.DA", "Safe House"]
)
# What may differ, and why: docs/explanation/safety.md says it to information governance.
DECLARED = {
    "exports": "how many rows a provider gave, for its balance",
    "entities": "how many records had which fate, and why, for the balance of records",
    "counts": "the same numbers, in the leaf of the batch",
    "reasons": "the same numbers by reason, in the leaf of the batch",
    "records_in": "how many records came in, added up from the leaf of the batch",
    "cells": "how many cells of a field could not be read",
    "unread": "the same, by export",
    "view": "how much the account saw",
    "flagged": "how many people are under the safety flag",
    "flagged_accepted": "the same, as somebody accepted it",
    "findings": "how many findings are open, new and closed",
    "checks": "how many records failed each check",
    "durations": "how long it took",
    "source_seconds": "how long each source took",
    "root": "the log's root, which covers the numbers above",
    "exit_code": "1 when any record was held or rejected",
    "outcome": "the same, in a word",
    "records": "how many records the run looked at",
    "duration_seconds": "how long it took",
    "arrived": "how the export came",
}
ROW = re.compile(r'<tr><th scope="row".*?</tr>', re.DOTALL)
CAPTION = re.compile(r"<caption><span>(.*?)</span></caption>")
COUNTED = {
    "Records by outcome": "how many records came, and how many of them stay, for the balance of records",
    "What came in": "how many rows a provider gave, for its balance",
    "Why records": "the same numbers by reason: as many rows as there are reasons with a number",
    "People under the safety flag": "how many people are under the safety flag",
}
"""The tables of pages, by how their names begin, in which numbers may differ, and why; nowhere else."""
LEFT = {1, 5}
"""Of a row of records by outcome, the cells of what was sent and taken back: these may not differ."""
NUMBER = re.compile(r'<td class="n">[0-9.,]+</td>')
DURATIONS = r'<figure class="chart" role="group" aria-labelledby="durations-name">.*?</figure>'
OF_THE_LOG = re.compile(r'(root|beside this page, SHA-256) <span class="code digest">[0-9a-f]{64}</span>')
"""Digests over all that was counted: the root of the log, and that of the signed statement."""
LINES = re.compile(rb"<tbody>.*?</tbody>", re.DOTALL)
NOT_SHARED = "reports/governance/not_shared."
"""Who is not shared, why and since when: its lines and its numbers are what the page is for."""
BY_REASON = frozenset({"people", "waiting", "emptied", "in_no_flow"})
A_DAY = re.compile(r"\d\d/\d\d/\d{4}")
UNREAD = "By source, as of the last run that read it"
LAST_CELL = re.compile(r"<td>[^<]*</td></tr>")
ANY_NUMBER = re.compile(r'(<dd>|<td class="n">)[0-9.,]+')
OPERATOR = "reports/operator/index.html"
"""What pages say of cells that could not be read, and all numbers of the operator's page: they are those of
the run, which is compared itself, with the numbers of what was sent and taken back."""
Change = tuple[int, str, str, str]
Patch = pytest.MonkeyPatch


@cache
def base() -> tuple[TinySite, World, list[str]]:
    """Return a site after a first night, and people of its hub: flagged, ordinary, and one who said no."""
    nights = begun()
    site, world = nights.site.copy(work_folder() / "interference"), deepcopy(nights.model.world)
    world.change("hub", "people", world.names("hub", "people")[0], {"Sensitive": "Yes"})
    site.assess(frozenset({"who_agreed"}))
    site.drop(world)
    summary = site.night(accept_growth=True, accept_flagged=ACCEPTED_BY)
    assert summary.errors == []
    site.council(here=False)
    world.change("hub", "people", world.names("hub", "people")[1], {"Surname": "Zqsur700x"})
    return site, world, world.names("hub", "people")[:3]


def outcome(name: str, change: Callable[[World], None]) -> dict[str, bytes]:
    """Return everything others may read after a night that sends all anew, its randomness fixed."""
    site, world, _ = base()
    folder = work_folder() / "interfered"
    shutil.rmtree(folder, ignore_errors=True)
    copy, seen = site.copy(folder), deepcopy(world)
    change(seen)
    copy.drop(seen)
    with pytest.MonkeyPatch.context() as patch, clock.frozen(INSTANT):
        _fix_randomness(patch)
        log.configure(folder / "var" / "logs" / "viaduct.jsonl")
        try:
            summary = copy.night(full=True, accept_drop=True, accept_growth=True)
        finally:
            log.shut()
        assert summary.errors == [], (name, [error.lines() for error in summary.errors])
        build_pages(copy.read())
    return dict(_read(folder / "var"))


def _fix_randomness(patch: Patch) -> None:
    numbers = count()

    def stream(size: int) -> bytes:
        blocks = (hashlib.sha256(b"%d" % next(numbers)).digest() for _ in range(-(-size // 32)))
        return b"".join(blocks)[:size]

    patch.setattr("audit.secrets.os", SimpleNamespace(urandom=stream))
    patch.setattr("sync.filled.FEWEST", 1)
    patch.setattr(place, "new_run_id", lambda: RUN_ID)
    patch.setattr(batch_night, "seal", lambda plain, _recipient: b"sealed" + plain)
    patch.setattr(sharing, "load_dpia", read_once(sharing.load_dpia))
    patch.setattr(place, "load_mapping", read_once(place.load_mapping))


def _read(var: Path) -> Iterator[tuple[str, bytes]]:
    """Yield what leaves, what is logged, what is told of the run, what governance and operators read."""
    for room in ("landing", "log", "logs", "runs", "statements", "reports/governance", "reports/operator"):
        for path in sorted((var / room).rglob("*")):
            if path.is_file():
                yield path.relative_to(var).as_posix(), path.read_bytes()


def told(name: str, content: bytes) -> Any:
    """Return the file with the declared numbers taken out; what leaves has none."""
    if name.startswith("landing/") or "people" in name:
        return content
    if name.endswith(".html"):
        page = content.decode()
        return _page(ANY_NUMBER.sub(r"\1#", page) if name == OPERATOR else page)
    if name.startswith("statements/") and name.endswith(".txt"):
        _, said, _, signature = content.split(b"\n", 3)
        return _without(json.loads(said)), re.sub(rb"[A-Za-z0-9+/]{40,}=*", b"#", signature)
    if "checkpoint" in name:
        return re.sub(rb"[A-Za-z0-9+/]{40,}=*", b"#", content)
    if name.endswith((".json", ".jsonl")):
        return [_without(json.loads(line)) for line in _lines(name, content)]
    return content


def _page(content: str) -> list[str]:
    """Return the page without the numbers of tables that count, digests over them, and how long it took."""
    parts = re.split(rf"(<table>.*?</table>|{DURATIONS})", OF_THE_LOG.sub("", content), flags=re.DOTALL)
    return [line for part in parts for line in _part(part).splitlines() if line.strip()]


def _part(part: str) -> str:
    """Return a part of a page; of a table that counts without its numbers."""
    caption = CAPTION.search(part)
    if caption is not None and caption[1] == UNREAD:
        return LAST_CELL.sub("", part)
    counts = caption is not None and part.startswith("<table>") and caption[1].startswith(tuple(COUNTED))
    if part.startswith("<figure") or caption is None or not counts:
        return "" if part.startswith("<figure") else part
    if caption[1].startswith("Why records"):
        return ROW.sub("", part)
    keep = LEFT if caption[1].startswith("Records by outcome") else set()
    return ROW.sub(lambda row: _without_numbers(row[0], keep), part)


def _without_numbers(row: str, keep: set[int]) -> str:
    """Return the row of a table with its numbers taken out, but for those of the cells to be kept."""
    places = count()
    return NUMBER.sub(lambda cell: cell[0] if next(places) in keep else "#", row)


def without_lines(found: dict[str, bytes]) -> dict[str, Any]:
    """Return the register of who is not shared, its lines and numbers by reason taken out."""
    page, data = found[f"{NOT_SHARED}html"], json.loads(found[f"{NOT_SHARED}json"])
    kept = {key: said for key, said in data.items() if key not in BY_REASON}
    return {"page": told(f"{NOT_SHARED}html", LINES.sub(b"", page)), "data": kept}


def _lines(name: str, content: bytes) -> list[bytes]:
    return content.splitlines() if name.endswith(".jsonl") else [content]


def _without(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _without(value) for key, value in node.items() if key not in DECLARED}
    return [_without(each) for each in node] if isinstance(node, list) else node


@cache
def undisturbed() -> dict[str, bytes]:
    """Return what the same night leaves when nothing hidden has been changed."""
    return outcome("undisturbed", lambda _: None)


def differing(found: dict[str, bytes]) -> list[str]:
    """Return the files that differ by more than is declared."""
    wanted = undisturbed()
    assert found.keys() == wanted.keys(), found.keys() ^ wanted.keys()
    return [name for name in wanted if told(name, found[name]) != told(name, wanted[name])]


def changed(changes: list[Change]) -> Callable[[World], None]:
    """Return what changes these hidden cells; a place or a number that is written anew is nobody else's.

    The one thing told to nobody that may show: a day in a column of words tells that its row has shifted, and
    such a row is not believed (docs/explanation/shifted_cells.md). Of who is withheld not even that shows.
    """
    _, _, persons = base()

    def change(world: World) -> None:
        for number, (whom, export, column, word) in enumerate(changes):
            table = world.tables["hub"][export]
            name = next(each for each, row in table.items() if row["Person"] == persons[whom])
            fresh = {
                "Street": f"{800 + number} Zqstr Road",
                "Postcode": f"SK{20 + number} 9ZZ",
                "UPRN": f"7799{number:08d}",
                "NHS Number": f"Zqno{number}",
            }
            shown = "Zqnoday" if whom < SAID_NO and A_DAY.fullmatch(word) else word
            world.change("hub", export, name, {column: fresh[column] if column in FRESH else shown})

    return change


HIDDEN_CHANGES = st.lists(st.tuples(st.sampled_from(HIDDEN), WORDS), min_size=1, max_size=8)


@settings(
    max_examples=5, derandomize=True, database=None, deadline=None, phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
@given(drawn=HIDDEN_CHANGES)
@example(drawn=[(cell, "Zqnoword") for cell in HIDDEN])
def test_a_change_to_what_is_hidden_changes_no_byte_that_others_read(drawn: list[tuple[Any, str]]) -> None:
    """Cells of who said no, emptied cells of who is in danger, cells nobody is shown: the same outside."""
    assert differing(outcome("cells", changed([(*cell, word) for cell, word in drawn]))) == []


@pytest.mark.soak
@settings(
    max_examples=SOAKED, derandomize=False, database=None, deadline=None, phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck), print_blob=True,
)  # fmt: skip
@given(drawn=HIDDEN_CHANGES)
def test_many_changes_to_what_is_hidden_change_no_byte_that_others_read(drawn: list[tuple[Any, str]]) -> None:
    """The same, of fresh draws each time; an example that fails is printed whole, to be replayed."""
    assert differing(outcome("cells", changed([(*cell, word) for cell, word in drawn]))) == []


@pytest.mark.parametrize("change", ["gone", "one more"])
def test_whoever_is_withheld_may_come_and_go_unseen(change: str) -> None:
    """A person who said no, or one more of them, changes the declared numbers and nothing else."""
    _, _, persons = base()

    def change_people(world: World) -> None:
        if change == "gone":
            world.delete("hub", "people", persons[2])
        for number in range(change == "one more"):
            world.arrive("hub", 900 + number, agreed=False)

    found = outcome(change, change_people)
    assert [name for name in differing(found) if not name.startswith(NOT_SHARED)] == []
    assert without_lines(found) == without_lines(undisturbed())
    assert found != undisturbed(), "the declared numbers have changed"


def test_of_a_page_only_declared_numbers_are_left_out() -> None:
    """Of the signed statement's page: another number in its first sentence, of rows sent, of a file's rows or
    in a day is seen; another number of records that came in, or that stay, is not.
    """
    name = f"statements/{RUN_ID}.html"
    page = undisturbed()[name].decode()
    outcomes = page.index("Records by outcome")
    cells = [found for found in re.finditer(r'<td class="n">(\d+)</td>', page) if found.start() > outcomes]
    files = re.search(r'<td>sent</td><td class="n">(\d+)</td>', page)
    first, day = re.search(r"(\d+) rows were sent", page), re.search(r"<dd>(\d+) [A-Z]", page)
    seen = [told(name, _one_more(page, found)) != told(name, page.encode()) for found in cells[:6]]
    assert seen == [False, True, False, False, False, True]
    assert all(
        told(name, _one_more(page, found)) != told(name, page.encode()) for found in (files, first, day)
    )


def _one_more(page: str, found: re.Match[str] | None) -> bytes:
    """Return the page with the number that was found made greater by one."""
    assert found is not None
    return f"{page[: found.start(1)]}{int(found[1]) + 1}{page[found.end(1) :]}".encode()


def test_the_net_is_not_empty() -> None:
    """There are files that left, leaves, a run, a log and pages; and a change that may be seen is seen."""
    names = undisturbed().keys()
    for part in (
        "landing/early_help",
        "landing/commissioning",
        "log/leaves",
        "logs/",
        "runs/",
        f"statements/{RUN_ID}.txt",
        f"statements/{RUN_ID}.html",
        "reports/gov",
    ):
        assert any(name.startswith(part) for name in names), part
    _, _, persons = base()
    seen = outcome("seen", lambda world: world.change("hub", "people", persons[1], {"Surname": "Zqsur701x"}))
    assert any(name.startswith("landing/early_help") for name in differing(seen))
    assert f"statements/{RUN_ID}.txt" in differing(seen), "it names the manifest, which has changed"
    assert not any(name.startswith("landing/commissioning") and "parquet" in name for name in differing(seen))


def _one_rule_empties_nothing(patch: Patch) -> None:
    original = deciding.rules_set
    patch.setattr(deciding, "rules_set", lambda plan, *more: original(plan, *more) & 0xFFFFFFFE)


def test_a_planted_leak_is_seen() -> None:
    """With one safety rule out of order the emptied street is there, and its change is seen."""
    with pytest.MonkeyPatch.context() as patch:
        _one_rule_empties_nothing(patch)
        found = outcome("planted", changed([(0, "people", "Street", "")]))
    assert any(name.startswith("landing/") for name in differing(found))
