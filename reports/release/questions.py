"""Seven questions about each published table, answered: words as declared, figures from the release."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import polars as pl

from feed.about import About
from feed.declared import Topic
from feed.release.quality import Fate
from reports.pages import number
from reports.release.readings import HIDDEN
from reports.release.told import Told

NOT_SAID = "Nothing has been said of this yet."
CHOICES = (
    "A record of somebody who asked for it not to be shared, or whose provider may not share it, never "
    "leaves the provider, so nobody’s choice has to be applied here again."
)
FORM = (
    "On this page; as {name}.csv, which Excel opens; as {name}.parquet for Power BI. "
    "All three hold the same numbers."
)


@dataclass(frozen=True)
class Answered:
    """One published table with its questions and answers."""

    name: str
    title: str
    words: str
    rows: int
    answers: tuple[tuple[str, tuple[str, ...]], ...]


def answered(
    told: Told, topics: Iterable[Topic], observations: pl.DataFrame, fates: Iterable[Fate], feedback: str
) -> list[Answered]:
    """Return the seven answers of every table that has rows.

    Given: how many records of each kind a night withheld or held, where this side is told; the address to
           which readers may write.
    """
    made = []
    for topic in topics:
        mine = observations.filter(pl.col("table") == topic.topic)
        if len(mine):
            answers = tuple(_answers(told, topic, mine, tuple(fates), feedback))
            made.append(Answered(topic.topic, topic.title, topic.words, len(mine), answers))
    return made


def _answers(
    told: Told, topic: Topic, mine: pl.DataFrame, fates: tuple[Fate, ...], feedback: str
) -> Iterator[tuple[str, tuple[str, ...]]]:
    about = topic.about
    yield "Who is it for?", (about.who if about else NOT_SAID,)
    yield "What is it used for?", (about.used_for if about else NOT_SAID,)
    yield (
        "How useful is it, and how complete?",
        (about.useful if about else NOT_SAID, *_complete(told, topic)),
    )
    yield "Are people confident in sharing it?", (*_sharing(about), CHOICES, *_kept_out(fates))
    yield "Is the format right?", (about.form if about and about.form else FORM.format(name=topic.topic),)
    yield "What is missing?", (about.missing if about else NOT_SAID, *_missing(told, topic), _hidden(mine))
    yield "How would you like it?", (*_wanted(about), _feedback(feedback))


def _complete(told: Told, topic: Topic) -> Iterator[str]:
    lines = {line for kpi in topic.kpis for line in told.quality(kpi.id)}
    return iter(sorted(lines) or ["No figure of it rests on a field that can be left empty."])


def _sharing(about: About | None) -> tuple[str, ...]:
    return (about.sharing,) if about and about.sharing else ()


def _wanted(about: About | None) -> tuple[str, ...]:
    return (about.wanted,) if about and about.wanted else ()


def _kept_out(fates: tuple[Fate, ...]) -> Iterator[str]:
    if fates:
        yield "How many records were withheld or held back stands in the quality sheet, quality_sheet.csv."
    else:
        yield "How many records that were is told by each provider’s own pages, not here."


def _missing(told: Told, topic: Topic) -> Iterator[str]:
    return told.missing(*(kpi.id for kpi in topic.kpis))


def _hidden(mine: pl.DataFrame) -> str:
    gone = (
        mine.filter(pl.col("value").is_null())
        .group_by("shown")
        .len()
        .sort("len", "shown", descending=[True, False])
    )
    total = int(gone.get_column("len").sum())
    if not total:
        return f"No number of the {number(len(mine))} is hidden."
    why = "; ".join(f"{HIDDEN.get(shown, shown)}, {number(many)}" for shown, many in gone.iter_rows())
    return f"{number(total)} of its {number(len(mine))} numbers are not shown ({why})."


def _feedback(feedback: str) -> str:
    return f"Tell us: {feedback}." if feedback else "No address for feedback has been set for this site."
