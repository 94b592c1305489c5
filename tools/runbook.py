"""docs/reference/runbook/: a page per exit code, from the error classes and the words beside this file."""

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

from common.errors import ViaductError
from reports.exit_codes import EXIT_MEANINGS
from scheduler.who_acts import who_acts

WORDS = Path(__file__).with_name("runbook.md")
SECTION = re.compile(r"(?ms)^## (\d+)\n\n(.+?)\n\n(1\. .+?)(?=\n+## |\n*\Z)")
ACTS_WITHOUT_ERROR = {0: "Nobody.", 1: "The providers, by their worklists."}
Found = Callable[[], list[type[ViaductError]]]


def runbook_pages(found: Found, made: str) -> dict[str, Callable[[], str]]:
    """Return what writes each page, by its path below docs/reference.

    Given: what returns every class of error, and the line that says where the page comes from.
    """
    return {f"runbook/{code}.md": partial(_page, code, found, made) for code in EXIT_MEANINGS}


def words_of(code: int) -> tuple[str, str]:
    """Return how things stand after the exit code, and the steps to take, as Markdown."""
    said = {
        int(number): (stands, steps) for number, stands, steps in SECTION.findall(WORDS.read_text("utf-8"))
    }
    return said[code]


def _page(code: int, found: Found, made: str) -> str:
    stands, steps = words_of(code)
    errors = [error for error in found() if error.exit_code == code]
    lines = [f"# Exit {code}: {EXIT_MEANINGS[code].means}", "", made, ""]
    lines += [f"**Who acts first.** {_who(code, errors)}", "", f"**How things stand.** {stands}", ""]
    lines += ["## What to do first", "", steps, ""]
    if errors:
        lines += ["## Which error it was", "", "The first word of the four lines is its code.", ""]
    for error in errors:
        lines += _of_error(error)
    return "\n".join([*lines, "All [exit codes](../exit_codes.md) · all [errors](../errors.md)", ""])


def _who(code: int, errors: list[type[ViaductError]]) -> str:
    asked = sorted({who_acts(error.code).value for error in errors})
    if len(asked) > 1:
        return f"As the error says below: {' or '.join(asked)}."
    return f"{asked[0]}." if asked else ACTS_WITHOUT_ERROR.get(code, "IT.")


def _of_error(error: type[ViaductError]) -> list[str]:
    told = " ".join((error.__doc__ or "").strip().split("\n\n")[0].split())
    return [
        f"### {error.code} {error.title}",
        "",
        told,
        "",
        f"- Who acts: {who_acts(error.code)} · first: **{error.answer}**",
        f"- What to do: {error.remedy}",
        "",
    ]
