"""The lines of a worklist by check and field, each group with why it matters and how it is mended."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from quality.effects import Distortion, concerns_safety, figures_of
from reports.worklist_lines import NEVER, Line, grave_of
from reports.worklist_readings import CheckWords
from reports.worklist_words import EFFECTS, SEVERITY_WORDS, consequences, counted, working_time

MOST_SHOWN = 100


@dataclass(frozen=True)
class Group:
    """All lines of one check in one field, the most urgent first."""

    check: CheckWords
    number: int
    lines: tuple[Line, ...]
    hub: bool
    titled_by_field: bool = False

    @property
    def anchor(self) -> str:
        """Return the place of the group on the page."""
        return f"group-{self.number}"

    @property
    def first(self) -> Line:
        """Return the most urgent line."""
        return self.lines[0]

    @property
    def title(self) -> str:
        """Return what is wrong, with the field where the same is wrong in several."""
        said = (self.check.message or self.check.id).rstrip(".")
        return f"{said}: {self.first.label}" if self.titled_by_field and self.first.label else said

    @cached_property
    def entities(self) -> tuple[str, ...]:
        """Return the kinds of record; a cell that two kinds share has both."""
        return tuple(sorted({line.finding.entity for line in self.lines}))

    @property
    def where(self) -> str:
        """Return the kind of record and the field, as the provider calls it."""
        kinds = " and ".join(sorted({line.entity for line in self.lines}))
        return f"{kinds.capitalize()}: {self.first.label}" if self.first.label else kinds.capitalize()

    @property
    def severity(self) -> str:
        """Return the gravest severity among the lines."""
        return min((line.finding.severity for line in self.lines), key=grave_of)

    @property
    def severity_words(self) -> str:
        """Return how grave it is, in words."""
        return SEVERITY_WORDS.get(self.severity, self.severity)

    @property
    def effect_words(self) -> str:
        """Return what happens to the record meanwhile."""
        return EFFECTS.get(self.first.finding.effect, self.first.finding.effect)

    @cached_property
    def records(self) -> tuple[Line, ...]:
        """Return one line for each record: a cell that two kinds of record share stands once."""
        return tuple({line.reference: line for line in reversed(self.lines)}.values())[::-1]

    @property
    def shown(self) -> tuple[Line, ...]:
        """Return the records that stand on the page; the files hold them all."""
        return self.records[:MOST_SHOWN]

    @property
    def counted(self) -> str:
        """Return how many records there are, in words."""
        many = len(self.records)
        return counted(many, self.entities[0] if len(self.entities) == 1 else "")

    @property
    def causes(self) -> list[str]:
        """Return what most of them share, in a sentence for each source and kind of record that has one."""
        return list(dict.fromkeys(line.finding.cause for line in self.lines if line.finding.cause))

    @property
    def overdue(self) -> int:
        """Return how many records are overdue."""
        return sum(line.overdue_days > 0 for line in self.records)

    @property
    def work(self) -> str:
        """Return how long mending all of it takes, by our estimate."""
        return working_time(sum(line.minutes for line in self.records))

    @property
    def told(self) -> list[Distortion]:
        """Return the figures of this provider that the group distorts."""
        finding = self.first.finding
        told = figures_of(self.check.id, finding.entity, finding.field)
        return [each for each in told if self.hub or not each.figure.hub_only]

    @property
    def reasons(self) -> list[str]:
        """Return why it matters, from the findings: safety first, then the figures."""
        safety = ["Somebody’s safety may hang on it."] if concerns_safety(self.check.id) else []
        said = consequences(len(self.records), self.entities[0], self.told) if len(self.entities) == 1 else []
        return safety + said


def groups_of(lines: Iterable[Line], *, hub: bool) -> list[Group]:
    """Return the groups, what matters most in sum first: safety, effect on the figures, severity, due day."""
    found: dict[tuple[str, str], list[Line]] = {}
    for line in lines:
        found.setdefault((line.check.id, line.finding.field), []).append(line)
    several = Counter(check for check, _ in found)
    ordered = sorted(found.items(), key=lambda each: _urgency(each[1]))
    return [
        Group(of[0].check, number, tuple(of), hub, titled_by_field=several[check] > 1)
        for number, ((check, _), of) in enumerate(ordered, start=1)
    ]


def _urgency(lines: list[Line]) -> tuple[object, ...]:
    first = lines[0]
    grave = min(grave_of(line.finding.severity) for line in lines)
    due = min(line.finding.due or NEVER for line in lines)
    weight = sum(line.weight for line in lines)
    return (
        not first.safety,
        grave > 1,
        -weight,
        grave,
        due,
        -len(lines),
        first.check.id,
        first.finding.field,
    )
