"""Write the reference pages that are made from the code: `python -m tools.reference`.

A test asks that the pages in docs/reference/ are what this makes today.
"""

import importlib
import pkgutil
from collections.abc import Callable
from pathlib import Path

from common.errors import ViaductError

ROOMS = (
    "audit",
    "canonical",
    "commands",
    "common",
    "config",
    "connectors",
    "feed",
    "mappings",
    "quality",
    "reports",
    "scheduler",
    "sealing",
    "sharing",
    "sync",
    "warehouse",
)
NEED_AN_EXTRA = {"warehouse.destination_flow", "warehouse.destination_line"}
"""Modules of a library that is no part of every installation; they declare no error."""
FOLDER = Path(__file__).parent.parent / "docs" / "reference"
BANDS = {
    "E1": "The site and its files",
    "E2": "Mappings and the canonical schema",
    "E3": "Sources and the landing zone",
    "E4": "Keys and seals",
    "E5": "The warehouse",
    "E6": "The disclosure log",
    "E7": "The assessment (DPIA)",
    "E8": "A run as a whole",
    "E9": "Other",
}
MADE = "<!-- Made by `python -m tools.reference`; change the code, not this page. -->"


def every_error() -> list[type[ViaductError]]:
    """Return every class of error that has a code, by code, once all rooms are imported."""
    for room in ROOMS:
        package = importlib.import_module(room)
        found = pkgutil.walk_packages(package.__path__, f"{room}.")
        for module in (each for each in found if each.name not in NEED_AN_EXTRA):
            importlib.import_module(module.name)
    return [ViaductError.registry[code] for code in sorted(ViaductError.registry)]


def errors_page() -> str:
    """Return docs/reference/errors.md."""
    lines = [
        "# Errors",
        "",
        MADE,
        "",
        "Every error is four lines: what happened, where, whether anything was sent,",
        "and what to do. Findings are about the data and stand in the worklists; errors are about us.",
        "",
    ]
    band = ""
    for error in every_error():
        if BANDS[error.code[:2]] != band:
            band = BANDS[error.code[:2]]
            lines += [f"## {band}", ""]
        lines += [
            f"### {error.code} {error.title}",
            "",
            _first_words(error),
            "",
            f"- Class: `{error.__module__}.{error.__qualname__}`",
            f"- Exit code: {error.exit_code} · first: **{error.answer}** · kind: {error.failure}",
            f"- What to do: {error.remedy}",
            "",
        ]
    return "\n".join(lines)


def exit_codes_page() -> str:
    """Return docs/reference/exit_codes.md."""
    from reports.exit_codes import EXIT_MEANINGS  # noqa: PLC0415

    found = every_error()
    lines = [
        "# Exit codes",
        "",
        MADE,
        "",
        "An unknown code means failure. When several things went wrong, the",
        "largest code wins, signals aside.",
        "",
        "| code | means | what to do next | errors |",
        "|---|---|---|---|",
    ]
    for code, meaning in sorted(EXIT_MEANINGS.items()):
        told = ", ".join(f"[{e.code}](errors.md)" for e in found if e.exit_code == code)
        lines.append(f"| [{code}](runbook/{code}.md) | {meaning.means} | {meaning.next_step} | {told} |")
    return "\n".join([*lines, ""])


def _answers_page() -> str:
    from tools.answers import answers_page  # noqa: PLC0415 - as above

    return answers_page(MADE)


def _limits_page() -> str:
    from tools.limits import limits_page  # noqa: PLC0415 - as above

    return limits_page(MADE)


def _health_page() -> str:
    from tools.health_page import health_page  # noqa: PLC0415 - as above

    return health_page(MADE)


def _dpia_file_page() -> str:
    from tools.assessment_pages import dpia_file_page  # noqa: PLC0415 - as above

    return dpia_file_page(MADE)


def _law_packs_page() -> str:
    from tools.assessment_pages import law_packs_page  # noqa: PLC0415 - as above

    return law_packs_page(MADE)


def _dpia_schema() -> str:
    from sharing.reference import json_schema_text  # noqa: PLC0415 - as above

    return json_schema_text()


def _doctor_page() -> str:
    from sync.doctor.lines import KINDS  # noqa: PLC0415 - as above

    head = ["| code | says | exit | what | what to do |", "|---|---|---:|---|---|"]
    rows = [f"| {k.code} | {k.state} | {k.exit_code} | {k.title} | {k.remedy} |" for k in KINDS]
    words = (Path(__file__).with_name("doctor.md")).read_text(encoding="utf-8")
    return words.format(made=MADE, kinds="\n".join([*head, *rows]))


def _runbook() -> dict[str, Callable[[], str]]:
    from tools.runbook import runbook_pages  # noqa: PLC0415 - as above

    return runbook_pages(every_error, MADE)


PAGES = {
    "answers.md": _answers_page,
    "dpia-file.md": _dpia_file_page,
    "doctor.md": _doctor_page,
    "dpia.schema.json": _dpia_schema,
    "errors.md": errors_page,
    "exit_codes.md": exit_codes_page,
    "health.md": _health_page,
    "law-packs.md": _law_packs_page,
    "limits.md": _limits_page,
    **_runbook(),
}


def _first_words(error: type[ViaductError]) -> str:
    return " ".join((error.__doc__ or "").strip().split("\n\n")[0].split())


if __name__ == "__main__":
    (FOLDER / "runbook").mkdir(parents=True, exist_ok=True)
    for name, make in PAGES.items():
        (FOLDER / name).write_text(make(), encoding="utf-8", newline="\n")
