"""What an assessment says that Viaduct does is what Viaduct does."""

import re
from pathlib import Path

import polars as pl

from feed.counting import COUNTS
from feed.disclosure.profile import Profile
from feed.disclosure.protect import protect
from feed.disclosure.structure import CountShape, Structure
from sharing.document.profiles import DisclosureControl
from sharing.enforcers import NETS
from sharing.refusals.figures import ROUNDED


def test_every_net_a_measure_may_name_has_its_test() -> None:
    """A measure approved because a net holds it is approved because a test shows it."""
    written = "\n".join(path.read_text(encoding="utf-8") for path in Path("tests").rglob("test_*.py"))
    known = set(re.findall(r"^\s*def (test_\w+)\(", written, flags=re.MULTILINE))
    assert NETS
    assert {net.test for net in NETS.values()} <= known, sorted({net.test for net in NETS.values()} - known)


def test_the_disclosure_control_a_file_may_state_is_what_the_figures_do() -> None:
    """An assessment cannot promise another threshold, or other rounding, than what figures keep to."""
    stated = DisclosureControl.model_json_schema(by_alias=True)["properties"]
    smallest, largest = stated["suppressBetween"]["prefixItems"]
    assert (smallest["const"], set(largest["enum"])) == (1, set(ROUNDED))
    assert set(stated["roundTo"]["enum"]) == set(ROUNDED.values())
    for most, round_to in ROUNDED.items():
        numbers = range(30)
        cells = [(f"count_{n}", "2022-04", "ward", "a", n, n) for n in numbers]
        structure = Structure(tuple(CountShape(f"count_{n}") for n in numbers))
        profile = Profile(suppress_to=most, round_to=round_to, least_width=min(most - 1, 4))
        kept = protect(pl.DataFrame(cells, schema=COUNTS, orient="row"), structure, profile)
        expected = [None if 1 <= n <= most else (n + round_to // 2) // round_to * round_to for n in numbers]
        assert kept.published["value"].to_list() == expected
