"""What records tell together, and what stays unknown when one of them does not tell."""

from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import pytest

from canonical import unreadable_bit
from mappings import Directory, bank_holidays
from mappings.derive import complete, reveal_in_batch
from tests.unit.mappings.records import table

SERVICES = table(
    "service",
    {
        "service_id": "S1",
        "org_id": "O1",
        "source_project": "Hub",
        "lot_code": "L3-SSH",
        "domestic_abuse": False,
    },
    {
        "service_id": "S2",
        "org_id": "O2",
        "source_project": "Lot",
        "source_subcategory": "A",
        "lot_code": "L4-CS",
        "domestic_abuse": False,
    },
    {
        "service_id": "S3",
        "org_id": "O2",
        "source_project": "Lot",
        "source_subcategory": "B",
        "lot_code": "L4-CS",
        "domestic_abuse": False,
    },
    {"service_id": "S4", "org_id": "O3", "source_project": "Safe", "lot_code": "L8-DA"},
    {"service_id": "S5", "org_id": "O4", "source_project": "Shelter", "domestic_abuse": True},
    {"service_id": "S6", "org_id": "O5", "source_project": "Unsaid"},
)
ORGANISATIONS = table(
    "organisation",
    *({"org_id": f"O{n}", "_domestic_abuse": False} for n in range(1, 6)),
    {"org_id": "O6", "_domestic_abuse": True},
    {"org_id": "O7"},
)
DIRECTORY = Directory(services=SERVICES, organisations=ORGANISATIONS)


def at(day: str, clock: str = "12:00") -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}:00").replace(tzinfo=UTC)


def told(entity: str, field: str, tables: dict[str, pl.DataFrame]) -> list[Any]:
    return complete(tables, DIRECTORY)[entity][field].to_list()


def referral(**said: Any) -> dict[str, Any]:
    return {"referral_id": "R1", "person_id": "P1", "received_on": date(2022, 6, 1)} | said


@pytest.mark.parametrize(
    ("project", "part", "service", "lot"),
    [
        ("Hub", None, "S1", "L3-SSH"),
        (" hUb".strip(), "Triage", "S1", "L3-SSH"),
        ("Lot", "a", "S2", "L4-CS"),
        ("Lot", None, None, None),
        ("Lot", "C", None, None),
        ("Shelter", None, "S5", None),
        ("Nowhere", None, None, None),
        (None, None, None, None),
    ],
)
def test_a_project_stands_for_its_service_unless_several_share_it(
    project: str | None, part: str | None, service: str | None, lot: str | None
) -> None:
    """The project finds the service, the subcategory tells sharers apart, an unknown one finds none."""
    rows = table("referral", referral(_project=project, _subcategory=part))
    assert told("referral", "target_service_id", {"referral": rows}) == [service]
    assert told("referral", "lot_code", {"referral": rows}) == [lot]


def test_a_project_of_another_source_is_another_project() -> None:
    """Services are looked for in the referral's own source only."""
    rows = table("referral", referral(_project="Hub"), source="community_support")
    assert told("referral", "target_service_id", {"referral": rows}) == [None]


@pytest.mark.parametrize(
    ("born", "received", "band"),
    [
        (date(2004, 6, 2), date(2022, 6, 1), "Under 18"),
        (date(2004, 6, 1), date(2022, 6, 1), "18 to 24"),
        (date(2004, 2, 29), date(2022, 2, 28), "Under 18"),
        (date(2004, 2, 29), date(2022, 3, 1), "18 to 24"),
        (date(1927, 6, 1), date(2022, 6, 1), "95 and above"),
        (None, date(2022, 6, 1), "Unknown"),
        (date(2023, 1, 1), date(2022, 6, 1), "Unknown"),
        (date(1980, 1, 1), None, None),
    ],
)
def test_age_is_counted_by_the_calendar_on_the_day_received(
    born: date | None, received: date | None, band: str | None
) -> None:
    """A birthday counts on its day, 29 February on 1 March, and the day of the run never matters."""
    tables = {
        "referral": table("referral", referral(received_on=received)),
        "person": table("person", {"person_id": "P1", "birth_date": born}),
    }
    assert told("referral", "age_band", tables) == [band]


