"""The lines of a worklist: one finding each, in the provider's words, what matters most first."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import quote, urlsplit

from feed.model import Area
from quality.effects import concerns_safety, minutes_of, weight_of
from quality.life import WANTED, State
from reports.worklist_readings import SUBMISSION, CheckWords, FindingRow, ProviderWords

SEVERITIES = ("error", "warning", "info")
ROW = "row "
"""How the name of a row without a reference begins; no reference of a CRM holds a space."""
NEVER = date.max
"""Stands for a day that nobody set, where days are put in order."""


@dataclass(frozen=True, slots=True)
class Line:
    """One finding as its provider reads it."""

    finding: FindingRow
    check: CheckWords
    label: str
    link: str
    other_link: str
    age_days: int
    overdue_days: int
    weight: float
    minutes: float
    safety: bool

    @property
    def reference(self) -> str:
        """Return the CRM's own reference of the record, or the name of the export or period."""
        return self.finding.reference

    @property
    def state(self) -> State:
        """Return where the finding stands."""
        return State(self.finding.state)

    @property
    def entity(self) -> str:
        """Return the kind of record, in words."""
        return "export" if self.of_submission else self.finding.entity.replace("_", " ")

    @property
    def of_submission(self) -> bool:
        """Return whether it speaks of an export or a period and not of a record."""
        return self.finding.entity == SUBMISSION

    @property
    def wanted(self) -> bool:
        """Return whether the provider is asked to mend it; else it waits for somebody else, or for a day."""
        return self.state in WANTED

    @property
    def urgency(self) -> tuple[object, ...]:
        """Return its place: safety, then effect on the figures, severity, due day, age.

        What is only for information comes last: there may be nothing to mend.
        """
        grave = grave_of(self.finding.severity)
        informs = grave > SEVERITIES.index("warning")
        due = self.finding.due or NEVER
        return (
            not self.safety,
            informs,
            -self.weight,
            grave,
            due,
            -self.age_days,
            self.check.id,
            self.reference,
        )


def lines_of(
    provider: ProviderWords, findings: Iterable[FindingRow], checks: Mapping[str, CheckWords], today: date
) -> list[Line]:
    """Return a line for each finding, what to mend first at the top."""
    hub = Area().hub_source in (provider.sources or (provider.id,))
    lines = [
        _line(provider, row, checks.get(row.check) or CheckWords(id=row.check), today, hub)
        for row in findings
    ]
    return sorted(lines, key=lambda line: line.urgency)


def deep_link(template: str, reference: str) -> str:
    """Return the address of the record in the provider's CRM, or nothing where there is no address.

    A row without a reference, named by its place in the export, has none.
    """
    if (
        reference.startswith(ROW)
        or not template
        or urlsplit(template).scheme not in {"http", "https"}
        or "{reference}" not in template
    ):
        return ""
    return template.replace("{reference}", quote(reference, safe=""))


def grave_of(severity: str) -> int:
    """Return how grave it is: 0 is the gravest; what nobody knows comes last."""
    return SEVERITIES.index(severity) if severity in SEVERITIES else len(SEVERITIES)


def _line(provider: ProviderWords, row: FindingRow, check: CheckWords, today: date, hub: bool) -> Line:
    template = provider.link_of(row.entity)
    return Line(
        finding=row,
        check=check,
        label=provider.label_of(row.entity, row.field),
        link=deep_link(template, row.reference),
        other_link=deep_link(template, row.other) if row.other else "",
        age_days=row.age_days(today),
        overdue_days=max(0, (today - row.due).days) if row.due and row.state in WANTED else 0,
        weight=weight_of(row.check, row.entity, row.field, hub=hub),
        minutes=minutes_of(row.check),
        safety=concerns_safety(row.check),
    )
