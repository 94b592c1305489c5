"""A host's clock goes wrong, is put right, or stands in another zone: no slot is lost or run twice."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from tests.reliability.book import Row, RowBook, writing
from tests.tiny import year as nights_of
from tests.tiny.start import work_folder
from tests.tiny.year import Year
from tests.today import SEED

DONE = {0, 1}


@dataclass(frozen=True)
class Case:
    """A night on which the clock is wrong: what happens, when, and how it ends."""

    fault: str
    place: str
    night: Callable[[Year], None]
    note: str

    @property
    def row(self) -> Row:
        """Return the row of docs/reliability.md."""
        return Row(self.fault, "machine", self.place, 0, None, False, self.note)


CASES = [
    Case("clock a day ahead, then put right", "a run by the timetable", nights_of.the_clock_runs_a_day_ahead,
         "tonight's slot and tomorrow's are run when they come; nothing is sent twice"),
    Case("clock set back an hour", "after a run by the timetable", nights_of.the_clock_goes_back,
         "the slot that comes once more is found run"),
    Case("host in another time zone", "a run by the timetable", nights_of.it_runs_elsewhere,
         "slots and days are London's"),
    Case("clocks change in autumn", "a run by the timetable", nights_of.nothing_goes_wrong, "one run"),
]  # fmt: skip
AUTUMN = 25
TODAY = CASES[SEED % len(CASES)]
"""Another one every day in make test; all of them in make soak and make reliability."""


@pytest.fixture(scope="module")
def year() -> Year:
    """Return a site in the week before the clocks change, after its first night."""
    return Year(work_folder() / "wrong clocks", 1)


@pytest.fixture(scope="module")
def book() -> Iterator[RowBook]:
    with RowBook("machine_clock") as book:
        yield book


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, marks=() if writing() or case is TODAY else pytest.mark.soak, id=case.fault)
        for case in CASES
    ],
)
def test_a_clock_that_is_wrong_loses_no_night_and_runs_none_twice(
    year: Year, book: RowBook, case: Case
) -> None:
    """What changed by day arrives that night; the night after is due when its slot comes."""
    world = year.nights.model.world
    if case.night is nights_of.nothing_goes_wrong:
        year.day = year.day.replace(day=AUTUMN - 1)
    person = world.names("hub", "people")[0]
    world.change("hub", "people", person, {"Surname": f"Zqsur{800 + CASES.index(case)}x"})
    year.play(case.night)
    code = json.loads(max((year.nights.site.folder / "var/runs").glob("*.json")).read_bytes())["exit_code"]
    assert code in DONE
    book.saw(case.row)
    if case.night is nights_of.the_clock_runs_a_day_ahead:
        year.play(nights_of.nothing_goes_wrong)


def test_every_case_is_told_of(book: RowBook) -> None:
    """The rows of docs/reliability.md are these and no others."""
    assert book.keys() == {case.row.key for case in CASES}
