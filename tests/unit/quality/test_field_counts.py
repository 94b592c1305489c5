"""How each measured field stands: every record once, on two axes, in its month."""

from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import pytest

from canonical import polars_schema
from canonical.entities import UNBELIEVED, unreadable_bit
from quality import Facts, inspect
from quality.examples import TOLD
from quality.field_counts import COUNTED
from quality.measured import declared
from tests.unit.quality.records import FACTS, made

NOW = datetime(2022, 12, 1, 6, tzinfo=UTC)
FACTS_OF_ONE = Facts({"hub": NOW})


def row(reference: str, **said: Any) -> dict[str, Any]:
    return {
        "_source": "hub",
        "_reference": reference,
        "_row": 1,
        "_unreadable": 0,
        "_reference_repeated": False,
        **said,
    }


def table(entity: str, *rows: dict[str, Any]) -> dict[str, pl.DataFrame]:
    return {entity: pl.DataFrame(list(rows), schema=polars_schema(entity) | TOLD, orient="row")}


def standings(counts: pl.DataFrame, field: str) -> dict[str, int]:
    summed = counts.filter(field=field).select(COUNTED).sum().row(0, named=True)
    return {name: number for name, number in summed.items() if number}


def test_answers_gaps_and_what_does_not_apply_are_told_apart() -> None:
    """Refused and asked-not-known are answers; a postcode abroad is none of ours; a bad one is not valid."""
    told = {"_person": "P1", "person_id": "P1"}
    unread = 1 << unreadable_bit("address", "postcode")
    places = table(
        "address",
        row("A1", **told, postcode="SK1 3XE"),
        row("A2", **told, postcode="nowhere"),
        row("A3", **told),
        row("A4", **told, postcode_status="refused"),
        row("A5", **told, postcode_status="nonuk", postcode="75001"),
        row("A6", **told, _unreadable=unread),
        row("A7", **told, _unreadable=UNBELIEVED, postcode="SK1 3XE"),
    )
    counts = inspect(places, FACTS_OF_ONE).fields
    assert standings(counts, "postcode") == {
        "valid": 1,
        "invalid": 1,
        "blank": 1,
        "refused": 1,
        "not_applicable": 1,
        "unreadable": 1,
        "undecided": 1,
    }
    people = table(
        "characteristics",
        row("C1", ethnicity_2021="No data: Refused"),
        row("C2", ethnicity_2021="No data: Undeclared or not known"),
        row("C3", ethnicity_2021="White: Irish"),
    )
    ethnicity = standings(inspect(people, FACTS_OF_ONE).fields, "ethnicity_2021")
    assert ethnicity == {"refused": 1, "not_known": 1, "valid": 1}


def test_nobody_is_marked_down_for_what_cannot_be_told() -> None:
    """Whether a referring organisation is due hangs on who referred; where that is blank, nothing is due."""
    cases = table("referral", row("R1"), row("R2", referrer_type="02"), row("R3", referrer_type="01"))
    counts = inspect(cases, FACTS_OF_ONE).fields
    assert standings(counts, "referrer_org_id") == {"not_applicable": 2, "blank": 1}


def test_a_field_that_the_source_does_not_give_is_no_gap() -> None:
    """A mapping that does not fill the field gives nothing to judge."""
    facts = Facts({"hub": NOW}, filled={"hub": {"referral": ["status", "received_at"]}})
    counts = inspect(table("referral", row("R1", status="received")), facts).fields
    assert standings(counts, "priority") == {"not_given": 1}
    assert standings(counts, "status") == {"valid": 1}


def test_a_record_counts_into_its_own_month_or_its_referrals_or_its_persons_first() -> None:
    """A contact by its own day, an advice without one by its referral's, an address by the first referral."""
    of = {"_person": "P1", "person_id": "P1"}
    tables = {
        **table("person", row("P1", _person="P1", person_id="P1")),
        **table(
            "referral",
            row("R1", **of, referral_id="R1", received_on=date(2022, 5, 31)),
            row("R2", **of, referral_id="R2", received_on=date(2022, 4, 1)),
            row("R3", **of, referral_id="R3", received_on=date(2031, 1, 1)),
        ),
        **table("contact", row("C1", _person="P1", referral_id="R1", contact_on=date(2022, 6, 2))),
        **table("advice", row("V1", **of, referral_id="R1")),
        **table("address", row("A1", **of)),
    }
    counts = inspect(tables, FACTS_OF_ONE).fields
    months = {
        entity: counts.filter(entity=entity)["month"].unique().sort().to_list()
        for entity in ("person", "contact", "advice", "address", "referral")
    }
    assert months == {
        "person": [date(2022, 4, 1)],
        "contact": [date(2022, 6, 1)],
        "advice": [date(2022, 5, 1)],
        "address": [date(2022, 4, 1)],
        "referral": [None, date(2022, 4, 1), date(2022, 5, 1)],
    }


@pytest.mark.parametrize("field", [one.field for one in declared().fields])
def test_every_record_stands_in_one_way(field: str) -> None:
    """The counts of a field add up to the rows of its entity, whatever is in them."""
    entity, _, name = field.partition(".")
    counts = INSPECTED.fields.filter(entity=entity, field=name)
    assert counts.select(pl.sum_horizontal(COUNTED).sum()).item() == TABLES[entity].height


TABLES = made(4, 60)
INSPECTED = inspect(TABLES, FACTS)