@pytest.mark.parametrize(
    ("received", "given_on", "days"),
    [
        (date(2022, 6, 1), date(2022, 6, 1), 0),
        (date(2022, 6, 1), date(2022, 6, 6), 1),  # two Jubilee days and a weekend lie between
        (date(2022, 9, 16), date(2022, 9, 20), 1),  # a weekend and the State Funeral
        (date(2022, 12, 23), date(2022, 12, 28), 1),
        (date(2022, 6, 2), date(2022, 6, 1), None),
        (date(2040, 6, 1), date(2040, 6, 2), None),
        (None, date(2022, 6, 1), None),
    ],
)
def test_advice_waits_in_working_days_of_england(
    received: date | None, given_on: date, days: int | None
) -> None:
    """Weekends and bank holidays do not count; beyond the published holidays nothing is counted."""
    tables = {
        "referral": table("referral", referral(received_on=received)),
        "advice": table("advice", {"advice_id": "A1", "referral_id": "R1", "given_on": given_on}),
    }
    assert told("advice", "wait_working_days", tables) == [days]


def test_no_bank_holiday_falls_on_a_weekend() -> None:
    """Every listed day is a working day that is not worked; 2022 has ten."""
    holidays = bank_holidays()
    assert (holidays.dt.weekday() <= 5).all()
    assert (holidays.dt.year() == 2022).sum() == 10
    assert set(holidays.dt.year().to_list()) == set(range(2021, 2028))


def test_an_episode_takes_service_lot_and_wait_from_its_referral() -> None:
    """Calendar days from received to started; a start before the referral has no wait."""
    tables = {
        "referral": table("referral", referral(_project="Safe"), referral(referral_id="R2", _project="Hub")),
        "service_episode": table(
            "service_episode",
            {"episode_id": "R1", "referral_id": "R1", "started_on": date(2022, 6, 29)},
            {"episode_id": "R2", "referral_id": "R2", "started_on": date(2022, 5, 31)},
            {"episode_id": "R9", "referral_id": "R9", "started_on": date(2022, 5, 31)},
        ),
    }
    done = complete(tables, DIRECTORY)["service_episode"]
    shown = done.select("service_id", "lot_code", "wait_days", "reveals_abuse").rows()
    assert shown == [("S4", "L8-DA", 28, True), ("S1", "L3-SSH", None, False), (None, None, None, None)]


BACK = [
    ("within 183 days", date(2022, 6, 1), date(2022, 12, 1), "Hub", True),
    ("on day 184", date(2022, 6, 1), date(2022, 12, 2), "Hub", False),
    ("on the day it was closed", date(2022, 6, 1), date(2022, 6, 1), "Hub", False),
    ("to another service", date(2022, 6, 1), date(2022, 7, 1), "Safe", False),
    ("to an unknown service", date(2022, 6, 1), date(2022, 7, 1), "Nowhere", None),
]


@pytest.mark.parametrize(
    ("closed", "again", "project", "back"), [row[1:] for row in BACK], ids=[row[0] for row in BACK]
)
def test_a_return_is_to_the_same_service_within_183_days(
    closed: date, again: date, project: str, back: bool | None
) -> None:
    """A referral after an earlier closure at the same service is a return; the first one is none."""
    first = referral(_project="Hub", received_on=date(2022, 5, 1), closed_at=closed)
    second = referral(referral_id="R2", _project=project, received_on=again)
    tables = {"referral": table("referral", second, first), "person": table("person", {"person_id": "P1"})}
    assert told("referral", "re_referral", tables) == [back, False]


CONSENTS: list[tuple[str, list[dict[str, Any]], str | None]] = [
    ("none was asked", [], None),
    ("one answer", [{"status": "given", "recorded_at": at("2022-06-01")}], "given"),
    (
        "the later counts",
        [
            {"status": "given", "recorded_at": at("2022-06-02")},
            {"status": "refused", "recorded_at": at("2022-06-01")},
        ],
        "given",
    ),
    (
        "of two at once the stricter",
        [
            {"status": "given", "recorded_at": at("2022-06-01")},
            {"status": "refused", "recorded_at": at("2022-06-01")},
        ],
        "refused",
    ),
    (
        "taken back",
        [{"status": "given", "recorded_at": at("2022-06-01"), "withdrawn_at": at("2022-07-01")}],
        "withdrawn",
    ),
    (
        "taken back after a later answer",
        [
            {"status": "given", "recorded_at": at("2022-06-01"), "withdrawn_at": at("2022-07-01")},
            {"status": "given", "recorded_at": at("2022-06-15")},
        ],
        "withdrawn",
    ),
    (
        "taken back at an hour that cannot be read",
        [
            {
                "status": "given",
                "recorded_at": at("2022-06-01"),
                "_unreadable": 1 << unreadable_bit("consent", "withdrawn_at"),
            }
        ],
        "withdrawn",
    ),
    ("another purpose", [{"purpose": "marketing", "status": "given", "recorded_at": at("2022-06-01")}], None),
    (
        "an unreadable purpose besides",
        [
            {"status": "given", "recorded_at": at("2022-06-01")},
            {"purpose": None, "status": "refused", "recorded_at": at("2022-05-01")},
        ],
        None,
    ),
    (
        "an undated answer besides",
        [{"status": "given", "recorded_at": at("2022-06-01")}, {"status": "given", "recorded_at": None}],
        None,
    ),
    (
        "the latest cannot be read",
        [
            {"status": "given", "recorded_at": at("2022-06-01")},
            {"status": None, "recorded_at": at("2022-06-02")},
        ],
        None,
    ),
]


