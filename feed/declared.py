"""What is counted and what is published of it, declared once: `kpis/TOPIC.yaml`, read strictly."""

from functools import cache
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from config.documents import DocumentRefused, Place, Problem, read_with_place
from feed.about import About
from feed.declared_problems import problems_of
from feed.dimensions import BOROUGH

FOLDER = Path(__file__).with_name("kpis")
REMEDY = "Correct the declaration, then: python -m feed.generate"

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
KpiId = Annotated[str, StringConstraints(pattern=r"^K[0-9]{2}[a-z]?(\.[a-z0-9_]+)?$")]
Words = Annotated[str, StringConstraints(min_length=1)]
Sql = Annotated[str, StringConstraints(pattern=r"^[^;]+$")]
Statistic = Literal["median", "p90", "reached_by_eight", "mean"]
Kind = Literal["count", "share", "ratio", "spread", "sum", "distribution", "received", "none"]

PARTS: dict[str, frozenset[str]] = {
    "count": frozenset({"numerator"}),
    "share": frozenset({"numerator", "denominator"}),
    "ratio": frozenset({"numerator", "denominator"}),
    "spread": frozenset({"of", "value", "statistics"}),
    "sum": frozenset({"of", "value"}),
    "distribution": frozenset({"numerator", "breakdown"}),
    "received": frozenset({"received"}),
    "none": frozenset({"because"}),
}
"""What each kind of figure is made of; a distribution may name the one category that it is."""


class Declared(BaseModel):
    """Anything that stands in a declaration; a key we do not know is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Cell(Declared):
    """The cell of another count's breakdown that a count is, so that nobody learns it twice."""

    count: Name
    breakdown: Name
    category: Words


class Count(Declared):
    """How many rows, people or different things of a fact.

    where:         one SQL condition over the fact's columns.
    of:            rows, person, or the column whose different values are counted.
    part_of:       the count that this one is a subset of, over the same fact or a wider one.
    is_cell:       the cell of another count's breakdown that this count is.
    without_cell:  the cell of another count's breakdown that this count lacks; it has all the rest of it.
    organisations: organisations are counted, which need no protection.
    sensitive:     that it is none, or all, is telling too.
    by_month:      whether it is counted by month too; what no figure tells by month is better not counted so.
    """

    id: Name
    fact: Name
    where: Sql = "true"
    of: Name = "rows"
    part_of: Name | None = None
    is_cell: Cell | None = None
    without_cell: Cell | None = None
    unit: Words
    breakdowns: tuple[Name, ...] = ()
    organisations: bool = False
    sensitive: bool = False
    by_month: bool = True

    @property
    def all_breakdowns(self) -> tuple[str, ...]:
        """Return the whole borough, then what it is broken down by."""
        return (BOROUGH, *self.breakdowns)

    @property
    def additive(self) -> bool:
        """Return whether the categories of a breakdown add to the borough."""
        return self.of == "rows"


class Completeness(Declared):
    """The field that a figure rests on, and the count in which it is looked for."""

    field: Name
    of: Name
    note: str = ""


