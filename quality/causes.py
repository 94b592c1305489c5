"""Root causes: what most findings of one check and field share, where it explains them; counts only."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from math import exp, lgamma
from typing import Any

import polars as pl

from canonical import spec
from quality.traits import Trait, TraitKind, traits

FEWEST_FINDINGS = 10
LEAST_SHARE = 0.6
LEAST_LIFT = 2.0
MOST_CHANCE = 0.001
"""How likely so large a share may be by chance, over all the values that were compared."""

_OWN = {"referral": "referrals", "contact": "contacts"}


@dataclass(frozen=True)
class Cause:
    """What `found` of `findings` share; of all `asked` records `asked_with` have it.

    source, entity, check, field: which findings; entity as in the findings.
    trait, value:                 what they share: a code, a number of the CRM's, or the day a week begins.
    """

    source: str
    entity: str
    check: str
    field: str
    trait: str
    value: str
    found: int
    findings: int
    asked_with: int
    asked: int

    @property
    def is_known(self) -> bool:
        """Return whether the trait is declared still."""
        return any(trait.name == self.trait for trait in traits())

    @property
    def is_by_service(self) -> bool:
        """Return whether the count is that of one service."""
        return _trait_named(self.trait).is_of_service

    @property
    def share(self) -> float:
        """Return which part of the findings have the trait."""
        return self.found / self.findings

    @property
    def baseline(self) -> float:
        """Return which part of all records that were asked have it."""
        return self.asked_with / self.asked

    @property
    def lift(self) -> float:
        """Return how many times as common the trait is among the findings."""
        return self.share / self.baseline

    @property
    def sentence(self) -> str:
        """Return the cause in a sentence, with its share and its baseline."""
        trait = _trait_named(self.trait)
        said = trait.says.replace("{value}", _spoken(trait, self.value))
        whose = _carrier(trait, self.entity).format(said)
        shares = (
            f"{_per_cent(self.share)}; of all {self.asked:,} records asked, {_per_cent(self.baseline)} do"
        )
        return f"{self.found:,} of {self.findings:,} {whose} ({shares})."

    def to_json(self) -> dict[str, Any]:
        """Return the cause for programs: its counts, and the sentence."""
        return asdict(self) | {"sentence": self.sentence}


def causes_of(counts: pl.DataFrame) -> list[Cause]:
    """Return the causes that the counts show, at most one of each source, entity, check and field.

    Given:   TRAIT_COUNTS of a whole night.
    Returns: of ten findings or more, a trait that at least six in ten have and that is at least twice as
             common as among all records asked, too often for chance; of several the one with the largest
             lift, by name where they are alike. Nothing where nothing explains.
    """
    best: dict[tuple[str, ...], Cause] = {}
    for cause, compared in _candidates(counts):
        named = (cause.source, cause.entity, cause.check, cause.field)
        if _trait_named(cause.trait).speaks_of(cause.entity, cause.field):
            continue
        if _chance(cause) * compared <= MOST_CHANCE:
            best[named] = min(cause, best.get(named, cause), key=_order)
    return [best[named] for named in sorted(best)]


def _order(cause: Cause) -> tuple[float, str, str]:
    return -cause.lift, cause.trait, cause.value


def by_check_and_field(causes: Iterable[Cause]) -> dict[tuple[str, str], Cause]:
    """Return the causes by check and field: of several kinds of record, that of the most findings."""
    ordered = sorted(causes, key=lambda cause: (cause.findings, cause.entity))
    return {(cause.check, cause.field): cause for cause in ordered}


def _candidates(counts: pl.DataFrame) -> Iterator[tuple[Cause, int]]:
    """Yield what is common enough among the findings, and how many values it was compared with."""
    group, check = ["source", "entity", "check", "field"], ["source", "entity", "check"]
    failed = counts.filter(pl.col("failed") > 0).drop("asked").rename({"failed": "found"})
    asked = counts.filter(pl.col("asked") > 0).select(*check, "trait", "value", asked_with="asked")
    of_all, by_trait = pl.col("trait") == "", pl.col("trait") != ""
    findings = failed.filter(of_all, pl.col("found") >= FEWEST_FINDINGS).select(*group, findings="found")
    everybody = asked.filter(of_all).select(*check, asked="asked_with")
    compared = asked.filter(by_trait).group_by(check).agg(compared=pl.len())
    met = (
        failed.filter(by_trait)
        .join(findings, on=group)
        .filter(pl.col("found") >= LEAST_SHARE * pl.col("findings"))
    )
    met = met.join(asked, on=[*check, "trait", "value"]).join(everybody, on=check).join(compared, on=check)
    lift = (pl.col("found") / pl.col("findings")) / (pl.col("asked_with") / pl.col("asked"))
    names = [*group, "trait", "value", "found", "findings", "asked_with", "asked"]
    for row in met.filter(lift >= LEAST_LIFT).select(*names, "compared").iter_rows():
        yield Cause(*row[:-1]), row[-1]


def _chance(cause: Cause) -> float:
    """Return how likely it is that findings drawn at random from all asked would share as much.

    Source: the upper tail of the hypergeometric distribution (Fisher's exact test, one-sided).
    """
    most = min(cause.findings, cause.asked_with)
    every = _log_ways(cause.asked, cause.findings)
    rest = cause.asked - cause.asked_with
    least = max(cause.found, cause.findings - rest)
    return sum(
        exp(_log_ways(cause.asked_with, at) + _log_ways(rest, cause.findings - at) - every)
        for at in range(least, most + 1)
    )


def _log_ways(of: int, chosen: int) -> float:
    return lgamma(of + 1) - lgamma(chosen + 1) - lgamma(of - chosen + 1)


def _carrier(trait: Trait, entity: str) -> str:
    if entity in trait.of:
        return f"are {_OWN.get(entity, 'entries')} that {{}}"
    if "referral_id" in spec(entity).fields:
        return "belong to referrals that {}"
    return "are of people whose referrals {}"


def _spoken(trait: Trait, value: str) -> str:
    if trait.kind is not TraitKind.WEEK:
        return trait.label(value)
    begins = date.fromisoformat(value)
    return f"{begins.day} {begins:%B %Y}"


def _trait_named(name: str) -> Trait:
    named: Mapping[str, Trait] = {trait.name: trait for trait in traits()}
    return named[name]


def _per_cent(share: float) -> str:
    return "under 1 %" if share < 0.005 else f"{int(100 * share + 0.5)} %"
