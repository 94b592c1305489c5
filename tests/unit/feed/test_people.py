"""People means people: who is known to two providers counts once, where the flow says who they are."""

from datetime import date
from pathlib import Path

import pytest

from feed import Figures, build_figures
from tests.unit.feed.warehouse_sample import write_warehouse

START, END = date(2022, 4, 1), date(2022, 11, 30)
OF_THE_HUB, TO_COMMUNITY_SUPPORT = 2400, 429
# Community Support knows those sent to it under keys of its own; all but nine are linked to the hub's.
OWN_KEYS = "UPDATE commissioning.referral SET person_id = 50000 + person_id WHERE lot_code = 'L4-CS'"
PEOPLE = """CREATE TABLE commissioning.person AS
    SELECT DISTINCT person_id, CASE WHEN person_id % 50000 < 420 THEN 90000 + person_id % 50000 END
        AS linked_person_id, source_system FROM commissioning.referral WHERE person_id IS NOT NULL"""


def figures(folder: Path, *extra: str) -> Figures:
    return build_figures(write_warehouse(folder / "warehouse.duckdb", extra), START, END)


def bands(told: Figures) -> dict[str, int | None]:
    return {cell.label: cell.count for cell in told.named("K17").breakdowns[0].cells}


def test_somebody_known_to_two_providers_counts_once(tmp_path: Path) -> None:
    """Of 429 people whom the hub sent on 420 are known for the same; the other nine count twice."""
    told = figures(tmp_path, OWN_KEYS, PEOPLE)
    assert told.named("K17").value == OF_THE_HUB + 9
    assert bands(told) == {"One provider": OF_THE_HUB + 9 - 420, "Two providers or more": 420}
    assert "Counted once" in told.named("K17").note


def test_a_flow_that_does_not_say_who_is_the_same_counts_what_the_providers_count(tmp_path: Path) -> None:
    """Without the link each provider's record is a person, and the figure says so."""
    told = figures(tmp_path, OWN_KEYS)
    assert told.named("K17").value == OF_THE_HUB + TO_COMMUNITY_SUPPORT
    assert "does not say who is known to several" in told.named("K17").note


@pytest.mark.parametrize("extra", [(), (PEOPLE,)], ids=["not linked", "linked"])
def test_the_figures_of_the_hub_stay_what_they_are(tmp_path: Path, extra: tuple[str, ...]) -> None:
    """Whoever the hub advised is counted as often as before, link or none."""
    told = figures(tmp_path, *extra)
    assert [told.named(name).value for name in ("K01", "K05", "K12")] == [3663, 1106, 429]


def test_two_records_of_one_person_at_the_hub_are_one_person_advised(tmp_path: Path) -> None:
    """A double of the hub is found out by the link."""
    double = "UPDATE commissioning.person SET linked_person_id = 90001 WHERE person_id = 2"
    told = figures(tmp_path, PEOPLE, double)
    assert told.named("K05").value == 1105


def test_few_people_with_two_providers_are_hidden(tmp_path: Path) -> None:
    """Three people known to both would be known: neither they nor the rest is told."""
    few = "UPDATE commissioning.person SET linked_person_id = NULL WHERE linked_person_id >= 90003"
    told = figures(tmp_path, OWN_KEYS, PEOPLE, few)
    assert bands(told) == {"One provider": None, "Two providers or more": None}