class Kpi(Declared):
    """One figure that can be quoted: what it is made of, and its rule in words.

    kind:         count (the numerator); share (per cent of the denominator); ratio (numerator to
                  denominator); spread (statistics of a value over the rows of a count); sum (of such a value,
                  in pounds); distribution (of the numerator over one breakdown: how many, and per cent of the
                  whole); received (a count that came protected, and stands as it came); none (it cannot be
                  told, and `because` says why).
    category:     the one category of a distribution that this share is.
    needs:        the fields without which the figure is not available.
    completeness: whether the field that it rests on is filled in.
    fewest:       of how many at least a share or a statistic is told.
    empty:        why there is nothing to tell where no row of any day is of the figure.
    """

    id: KpiId
    name: Words
    kind: Kind
    numerator: Name | None = None
    denominator: Name | None = None
    of: Name | None = None
    value: Sql | None = None
    unit: Words
    statistics: tuple[Statistic, ...] = ()
    breakdown: Name | None = None
    category: Words | None = None
    received: Name | None = None
    rounding: Words = "none"
    rule: Words
    source: Words
    needs: dict[Name, tuple[Name, ...]] = Field(default_factory=dict)
    completeness: Completeness | None = None
    breakdowns: tuple[Name, ...] = ()
    fewest: int | None = Field(default=None, ge=1)
    because: Words | None = None
    empty: Words | None = None
    note: str = ""

    @property
    def counts(self) -> tuple[str, ...]:
        """Return the counts that the figure is made of."""
        return tuple(name for name in (self.numerator, self.denominator, self.of) if name)

    @property
    def all_breakdowns(self) -> tuple[str, ...]:
        """Return the breakdowns under which the figure stands, the whole borough first."""
        if self.kind == "distribution" and self.breakdown:
            return (BOROUGH,) if self.category else (self.breakdown,)
        return (BOROUGH, *self.breakdowns)

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        """Errors: ValueError where a kind lacks one of its parts, or has one of another kind."""
        wanted = PARTS[self.kind]
        optional = {"category"} if self.kind == "distribution" else set()
        parts = frozenset({"category"}).union(*PARTS.values())
        given = {part for part in parts if getattr(self, part)}
        if wanted - given:
            raise ValueError(f"a {self.kind} needs {', '.join(sorted(wanted - given))}")
        if given - wanted - optional:
            raise ValueError(f"a {self.kind} has no {', '.join(sorted(given - wanted - optional))}")
        if self.kind == "distribution" and self.breakdowns:
            raise ValueError("a distribution is over its one breakdown")
        if self.kind == "sum" and len(self.breakdowns) > 1:
            raise ValueError("a sum is broken down once: two tables of sums give away what each hides")
        if "mean" in self.statistics and len(self.breakdowns) > 1:
            raise ValueError("a mean is broken down once: times its number it is a sum")
        return self


class Topic(Declared):
    """One file: a published table, what is said of it, what is counted for it, and its figures."""

    topic: Name
    title: Words
    words: Words
    about: About | None = None
    counts: tuple[Count, ...] = ()
    kpis: tuple[Kpi, ...] = ()


class Declarations(Declared):
    """Every topic in the order of the files' names; ids are told apart across them."""

    topics: tuple[Topic, ...]

    @property
    def counts(self) -> dict[str, Count]:
        """Return every count by its id."""
        return {count.id: count for topic in self.topics for count in topic.counts}

    @property
    def kpis(self) -> dict[str, Kpi]:
        """Return every figure by its id."""
        return {kpi.id: kpi for topic in self.topics for kpi in topic.kpis}

    @property
    def named_categories(self) -> dict[tuple[str, str], set[str]]:
        """Return by count and breakdown the categories that figures are told of, though nothing be there."""
        found: dict[tuple[str, str], set[str]] = {}
        for kpi in self.kpis.values():
            if kpi.numerator and kpi.breakdown and kpi.category:
                found.setdefault((kpi.numerator, kpi.breakdown), set()).add(kpi.category)
        return found


@cache
def declarations() -> Declarations:
    """Return what is declared in this version. Errors: DocumentRefused."""
    return load_declarations(FOLDER)


def load_declarations(folder: Path) -> Declarations:
    """Return what the folder's files declare. Errors: DocumentRefused, with every problem and its line."""
    read: list[tuple[Topic, Place]] = []
    problems: list[Problem] = []
    for path in sorted(folder.glob("*.yaml")):
        try:
            read.append(read_with_place(path, Topic))
        except DocumentRefused as refused:
            problems += refused.problems
    problems += problems_of(read) if not problems else []
    if problems:
        raise DocumentRefused(problems, remedy=REMEDY)
    return Declarations(topics=tuple(topic for topic, _ in read))
