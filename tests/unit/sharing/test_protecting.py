"""What counts may be seen: an attacker who knows every rule works out nothing of nine people or fewer."""

import random
from collections.abc import Iterator
from datetime import date
from itertools import combinations, product

import polars as pl
import pytest

from canonical import COUNTED
from sharing import AggregateFlow, ReleaseRefused
from sharing.counter import SUMS
from sharing.document import Aggregate
from sharing.protecting import protected
from tests.today import SEED
from tests.unit.sharing.records import flow

QUARTER = date(2022, 4, 1)
ENTITIES = ("need", "need", "service_episode", "referral", "onward_referral")


def declared(*entities: str, below: int = 10, step: int = 5) -> Aggregate:
    """Return counts, one of each entity named, in this order."""
    counts = [
        {
            "id": f"count_{at}",
            "label": f"Count {at}",
            "entity": entity,
            "from": ["hub"],
            "by": f"{entity}.day",
            "unit": "records",
            "why": "It is asked for.",
        }
        for at, entity in enumerate(entities)
    ]
    said = {
        "period": "financial_quarter",
        "area": "borough",
        "firstQuarter": "2022-23-Q1",
        "settleDays": 28,
        "revisedQuarters": 4,
        "suppressBelow": below,
        "roundTo": step,
        "counts": counts,
    }
    return Aggregate.model_validate(said)


def shown(said: Aggregate, *numbers: int, people: tuple[int, ...] | None = None) -> list[int | None]:
    """Return what is shown of a quarter's numbers, in the order in which they are declared."""
    cells = pl.DataFrame(
        {
            "count_id": [count.id for count in said.counts],
            "unit": [count.unit for count in said.counts],
            "start": [QUARTER] * len(numbers),
            "records": numbers,
            "people": people or numbers,
            "answers": [None] * len(numbers),
        }
    )
    return protected(cells, said)["value"].to_list()


@pytest.mark.parametrize("number", range(10))
def test_fewer_than_ten_are_hidden_and_none_is_not_told_from_nine(number: int) -> None:
    """Zero tells of everybody that they are not among them; one to nine tell of somebody."""
    assert shown(declared("need"), number) == [None]


@pytest.mark.parametrize(
    ("number", "seen"), [(10, 10), (12, 10), (13, 15), (17, 15), (18, 20), (37, 35), (1002, 1000)]
)
def test_a_number_that_is_shown_is_rounded(number: int, seen: int) -> None:
    """To the nearest five: what is shown is never the number itself, but by chance."""
    assert shown(declared("need"), number) == [seen]


def test_many_records_of_few_people_are_hidden() -> None:
    """Forty referrals of nine people tell of nine people."""
    assert shown(declared("referral"), 40, people=(9,)) == [None]


def test_a_hidden_number_cannot_be_had_by_taking_one_count_from_another() -> None:
    """Affected 30, worried 6, referred 36: the last would give the second, so it is hidden as well."""
    assert shown(declared("need", "need", "referral"), 30, 6, 36) == [30, None, None]


def test_of_two_counts_that_tell_of_few_the_one_named_first_is_shown() -> None:
    """Whoever writes the assessment says which number matters more."""
    assert shown(declared("referral", "service_episode"), 40, 36) == [40, None]
    assert shown(declared("service_episode", "referral"), 36, 40) == [35, None]
    assert shown(declared("service_episode", "referral"), 36, 60) == [35, 60]


def test_counts_of_one_entity_share_no_record_so_nothing_lies_between_them() -> None:
    """As many affected as worried tell of no third group."""
    assert shown(declared("need", "need"), 30, 31) == [30, 30]


def possible(value: int | None, said: Aggregate, most: int) -> Iterator[int]:
    """Yield every number of which this is what is shown, by trying."""
    for number in range(most):
        alone = shown(declared("need", below=said.suppress_below, step=said.round_to), number)[0]
        if alone == value or value is None:
            yield number


