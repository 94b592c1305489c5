"""The worklist: which records to mend, and how; what providers were asked, and what they answered."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from commands import findings_acts, findings_import, say
from commands.options import JsonOption, SiteOption, known, lands_in_a_folder, opened, site_folder
from config.site import Site

findings = typer.Typer(help="Which records to mend, and how; answers of providers.")
findings.command("import")(findings_import.import_answers)
for name, act in findings_acts.ACTS.items():
    findings.command(name)(act)
ProviderOption = Annotated[str | None, typer.Option(help="Only the records of this provider.")]


@findings.callback(invoke_without_command=True)
def worklist(
    context: typer.Context,
    provider: ProviderOption = None,
    csv: Annotated[
        Path | None, typer.Option(dir_okay=False, help="Write the worklist into this file, safe to open.")
    ] = None,
    xlsx: Annotated[
        Path | None, typer.Option(dir_okay=False, help="The same as a workbook, with lists to answer by.")
    ] = None,
    week: Annotated[
        bool, typer.Option("--week", help="Only what providers are asked to mend this week.")
    ] = False,
    json: JsonOption = False,
    site: SiteOption = None,
) -> int:
    """Show which records to mend, and how.

    Without --week all there is: what is to be mended, what waits for its delivery, what was answered.
    """
    if context.invoked_subcommand is not None:
        _stands_alone(context)
        return 0
    place = opened(site_folder(context, site))
    known([provider] if provider else None, sorted(place.providers), "provider")
    lands_in_a_folder(csv, xlsx)
    found = open_findings(place, provider)
    if week:
        codes = this_week(place)
        found = [finding for finding in found if finding.code in codes]
    if csv is not None or xlsx is not None:
        _write(place, {finding.code for finding in found}, csv, xlsx)
    if json:
        causes = causes_of_sources(place, {finding.source for finding in found})
        say.as_json([_shown(finding, causes) for finding in found])
    elif csv is None and xlsx is None:
        _show(found)
        _say_what_is_asked(place, provider)
    return 0


@findings.command()
def burden(
    context: typer.Context, provider: ProviderOption = None, json: JsonOption = False, site: SiteOption = None
) -> int:
    """Show how much each provider was asked to mend, week by week, in findings and minutes."""
    from commands.asked_lists import burden_told

    place = opened(site_folder(context, site))
    known([provider] if provider else None, sorted(place.providers), "provider")
    told = [one for one in burden_told(place) if provider in {None, one["provider"]}]
    if json:
        say.as_json(told)
    else:
        columns = ("provider", "week", "findings", "minutes")
        say.table("What providers were asked", columns, ([one[name] for name in columns] for one in told))
    return 0


def open_findings(site: Site, provider: str | None) -> list[Any]:
    """Return the living findings of a provider's sources, or of all."""
    from quality import FindingStore

    store = FindingStore.of(site)
    sources = [name for name, source in sorted(site.sources.items()) if provider in {None, source.provider}]
    return [finding for source in sources for finding in store.open(source)]


def causes_of_sources(site: Site, sources: Iterable[str]) -> dict[tuple[str, str, str, str], str]:
    """Return what most findings share, in a sentence, by source, entity, check and field."""
    from quality import CountStore

    causes = CountStore.of(site).causes(set(sources))
    return {(each.source, each.entity, each.check, each.field): each.sentence for each in causes}


def this_week(site: Site) -> frozenset[str]:
    """Return the codes of what the providers are asked this week."""
    from commands.asked_lists import asks

    return frozenset(line.finding.code for ask in asks(site) for line in ask.listed)


def _stands_alone(context: typer.Context) -> None:
    """Refuse what belongs to another verb: an option before its name would be passed over."""
    given = [name for name, value in context.params.items() if value]
    if given:
        raise typer.BadParameter(f"write --{given[0]} after {context.invoked_subcommand}")


def _write(site: Site, codes: set[str], csv: Path | None, xlsx: Path | None) -> None:
    """Write the worklist of one provider, or all worklists one after the other, into the files asked for."""
    from commands.pages import site_worklists
    from common import clock
    from common.files import write_atomic
    from reports.worklist_files import csv_of, xlsx_of

    lines = [line for each in site_worklists(site) for line in each.lines if line.finding.code in codes]
    for path, form in ((csv, csv_of), (xlsx, partial(xlsx_of, today=clock.today()))):
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
        ("code", "source", "record", "field", "check", "severity", "how to mend it", "state", "since", "due"),
        (
            (
                f.code,
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


def _say_what_is_asked(site: Site, provider: str | None) -> None:
    from commands.status import asked_now

    asked = [one for one in asked_now(site) if provider in {None, one["provider"]}]
    for one in asked:
        minutes = f"about {one['minutes']:,.0f} minutes of mending"
        say.words(f"Asked of {one['provider']} this week: {one['findings']:,} findings, {minutes}.")


def _by_state(found: list[Any]) -> str:
    from quality import LIVING, State

    counts = Counter(finding.state for finding in found)
    told = [f"{counts[state]:,} {state}" for state in State if state in LIVING and counts[state]]
    return ", ".join(told) or "none"
