"""A provider's worklist: which record, which field, why it matters, how to mend it, where to click."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from urllib.parse import quote, urlsplit

from common import clock
from feed.spreadsheet import csv_bytes
from reports import charts
from reports.pages import render
from reports.readings import RunSummary
from reports.worklist_readings import CheckWords, FindingRow, ProviderWords

SEVERITIES = ("error", "warning", "info")
EFFECTS = {
    "hold_record": "The record is held back until it is mended.",
    "blank_field": "The field is left out; the rest of the record is sent.",
    "none": "The record is sent as it is.",
}
MOST_SHOWN = 200
CSV_HEADER = [
    "record",
    "link",
    "entity",
    "field",
    "check",
    "what is wrong",
    "why it matters",
    "how to mend it",
    "severity",
    "what happens meanwhile",
    "first seen",
    "days open",
]


@dataclass(frozen=True)
class Line:
    """One record to mend."""

    reference: str
    link: str
    first_seen: date | None
    age_days: int


@dataclass(frozen=True)
class Group:
    """All records that fail one check in one field; a cell that two kinds of record share stands once."""

    check: CheckWords
    entities: list[str]
    field: str
    severity: str
    effect: str
    lines: list[Line]

    @property
    def entity(self) -> str:
        """Return the kind of record, or both where one cell belongs to two."""
        return " and ".join(entity.replace("_", " ") for entity in self.entities)

    @property
    def effect_words(self) -> str:
        """Return what happens to the record meanwhile."""
        return EFFECTS.get(self.effect, self.effect)

    @property
    def shown(self) -> list[Line]:
        """Return the lines that stand on the page; the CSV holds them all."""
        return self.lines[:MOST_SHOWN]


def groups_of(
    provider: ProviderWords, findings: Iterable[FindingRow], checks: dict[str, CheckWords]
) -> list[Group]:
    """Return the provider's findings by check: the gravest first, then the most, the oldest record first."""
    today = clock.today()
    found: dict[tuple[str, str], list[FindingRow]] = {}
    for finding in findings:
        found.setdefault((finding.check, finding.field), []).append(finding)
    groups = [
        Group(
            checks.get(check) or CheckWords(id=check),
            sorted({row.entity for row in rows}),
            field,
            rows[0].severity,
            rows[0].effect,
            _lines(provider, rows, today),
        )
        for (check, field), rows in found.items()
    ]
    return sorted(groups, key=lambda group: (_grave(group.severity), -len(group.lines), group.check.id))


def provider_page(
    site: str, provider: ProviderWords, groups: list[Group], latest: RunSummary | None
) -> bytes:
    """Return the provider's page."""
    counts = {
        severity: sum(len(g.lines) for g in groups if g.severity == severity) for severity in SEVERITIES
    }
    return render(
        "provider.html",
        site=site,
        sample=bool(latest and latest.sample),
        run=latest,
        provider=provider,
        groups=groups,
        counts=counts,
        total=sum(len(group.lines) for group in groups),
        most_shown=MOST_SHOWN,
        chart=_by_kind(groups) if groups else None,
    )


def _by_kind(groups: list[Group]) -> charts.Chart:
    """Return how many entries there are of each kind of record, the most first."""
    counts: Counter[str] = Counter()
    for group in groups:
        counts[group.entity.capitalize()] += len(group.lines)
    points = [charts.Point(kind, count, f"{count:,}") for kind, count in counts.most_common()]
    return charts.bars("by-kind", "Entries by kind of record", "entries", points)


def provider_csv(groups: list[Group]) -> bytes:
    """Return the same worklist for a spreadsheet."""
    return csv_bytes(
        CSV_HEADER,
        (
            [
                line.reference,
                line.link,
                "; ".join(group.entities),
                group.field,
                group.check.id,
                group.check.message,
                group.check.why,
                group.check.mend,
                group.severity,
                group.effect_words,
                line.first_seen.isoformat() if line.first_seen else "",
                line.age_days,
            ]
            for group in groups
            for line in group.lines
        ),
    )


def deep_link(template: str, reference: str) -> str:
    """Return the address of the record in the provider's CRM, or nothing where there is no address."""
    if urlsplit(template).scheme not in {"http", "https"} or "{reference}" not in template:
        return ""
    return template.replace("{reference}", quote(reference, safe=""))


def _lines(provider: ProviderWords, rows: list[FindingRow], today: date) -> list[Line]:
    """Return one line per record, the oldest first."""
    found = {row.reference: row for row in sorted(rows, key=lambda row: row.age_days(today))}
    lines = [_line(provider, row, today) for row in found.values()]
    return sorted(lines, key=lambda line: (-line.age_days, line.reference))


def _line(provider: ProviderWords, row: FindingRow, today: date) -> Line:
    return Line(row.reference, deep_link(provider.link, row.reference), row.first_seen, row.age_days(today))


def _grave(severity: str) -> int:
    return SEVERITIES.index(severity) if severity in SEVERITIES else len(SEVERITIES)
