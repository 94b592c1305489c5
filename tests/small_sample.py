"""A small sample: some people of the sample with all that hangs on them, flaws of every kind included."""

from dataclasses import replace
from functools import cache

from demo.book import Table
from demo.sample import Sample, generate

WHOLE = ("organisations", "services")
PEOPLE = {"hub": 40, "community_support": 20, "domestic_abuse_support": 12}


@cache
def whole_sample() -> Sample:
    """Return the sample as published; nobody may change its rows."""
    return generate()


@cache
def small_sample() -> Sample:
    """Return a sample of about a hundred people: one of each flaw per provider, and clients in order."""
    sample = whole_sample()
    sources = {source: _reduced(sample, source) for source in sample.sources}
    kept = {
        source: {cell for table in tables.values() for row in table for cell in row.values()}
        for source, tables in sources.items()
    }
    truth = tuple(flaw for flaw in sample.truth if flaw.reference in kept[flaw.source])
    return replace(sample, sources=sources, truth=truth)


def _reduced(sample: Sample, source: str) -> dict[str, Table]:
    tables = sample.sources[source]
    people = _chosen(sample, source)
    cases = _cases(tables)
    return {
        export: [dict(row) for row in rows if export in WHOLE or _named(row, cases) <= people]
        for export, rows in tables.items()
    }


def _cases(tables: dict[str, Table]) -> dict[str, str]:
    """Return whom each case is about."""
    return {row["Diary Reference Number"]: row["Org Person ID"] for row in tables["referrals"]}


def _named(row: dict[str, str], cases: dict[str, str]) -> set[str]:
    """Return everybody the row names: its person, a relation, and whom its case is about."""
    case = cases.get(row.get("Diary Reference Number", ""))
    return {row["Org Person ID"], row.get("Related Org Person ID"), case} - {None}


def _chosen(sample: Sample, source: str) -> set[str]:
    """Return the first clients, those who merged, are related or anonymised, and one person of each flaw."""
    tables = sample.sources[source]
    cases = _cases(tables)
    owners = {
        next(iter(row.values())): _named(row, cases)
        for export, rows in tables.items()
        if export not in WHOLE
        for row in rows
    }
    first = {flaw.check: flaw.reference for flaw in reversed(sample.truth) if flaw.source == source}
    chosen = {row["Org Person ID"] for row in tables["people"][: PEOPLE[source]]}
    chosen |= {person for reference in first.values() for person in owners.get(reference, ())}
    for row in tables["relationships"][:8]:
        chosen |= {row["Org Person ID"], row["Related Org Person ID"]}
    for row in [row for row in tables["people"] if row["Merged IDs"]][:2]:
        chosen |= {row["Org Person ID"], *row["Merged IDs"].split("; ")}
    chosen |= {row["Org Person ID"] for row in tables["people"] if row["Anonymised"] == "Yes"}
    return chosen


def a_day_later() -> Sample:
    """Return the small sample changed: five people of the hub gone, ten referrals of another priority."""
    sample = small_sample()
    tables = {name: [dict(row) for row in rows] for name, rows in sample.sources["hub"].items()}
    gone = {row["Org Person ID"] for row in tables["people"][5:10]}
    for rows in tables.values():
        rows[:] = [
            row for row in rows if not gone & {row.get("Org Person ID"), row.get("Related Org Person ID")}
        ]
    for row in tables["referrals"][10:20]:
        row["Priority"] = "Routine" if row["Priority"] == "Urgent" else "Urgent"
    return replace(sample, sources={**sample.sources, "hub": tables})
