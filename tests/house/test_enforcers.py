"""What an assessment says that Viaduct does is what Viaduct does."""

import re
from pathlib import Path

import polars as pl

from feed.counting import COUNTS, SPREADS, RawCounts
from feed.facts import facts_of
from feed.model import Area
from feed.periods import parse
from feed.publish import hide_small
from sharing.document.profiles import DisclosureControl
from sharing.enforcers import NETS
from tests.feed_rows import write_rows


def test_every_net_a_measure_may_name_has_its_test() -> None:
    """A measure approved because a net holds it is approved because a test shows it."""
    written = "\n".join(path.read_text(encoding="utf-8") for path in Path("tests").rglob("test_*.py"))
    known = set(re.findall(r"^\s*def (test_\w+)\(", written, flags=re.MULTILINE))
    assert NETS
    assert {net.test for net in NETS.values()} <= known, sorted({net.test for net in NETS.values()} - known)


def test_the_disclosure_control_a_file_may_state_is_what_the_figures_do(tmp_path: Path) -> None:
    """An assessment cannot promise another threshold than the one that hides small counts."""
    stated = DisclosureControl.model_json_schema(by_alias=True)["properties"]["suppressBetween"]
    period = parse("2022-04")
    cells = [("count", period.label, "borough", "all", number, number) for number in range(30)]
    raw = RawCounts(period, pl.DataFrame(cells, schema=COUNTS, orient="row"), SPREADS.to_frame())
    with facts_of(write_rows(tmp_path / "w.duckdb", {}), Area()) as facts:
        shown = hide_small(facts, raw)["value"]
    hidden = [place for place, value in enumerate(shown) if value is None]
    smallest, largest = (each["const"] for each in stated["prefixItems"])
    assert hidden == [*range(smallest, largest + 1)]
