"""A provider checks its own export with the site's rules: nothing leaves the machine, nothing is kept."""

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from commands import say
from commands.options import JsonOption, SiteOption, known, lands_in_a_folder, site_folder
from common.files import write_atomic
from config.site import Site

if TYPE_CHECKING:
    from reports.provider import Worklist as Made
    from sync.precheck import Prechecked

MOST_SHOWN = 50
BEFORE_SENDING = "Mend a record in your own system, take the extract again, and check that before it is sent."


def precheck(
    context: typer.Context,
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", exists=True, help="Exports, or a folder or .zip of them."),
    ],
    provider: Annotated[str, typer.Option(help="Whose exports they are.")],
    source: Annotated[
        str | None, typer.Option(help="Of which of the provider's sources, if there are several.")
    ] = None,
    html: Annotated[Path | None, typer.Option(help="Write the worklist as a page into this file.")] = None,
    csv: Annotated[
        Path | None, typer.Option(help="Write the worklist for a spreadsheet into this file.")
    ] = None,
    json: JsonOption = False,
    site: SiteOption = None,
) -> int:
    """Check a provider's own exports before they are sent."""
    from commands.progress import watching
    from config.site import load_rules
    from sync.precheck import precheck as look

    place = load_rules(site_folder(context, site))
    known([provider], sorted(place.providers), "provider")
    lands_in_a_folder(html, csv)
    name = _source(place, provider, source)
    with watching(quiet=json) as watcher:
        found = Worklist(place, name, look(place, name, files, watcher))
    for path, content in ((html, found.page), (csv, found.csv)):
        if path is not None:
            write_atomic(path, content())
            say.words(f"Written: {path.as_posix()}")
    if json:
        say.as_json(found.as_json())
    else:
        _show(found, files_asked_for=html is not None or csv is not None)
    return found.exit_code


def _source(site: Site, provider: str, named: str | None) -> str:
    """Return the source that is meant: the one named, or the provider's only one."""
    own = [name for name, source in sorted(site.sources.items()) if source.provider == provider]
    if named is not None:
        known([named], own, f"source of {provider}")
        return named
    if len(own) == 1:
        return own[0]
    few = f"it has {', '.join(own)}: name one with --source" if own else "no source of this site is its own"
    raise typer.BadParameter(f"--provider {provider}: {few}")


@dataclass
class Worklist:
    """What was found, in the forms in which a provider is told of it."""

    site: Site = field(repr=False)
    source: str
    found: "Prechecked" = field(repr=False)

    @property
    def exit_code(self) -> int:
        """Return 1 where there is something to mend, else 0."""
        return 0 if self.found.findings.is_empty() else 1

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Return one dictionary for each finding, the gravest first."""
        from quality.answers import record_name

        order = {"error": 0, "warning": 1, "info": 2}
        named = self.found.findings.with_columns(record_name("reference", "row").alias("reference"))
        rows = named.drop("row").unique(maintain_order=True).to_dicts()
        return sorted(rows, key=lambda row: (order[row["severity"]], row["check"], row["reference"]))

    def page(self) -> bytes:
        """Return the page that a night would make of this."""
        return self._worklist.html()

    def csv(self) -> bytes:
        """Return the list for a spreadsheet."""
        return self._worklist.csv()

    @property
    def _worklist(self) -> "Made":
        from commands.pages import words_of
        from common import clock
        from quality import catalogue
        from quality.life import public_code
        from reports.provider import Setting, worklist
        from reports.worklist_readings import CheckWords, FindingRow

        words = words_of(self.site, self.site.sources[self.source].provider, (self.source,))
        seen = partial(FindingRow, first_seen=clock.today())
        named = ("source", "entity", "reference", "check", "field")
        rows = [seen(**row, code=public_code(*(row[name] for name in named))) for row in self.rows]
        checks = {check.id: CheckWords.model_validate(check, from_attributes=True) for check in catalogue()}
        around = Setting(self.site.name, sample=self.site.sample, forms=(), close=BEFORE_SENDING)
        return worklist(words, rows, checks, setting=around)

    def as_json(self) -> dict[str, Any]:
        """Return all of it as data: codes and references, never a value."""
        from quality import check_named

        told = self.found.source.to_json()
        kept = (
            "source",
            "provider",
            "extracted_at",
            "complete",
            "exports",
            "unknown_columns",
            "arrived",
            "cells",
        )
        findings = [
            {**row, "message": check_named(row["check"]).message, "mend": check_named(row["check"]).mend}
            for row in self.rows
        ]
        return {
            **{name: told[name] for name in kept},
            "exit_code": self.exit_code,
            "missing": self.found.missing,
            "passed_over": self.found.passed_over,
            "checks": self.found.summary.checks,
            "findings": findings,
        }


def _show(worklist: Worklist, *, files_asked_for: bool) -> None:
    from quality import check_named

    found = worklist.found
    for export, counts in found.source.exports.items():
        say.words(f"{export}: {counts.rows:,} rows, {counts.read:,} of them records.")
        for column in found.source.unknown_columns.get(export, ()):
            say.words(f"  {column} is not known to the council, and was not read.")
    for name in found.passed_over:
        say.words(f"{name}: no export of this system; it was passed over.")
    if found.missing:
        say.words(f"Not handed over: {', '.join(found.missing)}. What needs them was not asked.")
    rows = worklist.rows
    shown = rows[:MOST_SHOWN]
    if shown:
        say.table(
            "To be mended",
            ("record", "field", "check", "severity", "what is wrong", "how to mend it"),
            (
                (
                    row["reference"],
                    f"{row['entity']}.{row['field']}",
                    row["check"],
                    row["severity"],
                    check_named(row["check"]).message,
                    check_named(row["check"]).mend,
                )
                for row in shown
            ),
        )
    if len(rows) > len(shown) and not files_asked_for:
        say.words(f"The first {len(shown)} are shown; --html FILE or --csv FILE writes them all.")
    say.words(f"{len(rows):,} findings. Nothing left this machine, and nothing was kept.")
