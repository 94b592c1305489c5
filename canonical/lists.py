"""Code lists: the words a field may hold, each list a file with its source on the first line."""

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

FOLDER = Path(__file__).with_name("codes")


@cache
def code_rows(name: str) -> tuple[Mapping[str, str], ...]:
    """Return the list's rows with all their columns. Errors: KeyError for a list we do not have."""
    path = FOLDER / f"{name}.csv"
    if name not in code_lists():
        raise KeyError(name)
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return tuple(MappingProxyType(row) for row in csv.DictReader(lines))


@cache
def codes(name: str) -> Mapping[str, str]:
    """Return the list as code to label, in its own order. Errors: KeyError for a list we do not have."""
    return MappingProxyType({row["code"]: row["label"] for row in code_rows(name)})


@cache
def code_lists() -> tuple[str, ...]:
    """Return the names of all lists."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.csv")))


def code_source(name: str) -> str:
    """Return where the list comes from, as its first line says."""
    with (FOLDER / f"{name}.csv").open(encoding="utf-8") as file:
        return file.readline().removeprefix("# source:").strip()
