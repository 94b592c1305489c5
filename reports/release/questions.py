"""Seven questions about each published table, answered: words as declared, figures from the release."""

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from feed.declared import Topic
from feed.dimensions import BOROUGH, DIMENSIONS
from feed.periods import parse
from feed.release.contents import Contents
from feed.release.defined import entities_of
from reports.pages import number, spoken
from reports.release.readings import HIDDEN
from reports.release.told import Told

NOT_SAID = "Nothing has been said of this yet."
CHOICES = (
    "Made from {kinds}. The record of somebody who asked for it not to be shared, or whose provider may not "
    "share it, never leaves the provider, so nobody’s choice has to be applied here again."
)
SENT_AS_COUNTS = "No record of anybody is behind it on the council’s side."
FORM = (
    "{shape}, in {rows} rows: as pictures on this page, as {name}.csv for Excel and as {name}.parquet for "
    "Power BI, with the same numbers."
)
FATES = {"withheld": "withheld by rule", "held": "held to be mended"}
LENGTHS = {1: "months", 3: "quarters"}

PLURALS = {
    "address": "addresses",
    "advice": "pieces of advice",
    "characteristics": "records of people’s characteristics",
    "outcome_measure": "wellbeing forms",
    "person": "people",
    "service_episode": "episodes of support",
    "signposting": "signpostings",
}


@dataclass(frozen=True)
class Answered:
    """One published table with its questions and answers."""

    name: str
    title: str
    words: str
    rows: int
    answers: tuple[tuple[str, tuple[str, ...]], ...]


def answered(told: Told, contents: Contents) -> list[Answered]:
    """Return the seven answers of every table that has rows. Given: what the release tells."""
    sheet, made = contents.quality_sheet().rows, []
    for topic in told.declared.topics:
        mine = contents.observations.filter(pl.col("table") == topic.topic)
        if len(mine):
            answers = tuple(_answers(told, topic, mine, sheet, contents.publisher.feedback))
            made.append(Answered(topic.topic, topic.title, topic.words, len(mine), answers))
    return made


def _answers(
    told: Told, topic: Topic, mine: pl.DataFrame, sheet: pl.DataFrame, feedback: str
) -> Iterator[tuple[str, tuple[str, ...]]]:
    about = topic.about
    yield "Who is it for?", _said(about.who if about else NOT_SAID)
    yield "What is it used for?", _said(about.used_for if about else NOT_SAID)
    useful = _said(about.useful if about else NOT_SAID)
    yield "How useful is it, and how complete?", (*useful, *_complete(told, topic))
    sharing = _said(about.sharing if about else None)
    yield "Are people confident in sharing it?", (*sharing, *_kept_out(told, topic, sheet))
    yield "Is the format right?", (*_said(about.form if about else None), _form(topic.topic, mine))
    missing = _said(about.missing if about else NOT_SAID)
    yield "What is missing?", (*missing, *_missing(told, topic), _hidden(mine))
    yield "How would you like it?", (*_said(about.wanted if about else None), _feedback(feedback))


def _said(words: str | None) -> tuple[str, ...]:
    return (words,) if words else ()


def _complete(told: Told, topic: Topic) -> tuple[str, ...]:
    """Return how well each field is known that a figure rests on, with the figure where there are several."""
    found: dict[str, list[str]] = {}
    for kpi in topic.kpis:
        for line in told.quality(kpi.id):
            found.setdefault(line, []).append(kpi.name)
    if not found:
        return ("No figure of it rests on a field whose gaps are counted beside it.",)
    if len(found) == 1:
        return tuple(found)
    return tuple(f"{_first(names)}: {line[0].lower()}{line[1:]}" for line, names in found.items())


def _first(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]}, and {number(len(names) - 1)} more"


def _kept_out(told: Told, topic: Topic, sheet: pl.DataFrame) -> Iterator[str]:
    """Yield from which kinds of record the table is made, and how many of each did not come."""
    of_figure = entities_of(told.declared)
    kinds = sorted({kind for kpi in topic.kpis for kind in of_figure.get(kpi.id, ())})
    if not kinds:
        yield SENT_AS_COUNTS
        return
    yield CHOICES.format(kinds=_listed([_many(kind) for kind in kinds]))
    rows = sheet.filter(pl.col("part").is_in(list(FATES)), pl.col("subject").is_in(kinds))
    known = rows.filter(pl.col("shown") != "not_told")
    if fates := [fate for kind in kinds if (fate := _fates(kind, known.filter(pl.col("subject") == kind)))]:
        yield f"In the last run that changed anything: {'; '.join(fates)}."
    elif known.is_empty():
        yield "How many did not come is told by each provider’s own pages, not here."
    else:
        yield "In the last run that changed anything none of these was withheld or held back."


def _fates(kind: str, rows: pl.DataFrame) -> str:
    """Return how many of one kind were withheld and held; nothing where none was."""
    counts = dict(rows.select("part", "value").iter_rows())
    told = [
        f"{'a few' if counts[part] is None else number(int(counts[part]))} {words}"
        for part, words in FATES.items()
        if part in counts and counts[part] != 0
    ]
    return f"of {_many(kind)}, {' and '.join(told)}" if told else ""


def _many(kind: str) -> str:
    """Return a kind of record in the plural: referrals, people, addresses."""
    words = PLURALS.get(kind, spoken(kind))
    return words if kind in PLURALS else f"{words}s"


def _form(name: str, mine: pl.DataFrame) -> str:
    lengths = {len(parse(label).months) for label in mine.get_column("period").unique()}
    spans = [words for months, words in LENGTHS.items() if months in lengths]
    whole = ["the whole period"] if lengths - set(LENGTHS) else []
    splits = [each for each in mine.get_column("breakdown").unique().sort() if each != BOROUGH]
    titles = (DIMENSIONS[each].title if each in DIMENSIONS else spoken(each) for each in splits)
    by = list(dict.fromkeys(map(_small, titles)))
    shape = f"For {_listed([*spans, *whole])}; for the borough{' and by ' if by else ''}{_listed(by)}"
    return FORM.format(shape=shape, rows=number(len(mine)), name=name)


def _missing(told: Told, topic: Topic) -> Iterator[str]:
    return told.missing(*(kpi.id for kpi in topic.kpis))


def _hidden(mine: pl.DataFrame) -> str:
    words = pl.col("shown").replace(HIDDEN)
    gone = mine.filter(pl.col("value").is_null()).group_by(words).len()
    gone = gone.sort("len", "shown", descending=[True, False])
    total = int(gone.get_column("len").sum())
    if not total:
        return f"No number of the {number(len(mine))} is hidden."
    why = ", ".join(f"{number(many)} {shown}" for shown, many in gone.iter_rows())
    return f"{number(total)} of its {number(len(mine))} numbers are not shown ({why})."


def _feedback(feedback: str) -> str:
    return f"Tell us: {feedback}." if feedback else "No address for feedback has been set for this site."


def _listed(words: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def _small(title: str) -> str:
    """Return a title within a sentence; what is written in capitals stays so."""
    return title if title[1:2].isupper() else f"{title[:1].lower()}{title[1:]}"