@pytest.mark.parametrize(
    ("answers", "share"), [row[1:] for row in CONSENTS], ids=[row[0] for row in CONSENTS]
)
def test_the_latest_answer_counts_and_doubt_is_no_consent(
    answers: list[dict[str, Any]], share: str | None
) -> None:
    """Only a readable, dated answer to this purpose speaks, and nothing unreadable stands beside it."""
    rows = [
        {"consent_id": f"G{n}", "person_id": "P1", "purpose": "share_council"} | said
        for n, said in enumerate(answers)
    ]
    for order in (rows, rows[::-1]):
        tables = {"person": table("person", {"person_id": "P1"}), "consent": table("consent", *order)}
        assert told("person", "share_council", tables) == [share]


@pytest.mark.parametrize(
    ("service", "organisation", "lot"),
    [
        ("S4", "O1", "L8-DA"),
        (None, "O2", "L4-CS"),
        (None, "O4", None),
        (None, None, None),
        ("S9", "O3", "L8-DA"),
    ],
)
def test_an_onward_referral_has_the_lot_of_its_service_or_organisation(
    service: str | None, organisation: str | None, lot: str | None
) -> None:
    """The service says the lot; without one the only lot that the organisation runs."""
    row = {"onward_referral_id": "C1", "to_service_id": service, "to_org_id": organisation}
    assert told("onward_referral", "lot_code", {"onward_referral": table("onward_referral", row)}) == [lot]


SHORT = {f"item_{number:02}": 3 for number in (1, 2, 3, 6, 7, 9, 11)}


@pytest.mark.parametrize(
    ("answers", "score"),
    [
        ({"tool": "SWEMWBS"} | SHORT, "19.25"),
        ({"tool": "SWEMWBS", "raw_total": 21} | SHORT, "19.25"),
        ({"tool": "SWEMWBS", "raw_total": 22} | SHORT, None),
        ({"tool": "SWEMWBS"} | SHORT | {"item_11": None}, None),
        ({"tool": "SWEMWBS"} | SHORT | {"item_11": 6}, None),
        ({"tool": "SWEMWBS"} | SHORT | {"item_04": 3}, None),
        ({"tool": "WEMWBS"} | SHORT, None),
        ({"tool": None} | SHORT, None),
    ],
)
def test_only_a_complete_short_form_has_a_metric_score(answers: dict[str, Any], score: str | None) -> None:
    """The published table is read for seven whole answers whose total agrees; nothing is interpolated."""
    rows = table("outcome_measure", {"measure_id": "F1"} | answers)
    assert [
        None if s is None else str(s)
        for s in told("outcome_measure", "metric_score", {"outcome_measure": rows})
    ] == [score]


def unread(entity: str, field: str) -> dict[str, int]:
    return {"_unreadable": 1 << unreadable_bit(entity, field)}


REVEALS: list[tuple[str, dict[str, Any], bool | None]] = [
    ("referral", {"_project": "Safe"}, True),
    ("referral", {"_project": "Shelter"}, True),
    ("referral", {"_project": "Hub"}, False),
    ("referral", {"_project": "Unsaid"}, None),
    ("referral", {"_project": "Nowhere"}, None),
    ("need", {"need_code": "SOC.DAP"}, True),
    ("need", {"need_code": "ECON.BEN"}, False),
    ("need", {"need_code": None}, None),
    ("risk", {"risk_code": "domestic_abuse"}, True),
    ("risk", {"risk_code": "fire"}, False),
    ("risk", {"risk_code": None}, None),
    ("advice", {"subcategory": "SOC.DA"}, True),
    ("advice", {"subcategory": None}, False),
    ("advice", {"subcategory": None} | unread("advice", "subcategory"), None),
    ("signposting", {"to_org_id": "O6"}, True),
    ("signposting", {"to_org_id": "O4"}, True),
    ("signposting", {"to_org_id": "O1"}, False),
    ("signposting", {"to_org_id": "O1", "reason_code": "SOC.DA"}, True),
    ("signposting", {"to_org_id": "O7"}, None),
    ("signposting", {"to_org_id": "O99"}, None),
    ("signposting", {"to_org_id": None}, None),
    ("onward_referral", {"to_org_id": "O1", "to_service_id": "S4"}, True),
    ("onward_referral", {"to_org_id": "O1", "to_service_id": "S1"}, False),
    ("onward_referral", {"to_org_id": "O1", "to_service_id": "S99"}, None),
    ("onward_referral", {"to_org_id": "O1"}, False),
    ("onward_referral", {"to_org_id": "O3"}, True),
]


