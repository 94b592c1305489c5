"""Writes docs/reference/checks.md from the catalogue and its examples: `python -m quality.generate`."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from common.files import write_atomic
from quality.checks import EVERY, SUBMISSION, Check, Effect, catalogue
from quality.examples import Example, Examples, Row, entity_of, read_examples, value_of
from quality.precision import errs, stated
from quality.rules import Place, Rule, rules

PAGE = Path(__file__).resolve().parent.parent / "docs" / "reference" / "checks.md"
EFFECTS = {
    Effect.HOLD_RECORD: "the record is held until it is put right",
    Effect.BLANK_FIELD: "the field is not sent, the record is",
    Effect.NONE: "none; the record is sent as it is",
}
INTRODUCTION = """\
# Checks

Every night every record is asked these questions, on two axes: does the question *apply* to this record, and
is what it holds *valid*. Where it does not apply, nobody is marked down. A check that cannot be answered,
because something it needs is missing, is *unknown*: that is neither a finding nor a reason to hold a record,
and it is counted. A finding names the record by the provider's own reference and the field; it never holds a
value. Days are days in London; "today" is the day of the source's extract, never the day of the run.

*Error*: wrong. *Warning*: it may be as it should be; somebody who knows must look. *Info*: there may be
nothing to mend.

*How often it is right*: of what the check told in a run on an invented sample, how much is true (precision),
and of the flaws planted there how many it told (recall). The first sample is the one that the demonstration
shows. The second has what that lacks: children, early help, a directory, months that are missing, rows that
are lost, people who are erased. Look-alikes are records planted beside the flaws that look wrong and are
right; what is told of all the same stands under *told though right*. No error is. The samples are ours: they
show in what a check errs, not how often it will at a provider. A test holds the page to the runs. A check
that misfires at one provider [can be asked less loudly](../how_to/tune_a_check.md).

