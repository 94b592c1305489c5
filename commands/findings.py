"""The worklist: which records to mend, and how."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from commands import say
from commands.options import JsonOption, SiteOption, known, opened, site_folder
from config.site import Site


def findings(
    context: typer.Context,
    provider: Annotated[str | None, typer.Option(help="Only the records of this provider.")] = None,
    csv: Annotated[Path | None, typer.Option(help="Write the worklist into this file, safe to open.")] = None,
    xlsx: Annotated[
        Path | None, typer.Option(help="The same as a workbook, with lists to answer by.")
    ] = None,
    json: JsonOption = False,
    site: SiteOption = None,
) -> int:
    """Show which records to mend, and how."""
    place = opened(site_folder(context, site))
    known([provider] if provider else None, sorted(place.providers), "provider")
    found = open_findings(place, provider)
    if csv is not None or xlsx is not None:
        _write(place, provider, csv, xlsx)
    if json:
        causes = causes_of_sources(place, {finding.source for finding in found})
        say.as_json([_shown(finding, causes) for finding in found])
    elif csv is None and xlsx is None:
        _show(found)
    return 0


def open_findings(site: Site, provider: str | None) -> list[Any]:
    """Return the open findings of a provider's sources, or of all."""
    from quality import FindingStore

    store = FindingStore.of(site)
    sources = [name for name, source in sorted(site.sources.items()) if provider in {None, source.provider}]
    return [finding for source in sources for finding in store.open(source)]


def causes_of_sources(site: Site, sources: Iterable[str]) -> dict[tuple[str, str, str, str], str]:
    """Return what most findings share, in a sentence, by source, entity, check and field."""
    from quality import CountStore

    causes = CountStore.of(site).causes(set(sources))
    return {(each.source, each.entity, each.check, each.field): each.sentence for each in causes}


def _write(site: Site, provider: str | None, csv: Path | None, xlsx: Path | None) -> None:
    """Write the worklist of one provider, or all worklists one after the other, into the files asked for."""
    from commands.pages import site_worklists
    from common.files import write_atomic
    from reports.worklist_files import csv_of, xlsx_of

    asked = [each for each in site_worklists(site) if provider in {None, each.provider.id}]
    lines = [line for each in asked for line in each.lines]
    for path, form in ((csv, csv_of), (xlsx, xlsx_of)):
        if path is not None:
            write_atomic(path, form(lines), private=True)
            say.words(f"{len(lines):,} findings written to {path.as_posix()}")


def _shown(finding: Any, causes: Mapping[tuple[str, str, str, str], str]) -> dict[str, Any]:
    from quality import check_named

    check = check_named(finding.check)
    cause = causes.get((finding.source, finding.entity, finding.check, finding.field))
    told = {"message": check.message, "mend": check.mend, "cause": cause}
    return {"code": finding.code, **asdict(finding), **told}


def _show(found: list[Any]) -> None:
    from quality import check_named

    say.table(
        "Findings",
        ("source", "record", "field", "check", "severity", "how to mend it", "state", "since", "due"),
        (
            (
                f.source,
                f.record,
                f"{f.entity}.{f.field}" if "." not in f.field else f.field,
                f.check,
                f.severity,
                check_named(f.check).mend,
                f.state,
                f.opened[:10],
                f.due or "-",
            )
            for f in found
        ),
    )
    say.words(f"{len(found):,} findings: {_by_state(found)}.")


def _by_state(found: list[Any]) -> str:
    from quality import LIVING, State

    counts = Counter(finding.state for finding in found)
    told = [f"{counts[state]:,} {state}" for state in State if state in LIVING and counts[state]]
    return ", ".join(told) or "none"
