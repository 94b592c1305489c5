"""Two editions of a quarter, laid side by side, tell nobody's award: sums stay until enough is new."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations
from pathlib import Path

import polars as pl
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from feed.declared import declarations
from feed.disclosure.errors import ReleasedUnreadable
from feed.dominance import told_sums
from feed.periods import parse
from feed.settled import Settled
from feed.sums import SUMS

QUARTER = parse("2022-23-Q1")
PROVIDERS = ("hub", "other")
CELLS = (("borough", "all"), *(("provider", name) for name in PROVIDERS))
KPI = declarations().kpis["K36"]
Award = tuple[str, int, int]
"""Provider, person, pounds."""
Told = dict[tuple[str, str], float | None]


def of(cell: tuple[str, str], awards: Sequence[Award]) -> dict[int, int]:
    """Return what each person was awarded within a cell."""
    found: dict[int, int] = defaultdict(int)
    for provider, person, pounds in awards:
        if cell[1] in {"all", provider}:
            found[person] += pounds
    return found


def told(awards: Sequence[Award], before: Settled | None) -> Told:
    """Return the sums of an edition, after those that were told before; of none, without a memory."""
    rows = [
        ("K36", QUARTER.label, *cell, sum(cell[1] in {name, "all"} for name, *_ in awards),
         len(amounts), sum(amounts.values()), *sorted([*amounts.values(), 0])[:-3:-1])
        for cell in CELLS
        if (amounts := of(cell, awards))
    ]  # fmt: skip
    cells = pl.DataFrame(
        [(QUARTER.label, *cell, 0, "exact") for cell in CELLS],
        schema=["period", "breakdown", "category", "value", "shown"],
        orient="row",
    )
    frame = pl.DataFrame(rows, schema=SUMS, orient="row")
    found = told_sums(frame, cells, QUARTER, before.told(KPI) if before else None)
    if before:
        before.remember()
    return {(row["breakdown"], row["category"]): row["value"] for row in found.iter_rows(named=True)}


def given_away(editions: Sequence[tuple[Sequence[Award], Told]]) -> Iterator[tuple[str, str]]:
    """Yield the cells whose change between two editions is few people's, or most of it one person's.

    The attacker subtracts every two editions of a cell. A sum that is as it was tells of the awards that
    there were when it was told first.
    """
    for cell in CELLS:
        said: dict[float, dict[int, int]] = {}
        for awards, told_then in editions:
            if (value := told_then[cell]) is not None:
                said.setdefault(value, of(cell, awards))
        for (was, before), (now, after) in combinations(said.items(), 2):
            moved = [abs(after.get(each, 0) - before.get(each, 0)) for each in before | after]
            if sum(each > 0 for each in moved) < 8 or 2 * max(moved) > abs(now - was) + 1000:
                yield cell


def editions_of(
    batches: Sequence[Sequence[Award]], before: Path | None
) -> Iterator[tuple[Sequence[Award], Told]]:
    """Yield an edition after each batch of awards, each as a process of its own would publish it."""
    for at in range(1, len(batches) + 1):
        awards = [each for batch in batches[:at] for each in batch]
        yield awards, told(awards, Settled(before) if before else None)


FIRST = [("hub", at, 3000) for at in range(12)] + [("other", 100 + at, 2000) for at in range(12)]


@pytest.mark.parametrize(
    ("late", "anew"),
    [
        ([("hub", 50, 4000)], False),
        ([("hub", 50 + at, 4000) for at in range(7)], False),
        ([("hub", 50 + at, 4000) for at in range(8)], True),
        ([*(("hub", 50 + at, 1000) for at in range(8)), ("hub", 70, 30000)], False),
        ([*(("hub", 50 + at, 4000) for at in range(8)), ("other", 70, 4000)], False),
        ([("hub", 50 + at, 4000) for at in range(16)] + [("other", 70 + at, 3000) for at in range(9)], True),
        ([], False),
    ],
    ids=["one", "seven", "eight", "one of nine has most", "eight here, one there", "enough of both", "none"],
)
def test_a_quarter_is_told_anew_when_enough_of_it_is(tmp_path: Path, late: list[Award], anew: bool) -> None:
    """Not for one award, nor for one provider's eight while the other has one: it would be the rest."""
    (_, first), (_, second) = editions_of([FIRST, late], tmp_path / "sums.csv")
    assert (second != first) == anew
    if anew:
        assert second == told([*FIRST, *late], None)


def test_a_step_back_or_a_second_small_step_is_no_way_round(tmp_path: Path) -> None:
    """Eight more are told; seven of them withdrawn again, and one by one on: each stays as it was."""
    late: list[Award] = [("hub", 50 + at, 4000) for at in range(8)]
    path = tmp_path / "sums.csv"
    said = [told(awards, Settled(path)) for awards in (FIRST, [*FIRST, *late], [*FIRST, *late[:1]])]
    assert said[0] != said[1] == said[2]
    for at in range(1, 8):
        assert told([*FIRST, *late, ("hub", 90, 500 * at)], Settled(path)) == said[1]


def test_a_figure_that_is_defined_otherwise_is_another_figure(tmp_path: Path) -> None:
    """What was told under the old rule does not hold the new one back."""
    path = tmp_path / "sums.csv"
    told(FIRST, Settled(path))
    another = KPI.model_copy(update={"rule": f"{KPI.rule} And more."})
    sums = pl.DataFrame(
        {"period": [QUARTER.label], "breakdown": ["borough"], "category": ["all"], "value": [9000.0],
         "people": [20], "largest": [1000.0]}
    )  # fmt: skip
    assert Settled(path).told(another)(sums)["value"].to_list() == [9000.0]
    assert Settled(path).told(KPI)(sums)["value"].to_list() == [60000.0]


AWARDS = st.tuples(st.sampled_from(PROVIDERS), st.integers(0, 60), st.sampled_from([1000, 1500, 2000, 20000]))
BATCHES = st.lists(st.lists(AWARDS, max_size=30), min_size=2, max_size=4)


@given(batches=BATCHES, first=st.lists(AWARDS, min_size=20, max_size=40))
@settings(max_examples=25, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
def test_no_two_editions_tell_what_few_were_awarded(
    tmp_path_factory: pytest.TempPathFactory, batches: list[list[Award]], first: list[Award]
) -> None:
    """Of any awards, in any order of coming."""
    path = tmp_path_factory.mktemp("sums") / "sums.csv"
    assert list(given_away(list(editions_of([first, *batches], path)))) == []


def test_without_a_memory_two_editions_tell_one_award() -> None:
    """So the attack finds what the rule is against."""
    found = set(given_away(list(editions_of([FIRST, [("hub", 50, 4000)]], None))))
    assert found == {("borough", "all"), ("provider", "hub")}


def test_a_memory_that_is_torn_stops_the_release(tmp_path: Path) -> None:
    """Rather than that the next edition be told as though it were the first."""
    path = tmp_path / "sums.csv"
    told(FIRST, Settled(path))
    path.write_bytes(path.read_bytes()[:-4] + b"x,y,z\n")
    with pytest.raises(ReleasedUnreadable, match="E955"):
        Settled(path)
