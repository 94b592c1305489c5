"""What a new assessment would change of tonight's exports, said by `dpia diff --replay`."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from commands import say
from commands.last_resort import tell
from commands.options import opened
from common import clock


@dataclass(frozen=True)
class Replayed:
    """The counts as JSON, the same as lines for people, and the exit code of what could not be read."""

    said: dict[str, Any]
    lines: list[str]
    exit_code: int


def replayed(folder: Path, old: Path, new: Path, *, quiet: bool) -> Replayed:
    """Pull once and decide under both; say on stderr what kept a source or a register from being used.

    Errors: those of the site, of either file, and of a run that cannot begin.
    """
    from commands.progress import watching
    from sharing import load_dpia
    from sync.examples import answers
    from sync.replay import replay, sentences, to_json

    site = opened(folder)
    before, after = (load_dpia(path, sources=site.known_sources) for path in (old, new))
    with watching(quiet=quiet) as watcher:
        told = replay(site, before, after, watcher)
    for error in told.errors:
        tell(error)
    failing = [answer.to_json() for answer in answers(after) if answer.wrong]
    said = to_json(told) | {
        "new_status": after.status.value,
        "new_not_in_force_because": after.why_not_in_force(clock.today()),
        "new_examples_failing": failing,
    }
    return Replayed(said, [*_around(said), *sentences(told)], told.exit_code)


def _around(said: dict[str, Any]) -> Iterator[str]:
    from reports.assessment_diff import flagged_words

    read = [one["source"] for one in said["sources"] if one["outcome"] == "done"]
    yield (
        f"Tonight's exports of {', '.join(read) or 'no source'}: {said['people']:,} people, under the safety "
        f"flag {flagged_words(said['flagged'])}"
    )
    yield said["counted_as"]
    for one in said["sources"]:
        if one["outcome"] != "done":
            yield f"Not read, so not counted: {one['source']}"
    for example in said["new_examples_failing"]:
        wrong = "; ".join(example["wrong"])
        yield f"Example {example['example']} of the new file fails, and no run would start: {wrong}"


def show(told: Replayed, new: Path) -> None:
    """Write the replay for people: lines to stdout, what it is to stderr."""
    said = told.said
    say.words("\nWhat would become of tonight's exports. Nothing was delivered, logged or remembered.")
    if said["new_not_in_force_because"]:
        say.words(f"{new.as_posix()} is {said['new_status']} and does not run as it is; it was only tried.")
    for line in told.lines:
        say.data(line)
