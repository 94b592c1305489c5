"""Writes docs/reference/feed/kpis.md from the declarations: `python -m feed.generate`.

A test asks that the page is what this makes today.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from common.files import write_atomic
from feed.declared import Count, Kpi, Topic, declarations
from feed.dimensions import Dimension, dimension
from feed.facts import FACTS
from feed.narrowed import BY_MONTH
from feed.proposed import proposed_set, whether_told

PAGE = Path(__file__).resolve().parent.parent / "docs" / "reference" / "feed" / "kpis.md"
INTRODUCTION = """\
# The figures of the feed

Every figure that is published, as it is declared in `feed/kpis/`: there its rule is written once, and
nowhere else. This page is made from the declarations by `python -m feed.generate`.

- A **fact** is what can be counted: one row for each referral, piece of advice or wait. Its day puts it
  in a period.
- A **count** is how many rows of a fact meet a condition, how many people they name, or how many
  different things.
- A **figure** is made of published counts alone: what disclosure control hides of a count is hidden in
  each figure.
- A row is in exactly one **category** of a breakdown; one that is not recorded, is withheld or stands in
  no code list is in *unknown*. So rows add to the borough. People do not: who is in two categories is one
  person of each.
- Periods are months, financial quarters, financial years, and runs of whole months. The borough, the
  provider and the lot are counted by month; every other breakdown by the release and its quarters.
- A count knows **people**: the persons its rows name, and one more if any row names nobody. Organisations
  count themselves. Disclosure control looks at both numbers.
- A percentage is of two published counts: whole, a half rounded up, one decimal where the lower one is
  4,000 or more. A percentile is shown where its count is, and eight people at least lie at it or beyond on
  either side, of sixteen for a median and of eighty for the ninetieth; in whole days, a half rounded up.
- No longest wait is published: it is one person's. `reached_by_eight` is the largest value that eight people
  reach, each counted once with the largest of theirs; of sixteen people at least.
- A percentage has its 95 % interval by Wilson's score, worked out from the two numbers beside it; a mean
  has one by Student's t, and stands from thirty on. Both are rounded outwards. The fewer values a mean is of,
  the coarser it is told.
- A sum of money is told for whole financial quarters, and where nobody makes most of it.
- A figure whose field the flow does not release is published as not available, and says which field.
"""


PROPOSED = """\
The figures that were proposed, and as what each is told. One in brackets cannot be told, and says why."""


def page() -> str:
    """Return the whole reference page."""
    topics = declarations().topics
    parts = [
        INTRODUCTION,
        *_table(("table", "holds"), ((f"[{t.topic}](#{_anchor(t)})", t.words) for t in topics)),
        "",
    ]
    for topic in topics:
        parts += _topic(topic)
    parts += ["## Facts", "", *_facts(), "", "## The proposed set", "", PROPOSED, "", *_proposed()]
    return "\n".join(parts).rstrip() + "\n"


def write() -> None:
    """Write the page."""
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(PAGE, page().encode(), private=False)


def _anchor(topic: Topic) -> str:
    return f"table-{topic.topic}"


def _topic(topic: Topic) -> Iterator[str]:
    yield from (f"## Table {topic.topic}", "", f"*{topic.title}.* {topic.words}", "")
    for kpi in topic.kpis:
        yield from _figure(kpi)
    if topic.counts:
        yield from ("### Counts", "")
        yield from _table(
            ("count", "of", "fact", "where", "broken down by"), (_count_row(count) for count in topic.counts)
        )
        yield ""


def _figure(kpi: Kpi) -> Iterator[str]:
    yield from (f"### {kpi.id} {kpi.name}", "", kpi.rule, "")
    said = {
        "made of": _made_of(kpi),
        "unit": kpi.unit,
        "broken down by": "whole borough" if kpi.category else _names(kpi.all_breakdowns),
        "rounding": "" if kpi.rounding == "none" else kpi.rounding,
        "needs": _code(f"{entity}.{field}" for entity, fields in kpi.needs.items() for field in fields),
        "completeness": _completeness(kpi),
        "at least": f"{kpi.fewest} of the lower number" if kpi.fewest else "",
        "not available": kpi.because or "",
        "not available where nothing is of it": kpi.empty or "",
        "note": kpi.note,
        "source": kpi.source,
    }
    yield from (f"- {name}: {words}" for name, words in said.items() if words)
    yield ""


def _made_of(kpi: Kpi) -> str:
    if kpi.kind == "spread":
        return f"{', '.join(kpi.statistics)} of `{kpi.value}` over `{kpi.of}`"
    if kpi.kind == "sum":
        return f"sum of `{kpi.value}` over `{kpi.of}`"
    if kpi.kind in {"none", "received"}:
        return f"`{kpi.received}`, as it came" if kpi.received else ""
    if kpi.kind == "distribution":
        split = dimension(str(kpi.breakdown))
        if kpi.category:
            return (
                f"`{kpi.numerator}` of {_title(split)} *{split.label(kpi.category)}*, per cent of the whole"
            )
        return f"`{kpi.numerator}` by {_title(split)}, and per cent of the whole"
    over = {"share": " per cent of ", "ratio": " divided by "}.get(kpi.kind)
    return f"`{kpi.numerator}`{over}`{kpi.denominator}`" if over else f"`{kpi.numerator}`"


def _completeness(kpi: Kpi) -> str:
    if kpi.completeness is None:
        return ""
    note = f". {kpi.completeness.note}" if kpi.completeness.note else ""
    return f"in how many of `{kpi.completeness.of}` is `{kpi.completeness.field}` known{note}"


def _count_row(count: Count) -> tuple[str, ...]:
    of = {"rows": count.unit, "person": "people"}.get(count.of, f"different `{count.of}`")
    where = "" if count.where == "true" else f"`{count.where}`"
    part = f"; part of `{count.part_of}`" if count.part_of else ""
    return f"`{count.id}`", f"{of}{part}", f"`{count.fact}`", where, _names(count.breakdowns)


def _facts() -> Iterator[str]:
    counted = {count.fact for count in declarations().counts.values()}
    yield from _table(
        ("fact", "holds", "its day", "counted", "reads"),
        (
            (
                f"`{fact.name}`",
                fact.words,
                f"`{fact.day}`",
                "at the end of a period" if fact.is_state else "during a period",
                _code(f"{entity}.{field}" for entity, fields in fact.uses.items() for field in fields),
            )
            for fact in FACTS.values()
            if fact.name in counted
        ),
    )


def _proposed() -> Iterator[str]:
    declared = declarations()
    yield from _table(
        ("number", "name", "told as"),
        (
            (each.kpi_id, each.name, each.elsewhere or whether_told(each.told_as(declared)))
            for each in proposed_set()
        ),
    )


def _names(breakdowns: Iterable[str]) -> str:
    return ", ".join(
        _title(dimension(name)) + (" (by month too)" if name in BY_MONTH else "") for name in breakdowns
    )


def _title(split: Dimension) -> str:
    """Return the title as it stands within a sentence; an abbreviation stays as it is."""
    return split.title if split.title[1].isupper() else split.title[0].lower() + split.title[1:]


def _code(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"


if __name__ == "__main__":
    write()
