"""Checks that a provider is asked in another way for a while: which hold today, what is wrong with them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import polars as pl

from config.documents import DocumentRefused, Place, Problem, read_with_place
from config.providers import Provider, Providers
from config.site import Site
from config.tuning import CheckTuning, Loudness
from quality import Check, Effect, catalogue
from quality.effects import concerns_safety

FILE = "providers.yaml"
LONGEST = timedelta(days=366)
LOUDER = pl.DataFrame(schema={"source": pl.String, "check": pl.String, "loudness": pl.String})


@dataclass(frozen=True)
class Tuned:
    """What is asked in another way today.

    loudness: DataFrame[source, check, loudness].
    percents: the thresholds, by source and check.
    standing: every tuning of the site, in its order, and whether it still holds.
    """

    loudness: pl.DataFrame = field(default_factory=LOUDER.clone, repr=False)
    percents: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    standing: tuple[tuple[str, CheckTuning, bool], ...] = ()

    @property
    def off(self) -> list[tuple[str, str]]:
        """Return the sources and checks that are switched off."""
        return self.loudness.filter(loudness=Loudness.OFF.value).select("source", "check").rows()

    def told(self, findings: pl.DataFrame) -> pl.DataFrame:
        """Return the findings as loudly as they are to be told; those of checks switched off are left out."""
        if self.loudness.is_empty():
            return findings
        met = findings.join(self.loudness, on=["source", "check"], how="left", maintain_order="left")
        heard = met.filter(pl.col("loudness").ne_missing(Loudness.OFF.value))
        return heard.with_columns(severity=pl.coalesce("loudness", "severity")).drop("loudness")

    def to_json(self, findings: pl.DataFrame, sources: Mapping[str, str]) -> list[dict[str, Any]]:
        """Return every tuning, whether it holds, and of how many findings tonight it spoke.

        Given: the findings before they were tuned; the provider of each source.
        """
        owned = findings.with_columns(provider=pl.col("source").replace_strict(dict(sources), default=None))
        found: dict[tuple[str, str], int] = {
            (provider, check): number
            for provider, check, number in owned.group_by("provider", "check").len().iter_rows()
        }
        return [
            {
                "provider": provider,
                "check": one.check,
                "severity": one.severity.value if one.severity else None,
                "percent": one.percent,
                "reason": one.reason,
                "until": one.until.isoformat(),
                "holds": holds,
                "findings": found.get((provider, one.check), 0),
            }
            for provider, one, holds in self.standing
        ]


def tuned(site: Site, today: date) -> Tuned:
    """Return what is asked in another way today. Errors: DocumentRefused, with all that is wrong with it."""
    if not any(provider.checks for provider in site.providers.values()):
        return Tuned()
    declared, place = read_with_place(site.folder / FILE, Providers)
    problems = list(_problems(declared.providers, place, today))
    if problems:
        raise DocumentRefused(problems)
    standing = tuple(
        (name, one, one.until >= today)
        for name, provider in site.providers.items()
        for one in provider.checks
    )
    rows = [
        (source, one)
        for source, settings in site.sources.items()
        for name, one, holds in standing
        if holds and name == settings.provider
    ]
    loud = [(source, one.check, one.severity.value) for source, one in rows if one.severity is not None]
    percents: dict[str, dict[str, float]] = {}
    for source, one in rows:
        if one.percent is not None:
            percents.setdefault(source, {})[one.check] = one.percent
    return Tuned(pl.DataFrame(loud, schema=LOUDER.schema, orient="row"), percents, standing)


def _problems(providers: Mapping[str, Provider], place: Place, today: date) -> Iterator[Problem]:
    checks = {check.id: check for check in catalogue()}
    for name, provider in providers.items():
        for at, one in enumerate(provider.checks):
            for key, text in _wrong(one, checks.get(one.check), today):
                yield place.problem(f"check {one.check}: {text}", "providers", name, "checks", at, key)


def _wrong(one: CheckTuning, check: Check | None, today: date) -> Iterator[tuple[str, str]]:
    """Yield key and words of what cannot be asked for."""
    if check is None:
        yield "check", "there is no such check (docs/reference/checks.md)."
        return
    if one.severity is Loudness.OFF and check.effect is not Effect.NONE:
        does = "holds records" if check.effect is Effect.HOLD_RECORD else "keeps wrong fields from being sent"
        yield "severity", f"it {does}, so it cannot be switched off; it can be told more quietly."
    elif one.severity is Loudness.OFF and concerns_safety(check.id):
        yield "severity", "somebody's safety may hang on it, so it cannot be switched off."
    if one.percent is not None and check.percent is None:
        yield "percent", "it has no threshold."
    if one.until > today + LONGEST:
        yield "until", "more than a year ahead; what is tuned is looked at again every year."


def expiring(site: Site) -> Iterator[tuple[str, date]]:
    """Yield what each tuning is, in words, with its last day."""
    for name, provider in site.providers.items():
        for one in provider.checks:
            yield f"the last day on which check {one.check} is asked of {name} in its own way", one.until