This page is made by `python -m quality.generate` from `quality/catalogue.yaml` and the examples in
`tests/spec/quality`, which are run as tests. [At the end](#the-proposed-rules) is where each proposed rule is
asked.
"""
PROPOSED = """\
## The proposed rules

Ninety-eight rules were proposed for this data. Each is asked somewhere, or cannot be broken here: none is
lost silently. Why some differ from the proposal is told in
[Checks that differ from the list](../explanation/checks_that_differ_from_the_list.md).
"""
OF_AN_EXPORT = """\
It is answered of each row when the export is read, before there is a record. *Unknown* means that the whole
export is refused with the error named: then nothing is said of any row of that source, and what was told of
them before stays as it stands. The examples are read from these lines, by the connector that reads files and
by this mapping:"""
PLACES = {
    Place.CHECK: "check",
    Place.MAPPING: "when the export is read",
    Place.PULL: "of the export as a whole",
    Place.RELEASE: "of what would leave",
    Place.FIGURE: "a figure, not a check",
    Place.NOWHERE: "nowhere: it cannot be broken",
}


def page() -> str:
    """Return the whole reference page."""
    examples = {file.check: file for file in read_examples()}
    measured, wrongly = stated(), errs()
    parts = [INTRODUCTION, *_summary(), ""]
    for check in catalogue():
        parts += _section(
            check,
            examples.get(check.id, Examples(check=check.id, examples=())),
            measured[check.id],
            wrongly.get(check.id, ""),
        )
    parts += [PROPOSED, *_proposed()]
    return "\n".join(parts).rstrip() + "\n"


def _summary() -> Iterator[str]:
    yield from _table(
        ("check", "record", "field", "severity", "effect", "what the provider reads"),
        (
            (
                f"[{check.id}](#{check.id.lower()})",
                _entity(check),
                _fields(check),
                check.severity.value,
                check.effect.value,
                check.message,
            )
            for check in catalogue()
        ),
    )


def _proposed() -> Iterator[str]:
    yield from _table(
        ("rule", "asked", "by", "what was mended, and why"),
        ((rule.rule, PLACES[rule.asked], _asked_by(rule), rule.why) for rule in rules()),
    )


def _asked_by(rule: Rule) -> str:
    if rule.asked is not Place.CHECK:
        return f"`{rule.by}`" if rule.by else ""
    return ", ".join(f"[{name}](#{name.lower()})" for name in rule.by.split(", "))


def _section(check: Check, file: Examples, measured: str, wrongly: str) -> Iterator[str]:
    yield f"## {check.id}\n\n{check.message}\n"
    yield from _table(
        ("", ""),
        (
            ("asked of", f"{_entity(check)}: {check.applies}"),
            ("effect", EFFECTS[check.effect] + (f" ({', '.join(check.blanks)})" if check.blanks else "")),
            ("severity", check.severity.value),
            ("how to mend it", check.mend),
            ("why it matters", check.why),
            ("standard", check.standard or "none"),
            ("source of the rule", check.source),
            ("how often it is right", measured),
            *((("told though right", wrongly),) if wrongly else ()),
        ),
    )
    yield ""
    if file.mapping:
        yield f"{OF_AN_EXPORT}\n\n```yaml\n{file.mapping}```\n"
    shown = [(one.says, _given(check, one), _answered(one)) for one in file.examples]
    if shown:
        yield from _table(("example", "given", "answer"), shown)
        yield ""


def _fields(check: Check) -> str:
    if len(check.named) > 5:
        return f"{check.named[0]} to {check.named[-1]}"
    return ", ".join(check.named) or "its own"


def _entity(check: Check) -> str:
    if check.entity == SUBMISSION:
        return "a whole provider"
    if check.entity != EVERY:
        return check.entity
    return ", ".join(check.only) or "every record"


def _counted(example: Example) -> str:
    """Return what an example of a whole provider gives, as short code."""
    parts = []
    for period, kinds in example.counts.items():
        told = ", ".join(f"{number} {kind.replace('_', ' ')}" for kind, number in kinds.items())
        parts.append(f"{period}: {told}")
    lost = {True: "rows lost", False: "whole", None: "not read"}
    parts += [f"{name}: {lost[answer]}" for name, answer in example.lost.items()]
    parts += [f"{name}: not given" for name in example.without]
    parts += [f"percent {example.percent:g}"] if example.percent is not None else []
    return f"{example.about}: `{'; '.join(parts) or 'nothing'}`"


def _given(check: Check, example: Example) -> str:
    return _read(example) if check.told_by_mapping else _shown(entity_of(check.id, example), example)


def _answered(example: Example) -> str:
    return f"{example.answer}, naming {example.names}" if example.names else example.answer


def _read(example: Example) -> str:
    """Return the export of an example line by line, and what is to be known of it."""
    lines = [f"`{line}`" for line in example.export.splitlines()]
    parts = [" ⏎ ".join(lines), *([f"row {example.row}"] if example.row > 1 else [])]
    parts += ["cells by name"] if example.by_name else []
    parts += [f"refused: {example.refused}"] if example.refused else []
    return "; ".join(parts)


def _shown(entity: str, example: Example) -> str:
    """Return what the example gives, as short code."""
    if entity == SUBMISSION:
        return _counted(example)
    parts = _told(entity, example.record)
    parts += [f"{name}: could not be read" for name in example.unreadable]
    parts += [f"{name}: not given" for name in example.without]
    parts += [f"test range {digits}" for digits in example.test_ranges]
    parts += [] if example.postcode_lookup else ["no look-up"]
    parts += [f"district {example.district}"] if example.district else []
    for name, rows in example.beside.items():
        parts += [f"{name}({', '.join(_told(name, row))})" for row in rows] or [f"no {name}"]
    prefix = f"{example.entity}: " if example.entity else ""
    return prefix + (f"`{'; '.join(parts)}`" if parts else "nothing entered")


def _told(entity: str, row: Row) -> list[str]:
    return [f"{name} = {_word(value_of(entity, name, value))}" for name, value in row.items()]


def _word(value: Any) -> str:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "not said" if value is None else str(value)


def _table(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    for row in (header, ("---",) * len(header), *rows):
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"


if __name__ == "__main__":
    write_atomic(PAGE, page().encode("utf-8"), private=False)