@pytest.mark.parametrize(("entity", "said", "reveals"), REVEALS)
def test_a_row_reveals_abuse_does_not_or_cannot_exclude_it(
    entity: str, said: dict[str, Any], reveals: bool | None
) -> None:
    """True where it is said, false where it is excluded, unknown where a word or a link is not known."""
    tables = {entity: table(entity, said)}
    assert complete(tables, DIRECTORY)[entity]["reveals_abuse"].to_list() == [reveals]
    assert reveal_in_batch(tables, DIRECTORY)[entity]["reveals_abuse"].to_list() == [reveals]


@pytest.mark.parametrize("entity", ["contact", "service_episode", "outcome_measure"])
def test_work_within_a_referral_reveals_what_the_referral_does(entity: str) -> None:
    """Through the referral when it is there; in a batch by itself nothing, and unknown without a referral."""
    rows = table(entity, *({"referral_id": number} for number in ("R1", "R2", "R3", None)))
    cases = table("referral", referral(_project="Safe"), referral(referral_id="R2", _project="Hub"))
    done = complete({"referral": cases, entity: rows}, DIRECTORY)[entity]
    assert done["reveals_abuse"].to_list() == [True, False, None, None]
    batch = reveal_in_batch({entity: rows}, DIRECTORY)[entity]
    assert batch["reveals_abuse"].to_list() == [False, False, False, None]


def test_a_reference_that_stands_twice_tells_nothing() -> None:
    """Of two rows that share a reference neither is believed."""
    tables = {
        "referral": table("referral", referral(_project="Safe"), referral(_project="Hub")),
        "contact": table("contact", {"contact_id": "C1", "referral_id": "R1"}),
    }
    assert told("contact", "reveals_abuse", tables) == [None]


def test_the_order_of_rows_and_other_sources_change_nothing() -> None:
    """The same records in another order, beside another source's same references, are told the same."""
    people = table("person", *({"person_id": f"P{n}", "birth_date": date(1950 + n, 1, 1)} for n in range(9)))
    cases = table(
        "referral",
        *(
            referral(
                referral_id=f"R{n}",
                person_id=f"P{n % 4}",
                _project="Hub",
                received_on=date(2022, 1 + n, 1),
                closed_at=date(2022, 1 + n, 9),
            )
            for n in range(9)
        ),
    )
    advice = table(
        "advice",
        *({"advice_id": f"A{n}", "referral_id": f"R{n}", "given_on": date(2022, 12, 1)} for n in range(9)),
    )
    alone = complete({"person": people, "referral": cases, "advice": advice}, DIRECTORY)
    other = [t.with_columns(_source=pl.lit("community_support")) for t in (people.reverse(), cases, advice)]
    both = [pl.concat([b, a.reverse()]) for a, b in zip((people, cases, advice), other, strict=True)]
    together = complete(dict(zip(("person", "referral", "advice"), both, strict=True)), DIRECTORY)
    for entity, key in (("referral", "referral_id"), ("advice", "advice_id"), ("person", "person_id")):
        mine = together[entity].filter(pl.col("_source") == "hub").sort(key)
        assert mine.equals(alone[entity].sort(key))


def test_empty_tables_stay_empty() -> None:
    """Nothing comes of nothing, with the same columns."""
    entities = (
        "person",
        "consent",
        "referral",
        "contact",
        "advice",
        "service_episode",
        "onward_referral",
        "outcome_measure",
    )
    tables = {entity: table(entity) for entity in entities}
    done = complete(
        tables,
        Directory(services=table("service"), organisations=table("organisation").drop("_domestic_abuse")),
    )
    assert {entity: rows.schema for entity, rows in done.items()} == {
        entity: rows.schema for entity, rows in tables.items()
    }
    assert all(rows.is_empty() for rows in done.values())
