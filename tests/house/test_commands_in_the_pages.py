"""Every command that a page or an error names can be typed: its verbs and its options are there."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
import typer.main
from typer.core import TyperGroup

from commands.app import app_of
from tests.house.test_house import FILES, PRODUCT, name_of

ROOT = Path(__file__).parents[2]
PAGES = [path for path in FILES if path.suffix == ".md"]
TOP = cast("TyperGroup", typer.main.get_command(app_of()))
FENCED = re.compile(r"(?ms)^\s*```[^\n]*\n(.*?)^\s*```")
SPAN = re.compile(r"`([^`]+)`")
DOOR = re.compile(r"run_sync\.py[ \t]+([^\n|;`)]*)")
LEFT_OPEN = re.compile(r"[A-Z…{<\[…-]")
"""A word that stands for another: VERB, {verb}, …; there is no verb to look for."""


def of_page(text: str) -> Iterator[str]:
    """Yield every command of a page, without the name of the program; bare verbs in code count as well."""
    joined = re.sub(r"\\\n\s*", " ", text)
    fenced = "\n".join(FENCED.findall(joined))
    prose = FENCED.sub("", joined)
    yield from DOOR.findall(fenced)
    for span in (" ".join(each.split()) for each in SPAN.findall(prose)):
        first, *more = span.split(" ")
        if "run_sync.py" in span:
            yield from DOOR.findall(span)
        elif more and first in TOP.commands and not LEFT_OPEN.match(more[0].lstrip("-")):
            yield span
    yield from DOOR.findall(SPAN.sub("", prose))


def of_source(text: str) -> Iterator[str]:
    """Yield every command that the strings of a source file name, an error's remedy among them."""
    tree = ast.parse(text)
    inside = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts = (part.value if isinstance(part, ast.Constant) else "X" for part in node.values)
            yield from of_page("".join(map(str, parts)))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside:
            yield from DOOR.findall(node.value)


def unknown(command: str) -> str | None:
    """Return the first word of the command that the command line does not know, or None."""
    at: object = TOP
    options, words = set(_options(TOP)), iter(command.partition(" #")[0].split())
    for word in words:
        said = word.strip("\"'.,:?*[]").split("=")[0]
        if said.startswith("--"):
            if said not in options:
                return said
            if isinstance(at, TyperGroup) and said in _with_a_value(at) and "=" not in word:
                next(words, None)
        elif isinstance(at, TyperGroup) and not LEFT_OPEN.match(said or "…"):
            if said not in at.commands:
                return said
            at = at.commands[said]
            options |= set(_options(at))
    return None


def _options(command: object) -> Iterator[str]:
    yield "--help"
    for parameter in command.params:  # type: ignore[attr-defined]
        yield from (*parameter.opts, *parameter.secondary_opts)


def _with_a_value(command: TyperGroup) -> set[str]:
    return {opt for one in command.params if not getattr(one, "is_flag", False) for opt in one.opts}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_command_of_a_page_can_be_typed(page: Path) -> None:
    """Inline, fenced or in a sentence: whoever copies a command from a page is not told that it is none."""
    named = list(of_page(page.read_text(encoding="utf-8")))
    assert [(command, word) for command in named if (word := unknown(command))] == []


def test_every_command_that_an_error_or_a_word_of_ours_names_can_be_typed() -> None:
    """What a remedy tells an operator to type at three in the morning is there."""
    named = [each for path in PRODUCT for each in of_source(path.read_text(encoding="utf-8"))]
    assert len(named) > 30
    assert [(command, word) for command in named if (word := unknown(command))] == []


def test_the_search_sees_what_is_not_there() -> None:
    """A verb, a verb below a verb and an option that are none are found, however they are written."""
    page = (
        "Type `python run_sync.py\npauze`, or `audit forgit`, or `run --fully`:\n\n"
        "```\npython run_sync.py dpia check old.yaml \\\n  --silently\n```\n\nor run_sync.py retention now.\n"
    )
    found = [word for command in of_page(page) if (word := unknown(command))]
    assert sorted(found) == sorted(["pauze", "forgit", "--fully", "--silently", "now"])
    remedy = 'class A:\n    remedy = f"Stop it: python run_sync.py keys {role} --hard"\n'
    assert [unknown(command) for command in of_source(remedy)] == ["--hard"]
    assert unknown("run --full --dry-run") is None
    assert unknown("findings --provider hub --week") is None
    assert unknown("findings --provider hub imports back.csv") == "imports"