@pytest.mark.parametrize("seed", range(SEED, SEED + 8))
@pytest.mark.parametrize("step", [5, 10])
def test_no_whole_less_its_parts_is_pinned_below_ten(seed: int, step: int) -> None:
    """Whatever is shown, each difference of shown numbers leaves room for ten, or is of no whole.

    Tried by brute force over every number behind what is shown; the code reckons with bounds.
    """
    draw = random.Random(seed)
    said = declared(*ENTITIES, step=step)
    numbers = [draw.choice((0, 4, 9, 10, 12, 14, 19, 23, 31, 38, 44, 60)) for _ in ENTITIES]
    seen = shown(said, *numbers)
    behind = {value: set(possible(value, said, 80)) for value in seen if value is not None}
    kept = [(entity, value) for entity, value in zip(ENTITIES, seen, strict=True) if value is not None]
    for entity in {entity for entity, _ in kept}:
        same = [value for name, value in kept if name == entity]
        others = [value for name, value in kept if name != entity]
        for size in range(1, len(same) + 1):
            for parts, whole in product(combinations(same, size), others):
                rests = {
                    all_of - sum(each)
                    for all_of in behind[whole]
                    for each in product(*(behind[part] for part in parts))
                }
                assert max(rests) < 0 or min(rests) >= said.suppress_below, (seen, whole, parts)


def counts() -> AggregateFlow:
    """Return the example's flow of counts."""
    found = flow("lot_8_counts")
    assert isinstance(found, AggregateFlow)
    return found


def rows_of() -> pl.DataFrame:
    """Return one decided count of eleven."""
    made = counts()
    cells = pl.DataFrame({"count_id": ["people_affected"], "start": [QUARTER]})
    sums = pl.DataFrame(
        {
            "count_id": ["people_affected"],
            "start": [QUARTER],
            "records": [11],
            "people": [11],
            "answers": [None],
        }
    )
    return made.decide({COUNTED: made.table(cells, sums)})[COUNTED]


def test_what_was_protected_is_released() -> None:
    """The door opens to a count that is as it should be."""
    assert len(counts().released(COUNTED, rows_of())) == 1


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("value", 7),
        ("value", 0),
        ("value", 11),
        ("value", -15),
        ("value", None),
        ("shown", "suppressed"),
        ("shown", None),
        ("shown", "exact"),
        ("unit", "answers"),
        ("suppressed_below", 1),
        ("rounded_to", 1),
        ("count_id", "people_of_one_street"),
        ("period_start", date(2022, 4, 2)),
        ("period_end", date(2022, 4, 1)),
        ("_person", "DP000001"),
    ],
)
def test_the_door_refuses_a_number_that_is_not_protected(column: str, value: object) -> None:
    """It knows nothing of how a number came about, and says none."""
    rows = rows_of()
    changed = rows.with_columns(pl.Series(column, [value], dtype=rows.schema[column]))
    with pytest.raises(ReleaseRefused) as refused:
        counts().released(COUNTED, changed)
    assert refused.value.places == [
        "flow lot_8_counts, aggregate_count: a number that may not leave was handed over."
    ]


def test_a_flow_of_counts_releases_no_record() -> None:
    """Whatever is handed to it, a record stays."""
    decided = rows_of()
    with pytest.raises(ReleaseRefused, match="releases counts and no referral"):
        counts().released("referral", decided)


def answers_of(number: int | None, people: int | None) -> pl.DataFrame:
    """Return the decided count of ways of hearing: so many, the rarest of which so many people gave."""
    made = flow("hub_counts")
    assert isinstance(made, AggregateFlow)
    cells = pl.DataFrame({"count_id": ["ways_of_hearing"], "start": [QUARTER]})
    sums = pl.DataFrame(
        {
            "count_id": ["ways_of_hearing"],
            "start": [QUARTER],
            "records": [people],
            "people": [people],
            "answers": [number],
        },
        SUMS,
    )
    return made.decide({COUNTED: made.table(cells, sums)})[COUNTED]


def test_a_number_of_answers_is_told_as_it_is() -> None:
    """Six answers of ten people or more are six; of none, and of rarer ones, nothing is told."""
    told = ("value", "shown", "suppressed_below", "rounded_to")
    assert answers_of(6, 10).select(told).rows() == [(6, "exact", 10, 1)]
    assert answers_of(None, None).select(told).rows() == [(None, "suppressed", 10, 1)]
    assert answers_of(6, 9).select(told).rows() == [(None, "suppressed", 10, 1)]


@pytest.mark.parametrize(
    ("column", "value"),
    [("value", 0), ("value", None), ("shown", "rounded"), ("unit", "people"), ("rounded_to", 5)],
)
def test_the_door_refuses_a_number_of_answers_that_is_none(column: str, value: object) -> None:
    """A number of people cannot pass as one of answers, nor the other way about."""
    rows = answers_of(15, 10)
    changed = rows.with_columns(pl.Series(column, [value], dtype=rows.schema[column]))
    made = flow("hub_counts")
    assert len(made.released(COUNTED, rows)) == 1
    with pytest.raises(ReleaseRefused):
        made.released(COUNTED, changed)
