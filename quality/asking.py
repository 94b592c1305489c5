"""Putting the checks to the records of one entity: one column of answers for each check."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from canonical import spec
from quality.checks import Check, checks_of
from quality.expressions import VERDICTS
from quality.questions import EVERYBODY, Question
from quality.records import Records

UNREADABLE = "MAP-01"
ABOUT_THE_REFERENCE = ("PER-12", "REF-02", "ENT-01")


@dataclass(frozen=True)
class Asking:
    """What the checks answered.

    verdicts: one Boolean column per check, named by it: true failed, false passed or not asked, null unknown.
    spared:   for the checks that do not apply to everybody, whether each record need not be asked.
    fields:   for a check that speaks of several fields, which of them fails.
    unasked:  per check the sources that do not give something it needs.
    others:   for a check of two records, the place in the table of the second one.
    """

    verdicts: pl.DataFrame = field(repr=False)
    spared: pl.DataFrame = field(repr=False)
    fields: Mapping[str, Mapping[str, pl.Expr]] = field(repr=False)
    unasked: Mapping[str, list[str]]
    others: Mapping[str, pl.Series] = field(default_factory=dict, repr=False)


def ask(records: Records, checks: tuple[Check, ...]) -> Asking:
    """Return the answers of the checks, in their order."""
    sources: list[str] = records.table["_source"].unique().to_list()
    unasked = {check.id: [name for name in sources if _lacks(records, name, check)] for check in checks}
    answers: dict[str, pl.Expr] = {}
    spared: dict[str, pl.Expr] = {}
    fields: dict[str, Mapping[str, pl.Expr]] = {}
    others: dict[str, pl.Series] = {}
    for check in checks:
        missing = unasked[check.id]
        question = None if len(missing) == len(sources) else _question(records, check)
        if question is None:
            unasked[check.id] = sources
            answers[check.id] = pl.lit(None, pl.Boolean)
            continue
        asked = ~pl.col("_source").is_in(missing) if missing else EVERYBODY
        answers[check.id] = pl.when(asked).then(question.verdict) if missing else question.verdict
        if question.applies is not EVERYBODY:
            spared[check.id] = pl.when(asked).then(~question.applies) if missing else ~question.applies
        if question.fields:
            fields[check.id] = question.fields
        if question.other is not None:
            others[check.id] = question.other
    every = answers | {f"{name} spared": so for name, so in spared.items()}
    told = _told(records.table, _of_believed(records, every))
    apart = told.select(pl.col(f"{name} spared").alias(name) for name in spared)
    return Asking(told.select(list(answers)), apart, fields, unasked, others)


def _told(table: pl.DataFrame, answers: dict[str, pl.Expr]) -> pl.DataFrame:
    """Return the columns worked out together, so that what they share is worked out once."""
    return table.lazy().select(pl.col("_source"), **answers).drop("_source").collect()


def _of_believed(records: Records, answers: dict[str, pl.Expr]) -> dict[str, pl.Expr]:
    """Return the answers, unknown for records whose row is not believed.

    Of a reference that stands on several rows nobody knows which is true, so only that it does is told.
    """
    doubted, again = records.unbelieved(), records.ticked("_reference_repeated")
    if not records.table.select((doubted | again).any()).item():
        return answers
    sure = {name: ~doubted if name in ABOUT_THE_REFERENCE else ~(doubted | again) for name in answers}
    return {name: pl.when(sure[name]).then(answer) for name, answer in answers.items()}


def _lacks(records: Records, source: str, check: Check) -> bool:
    """Return whether the source does not give something that the check needs."""
    return not all(_gives(records, source, name) for name in check.inputs)


def _gives(records: Records, source: str, name: str) -> bool:
    owner, _, wanted = name.rpartition(".")
    if owner:
        return records.given_by(source, owner, wanted)
    present = wanted in records.table.columns
    return present and records.facts.fills(source, records.entity, wanted)


def _question(records: Records, check: Check) -> Question | None:
    if check.id != UNREADABLE:
        return VERDICTS[check.id](records)
    left = _left_to_mapping(records.entity)
    return Question(EVERYBODY, records.unreadable(*left), {name: records.unreadable(name) for name in left})


def _left_to_mapping(entity: str) -> list[str]:
    """Return the fields for which no more precise check speaks when their words cannot be read."""
    spoken = {name for check in checks_of(entity) if check.speaks_for_unreadable for name in check.named}
    return [name for name in spec(entity).fields if name not in spoken]
