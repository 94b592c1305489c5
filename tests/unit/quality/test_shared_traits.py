"""Counting what findings share: an own count record by record, and how people were put into partitions."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import polars as pl
from polars.testing import assert_frame_equal

from canonical import codes
from quality import Inspected, checks_of, inspect
from quality.asking import ask
from quality.records import Records
from quality.traits import TraitKind, traits
from tests.unit.quality.records import FACTS, Tables, made

Row = dict[str, Any]


def rows_of(tables: Tables, entity: str) -> list[Row]:
    return tables[entity].rows(named=True) if entity in tables else []


def own(row: Row, entity: str) -> dict[str, str]:
    """Return what a row says of its own traits."""
    said: dict[str, str] = {}
    for trait in traits():
        value = row.get(trait.of.get(entity, ""))
        if trait.kind is TraitKind.WEEK:
            if isinstance(value, date):
                said[trait.name] = str(value - timedelta(days=value.weekday()))
        elif (trait.kind is TraitKind.ID and value is not None) or (
            trait.kind is TraitKind.CODE and value in codes(trait.list)
        ):
            said[trait.name] = value
    return said


def of_people(tables: Tables) -> dict[tuple[str, str], dict[str, str]]:
    """Return, by source and reference, the traits that every referral of the person has alike."""
    cases: dict[tuple[str, str], list[dict[str, str]]] = defaultdict(list)
    for row in rows_of(tables, "referral"):
        cases[row["_source"], row["_person"]].append(own(row, "referral"))
    return {
        person: dict(set.intersection(*(set(case.items()) for case in every)))
        for person, every in cases.items()
    }


def traits_by_hand(tables: Tables, entity: str) -> Iterator[dict[str, str]]:
    """Yield each record's traits: its own, then its referral's or its person's, if they are certain."""
    cases: dict[tuple[str, str], list[Row]] = defaultdict(list)
    people: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows_of(tables, "referral"):
        cases[row["_source"], row["referral_id"]].append(row)
    for row in rows_of(tables, "person"):
        people[row["_source"], row["person_id"]].append(row)
    agreed = of_people(tables)
    for row in rows_of(tables, entity):
        from_others: dict[str, str] = {}
        if entity == "referral":
            pass
        elif "referral_id" in row:
            (*more, case) = cases[row["_source"], row["referral_id"]] or [{}]
            from_others = {} if more or case.get("_reference_repeated") else own(case, "referral")
        elif row["_person"] is not None:
            (*more, person) = people[row["_source"], row["_person"]] or [None]
            known = person is not None and not more and not person.get("_reference_repeated")
            from_others = agreed.get((row["_source"], row["_person"]), {}) if known else {}
        declared = {trait.name for trait in traits() if trait.of.get(entity) in row}
        yield {name: value for name, value in from_others.items() if name not in declared} | own(row, entity)


def counted_by_hand(tables: Tables, answer: Inspected) -> Counter[tuple[str, ...]]:
    """Return how many failed, record by record, by every trait and in all."""
    counts: Counter[tuple[str, ...]] = Counter()
    for entity in tables:
        found = answer.findings.filter(entity=entity)
        failing: dict[tuple[str, str, int], list[tuple[str, str]]] = defaultdict(list)
        for one in found.rows(named=True):
            failing[one["source"], one["reference"], one["row"]].append((one["check"], one["field"]))
        for row, said in zip(rows_of(tables, entity), traits_by_hand(tables, entity), strict=True):
            for check, field in failing[row["_source"], row["_reference"], row["_row"]]:
                for trait, value in (("", ""), *said.items()):
                    counts[row["_source"], entity, check, field, trait, value] += 1
    return counts


def test_findings_are_counted_by_trait_as_a_count_record_by_record_does() -> None:
    """By every trait and in all, of every check, field and source; a record on two rows is one."""
    tables = made(2, 120)
    tables = {name: table.unique(["_source", "_reference"], keep="first") for name, table in tables.items()}
    answer = inspect(tables, FACTS)
    told = answer.traits.filter(pl.col("failed") > 0)
    names = ("source", "entity", "check", "field", "trait", "value")
    assert {tuple(one[name] for name in names): one["failed"] for one in told.rows(named=True)} == dict(
        counted_by_hand(tables, answer)
    )
    assert {one["trait"] for one in told.rows(named=True)} > {"", "week", "service", "referrer_type"}


def test_who_was_asked_is_counted_as_the_answers_count_it() -> None:
    """In all, those who passed and those who failed; by a trait, those of them who have it."""
    tables = made(3, 120)
    answer = inspect(tables, FACTS)
    asked = answer.traits.filter(pl.col("asked") > 0, pl.col("trait") == "").select(
        "source", "entity", "check", pl.col("asked")
    )
    of_answers = answer.answers.select(
        "source", "entity", "check", asked=pl.col("passed") + pl.col("failed")
    ).filter(pl.col("asked") > 0)
    assert_frame_equal(asked, of_answers, check_row_order=False)
    for entity in ("referral", "address", "contact"):
        records = Records(entity, tables, FACTS)
        asking = ask(records, checks_of(entity))
        counts: Counter[tuple[str, ...]] = Counter()
        said = list(traits_by_hand(tables, entity))
        for check in asking.verdicts.columns:
            verdicts = asking.verdicts[check].to_list()
            spared = asking.spared[check].to_list() if check in asking.spared.columns else [False] * len(said)
            for row, traits_of, failed, away in zip(
                rows_of(tables, entity), said, verdicts, spared, strict=True
            ):
                if failed is not None and not away:
                    counts.update((row["_source"], check, *one) for one in traits_of.items())
        told = answer.traits.filter(pl.col("asked") > 0, pl.col("trait") != "", entity=entity)
        names = ("source", "check", "trait", "value")
        assert {tuple(one[name] for name in names): one["asked"] for one in told.rows(named=True)} == counts
