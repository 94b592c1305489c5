"""What is wrong with declared files: each problem with its file and line, all of them in one error."""

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from common.errors import Answer, Failure, ViaductError
from config.characters import escaped, shown
from config.tree import line_of

MOST_TOLD = 100


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a declared file: where, and what. What is not printable is told as an escape."""

    file: Path
    line: int
    text: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", shown(self.text))

    def __str__(self) -> str:
        return f"{escaped(self.file.as_posix())}, line {self.line}: {self.text}"


class DocumentRefused(ViaductError):
    """A declared file (site, source, mapping, DPIA) does not load; every problem is listed."""

    lists_places = True
    code = "E101"
    exit_code = 10
    title = "A declared file does not load."
    answer = Answer.PUT_RIGHT
    failure = Failure.CONFIG
    remedy = "Correct the file, then: python run_sync.py check"

    def __init__(self, problems: Iterable[Problem], *, remedy: str | None = None) -> None:
        self.problems = list(_told(problems))
        sent = "Nothing was read and nothing was sent."
        super().__init__("\n".join(map(str, self.problems)), sent=sent, remedy=remedy)


def _told(problems: Iterable[Problem]) -> Iterator[Problem]:
    """Yield each problem once; of a file with very many, the first hundred and how many more there are."""
    by_file: dict[Path, list[Problem]] = {}
    for problem in dict.fromkeys(problems):
        by_file.setdefault(problem.file, []).append(problem)
    for file, found in by_file.items():
        yield from found[:MOST_TOLD]
        if len(found) > MOST_TOLD:
            yield Problem(file, found[MOST_TOLD].line, f"{len(found) - MOST_TOLD} problems more.")


@dataclass(frozen=True)
class Place:
    """Where each key of a loaded document stands, so that later checks can name file and line.

    words: the text that the tree was read from, where there is one.
    """

    file: Path
    tree: Any = field(repr=False)
    words: str = field(default="", repr=False)

    def line(self, *path: str | int) -> int:
        """Return the line (from 1) of the key or item at the path, or of its nearest parent."""
        return line_of(self.tree, path)

    def problem(self, text: str, *path: str | int) -> Problem:
        """Return a Problem at the path."""
        return Problem(self.file, self.line(*path), text)


def suggest(word: str, known: Iterable[str]) -> str:
    """Return ' Did you mean …?' for the nearest known word, or nothing."""
    near = difflib.get_close_matches(word[:200], list(known), n=1, cutoff=0.6)
    return f" Did you mean {near[0]}?" if near else ""
