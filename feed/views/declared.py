"""The views by which published figures are read: their names, columns and what each row is. Names stay.

Behind them, in a schema of its own, stand the rows of every edition as they were published, each with the
release and the edition that it came from.
"""

from dataclasses import dataclass
from functools import cache

from feed.declared import declarations
from feed.release import dictionary, observed, quality, revisions
from feed.release.sheet import Column, Kind

SCHEMA, ROWS = "published", "published_rows"
"""What readers see, and where the rows stand that the views show."""
RELEASE = Column("release", Kind.TEXT, "The period that was published at once: the name of its folder.")
EDITION = Column("edition", Kind.WHOLE, "Which edition of the release: its number.")
OF = (Column("of_release", Kind.TEXT, ""), Column("of_edition", Kind.WHOLE, ""))
IN_FORCE, EARLIER = "in_force", "earlier"
EDITION_COLUMNS = (
    RELEASE,
    EDITION,
    Column("state", Kind.TEXT, "Whether another edition took its place.", codes=(IN_FORCE, EARLIER)),
    Column("title", Kind.TEXT, "What it is called."),
    Column("period_start", Kind.DATE, "The first day that counts."),
    Column("period_end", Kind.DATE, "The last day that counts."),
    Column("as_of", Kind.TEXT, "When the last batch was released that it has seen (RFC 3339, UTC)."),
    Column("as_of_batch", Kind.WHOLE, "The number of that batch.", required=False),
    Column("publisher", Kind.TEXT, "Who publishes it."),
    Column("sample", Kind.TEXT, "Whether its people are invented.", codes=("yes", "no")),
    Column("sha256", Kind.TEXT, "The digest of its datapackage.json."),
    Column("replaces", Kind.TEXT, "The digest of the edition that it took the place of.", required=False),
)
WORDS = {Kind.TEXT: "TEXT", Kind.DATE: "DATE", Kind.WHOLE: "BIGINT", Kind.NUMBER: "DOUBLE PRECISION"}
"""The types, in words that DuckDB and PostgreSQL share."""
SAME = ("table", "kpi", "statistic", "period", "breakdown")
"""What names a figure of a period by one breakdown: told by one release at a time."""


@dataclass(frozen=True)
class View:
    """One view: what a row is, its columns, what makes a row the only one, and what it selects."""

    name: str
    meaning: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    selects: str


def tables() -> dict[str, tuple[Column, ...]]:
    """Return the tables behind the views, each with its columns."""
    chosen = tuple(Column(name, Kind.TEXT, "") for name in SAME)
    return {
        "editions": EDITION_COLUMNS,
        "figures": (*OF, *observed.COLUMNS),
        "chosen": (*OF, *chosen),
        "dictionary": (*OF, *dictionary.COLUMNS),
        "quality_sheet": (*OF, *quality.COLUMNS),
        "revisions": (*OF, *revisions.COLUMNS),
    }


@cache
def views() -> tuple[View, ...]:
    """Return every view, in the order of the page about them; a view rests on those before it."""
    return (*_of_releases(), *_of_figures(), *_of_topics(), *_of_meaning())


def quoted(name: str) -> str:
    """Return a name of ours as SQL writes it; `table` is one."""
    return f'"{name}"'


def listed(columns: tuple[Column, ...], of: str = "") -> str:
    """Return the columns' names as SQL lists them."""
    return ", ".join(f"{of}{quoted(column.name)}" for column in columns)


def _of_releases() -> tuple[View, ...]:
    select = f"SELECT {listed(EDITION_COLUMNS)} FROM {ROWS}.editions"
    return (
        View("editions", "Every edition that was ever published and still lies in the folder of releases; "
             "one that a revoked key signed does not stand here.", EDITION_COLUMNS,
             ("release", "edition"), select),
        View("releases", "The edition of each release that is in force.", EDITION_COLUMNS,
             ("release",), f"{select} WHERE state = '{IN_FORCE}'"),
    )  # fmt: skip


def _of_figures() -> tuple[View, ...]:
    columns = (RELEASE, EDITION, *observed.COLUMNS)
    prefix = f"f.of_release AS release, f.of_edition AS edition, {listed(observed.COLUMNS, 'f.')}"
    same = " AND ".join(
        f"c.{quoted(name)} = f.{quoted(name)}" for name in ("of_release", "of_edition", *SAME)
    )
    return (
        View("figures", "Every figure that is in force, once. Where two releases tell the same figure of "
             "the same period, the one that has seen the later batch does; of one batch, the shorter one.",
             columns, observed.KEY,
             f"SELECT {prefix} FROM {ROWS}.figures f JOIN {ROWS}.chosen c ON {same}"),
        View("figures_by_edition", "Every figure as each edition told it: what was quoted, and what it is "
             "now.", columns, ("release", "edition", *observed.KEY),
             f"SELECT {prefix} FROM {ROWS}.figures f"),
    )  # fmt: skip


def _of_topics() -> tuple[View, ...]:
    columns = (RELEASE, EDITION, *observed.COLUMNS)
    return tuple(
        View(topic.topic, f"Of `figures`, the table {topic.topic}. {topic.words}", columns, observed.KEY,
             f"SELECT {listed(columns)} FROM {SCHEMA}.figures WHERE \"table\" = '{topic.topic}'")
        for topic in declarations().topics
    )  # fmt: skip


def _of_meaning() -> tuple[View, ...]:
    newest = (
        "SELECT d.*, row_number() OVER (PARTITION BY d.kpi ORDER BY CAST(r.as_of AS TIMESTAMP) DESC, "
        f"r.period_end DESC, r.release) AS place FROM {ROWS}.dictionary d JOIN {SCHEMA}.releases r "
        "ON r.release = d.of_release AND r.edition = d.of_edition"
    )
    prefix = "of_release AS release, of_edition AS edition"
    return (
        View("dictionary", "What each figure counts, once: as the release defines it that has seen the "
             "latest batch. Joins to figures by kpi.", (RELEASE, EDITION, *dictionary.COLUMNS), ("kpi",),
             f"SELECT {prefix}, {listed(dictionary.COLUMNS)} FROM ({newest}) n WHERE place = 1"),
        View("quality_sheet", "How complete and how fresh each release in force is, and what cannot be "
             "compared.", (RELEASE, EDITION, *quality.COLUMNS), ("release", "part", "subject", "item"),
             f"SELECT {prefix}, {listed(quality.COLUMNS)} FROM {ROWS}.quality_sheet q "
             f"WHERE {_in_force('q')}"),
        View("revisions", "Every number that an edition changed: from what, to what, and why.",
             (RELEASE, *revisions.COLUMNS), ("release", "edition", *observed.KEY, "measure"),
             f"SELECT of_release AS release, {listed(revisions.COLUMNS)} FROM {ROWS}.revisions v "
             f"WHERE {_in_force('v')}"),
    )  # fmt: skip


def _in_force(alias: str) -> str:
    return (
        f"EXISTS (SELECT 1 FROM {SCHEMA}.releases r WHERE r.release = {alias}.of_release "
        f"AND r.edition = {alias}.of_edition)"
    )
