"""Council side: publish the figures of a period from the warehouse, and verify what was published."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from commands import say
from commands.case_reviews import case_reviews
from commands.options import JsonOption, KeysOption, SiteOption, opened, site_folder
from common import clock

if TYPE_CHECKING:
    from feed.periods import Period
    from feed.release.build import Published

feed = typer.Typer(help="Council side: publish figures, and verify what was published.")
feed.command("case-reviews")(case_reviews)


@feed.callback(invoke_without_command=True)
def build(
    context: typer.Context,
    period: Annotated[
        str | None,
        typer.Option(help="2022-23-Q3 (a financial quarter), 2022-04, 2022-04..2022-11, or 2022-23."),
    ] = None,
    revise: Annotated[
        bool,
        typer.Option(
            "--revise", help="Publish numbers that changed since before their day, as a revision of theirs."
        ),
    ] = False,
    print_grants: Annotated[
        bool,
        typer.Option(
            "--print-grants", help="Print what a PostgreSQL server needs for the views; publish nothing."
        ),
    ] = False,
    json: JsonOption = False,
    site: SiteOption = None,
) -> int:
    """Council side: publish the figures of a period.

    Without --period: the last financial quarter that is over. Where no figure is another, nothing is new.
    """
    if context.invoked_subcommand is not None:
        return 0
    from commands.pages import build_pages
    from commands.publishing import publish_feed
    from feed.periods import latest_quarter, parse
    from feed.targets import require_targets

    if print_grants:
        _print_grants(site_folder(context, site))
        return 0
    wanted = parse(period) if period else latest_quarter(clock.today())
    place = opened(site_folder(context, site))
    require_targets(place)
    published = publish_feed(place, wanted, revise=revise)
    build_pages(place)
    headlines = _headlines(published.folder, wanted)
    if json:
        say.as_json(_told(published, wanted) | {"figures": headlines})
    else:
        _show(published, wanted, headlines)
    return 0


@feed.command()
def verify(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="The folder of a release.")],
    keys: KeysOption = None,
    json: JsonOption = False,
    site: SiteOption = None,
) -> int:
    """Verify a release: its signature, and every file against its digest.

    With --keys the publisher's feed.pub is in that folder, and no site is needed.
    """
    from feed.release.signature import ROLE, verified
    from sealing.earlier import earlier_verifiers
    from sealing.keys import load_verifier

    public = keys or opened(site_folder(context, site)).keys.public
    before = (earlier.verifier for earlier in earlier_verifiers(ROLE, public))
    said = verified(folder, (load_verifier(ROLE, public), *before))
    ours = said["viaduct"]
    if json:
        say.as_json({"period": ours["period"], "edition": ours["edition"], "files": len(said["resources"])})
    else:
        say.words(
            f"{said['title']}: edition {ours['edition']}, as published; {len(said['resources'])} files."
        )
    return 0


@feed.command()
def contract(
    context: typer.Context,
    flow: Annotated[str, typer.Option(help="The flow whose tables it is about.")] = "commissioning",
    site: SiteOption = None,
) -> int:
    """Print the contract of a flow's tables in the warehouse, as they are now: ODCS 3.1, in YAML.

    Kept, and asked again later by datacontract-cli, it tells what has changed since.
    """
    from commands.publishing import contract_of

    say.data(contract_of(opened(site_folder(context, site)), flow).rstrip())
    return 0


def _print_grants(folder: Path) -> None:
    from commands.publishing import grants_of_views

    grants = grants_of_views(opened(folder))
    if grants is None:
        raise typer.BadParameter(
            "feed.views in site.yaml names no server; the file of the views needs no roles"
        )
    typer.echo(grants, nl=False)


def _headlines(folder: Path, period: "Period") -> list[dict[str, Any]]:
    """Return the figures of the whole borough and period, as they were published."""
    import polars as pl

    from feed.declared import declarations
    from feed.release.files import rows_of

    names = [each.topic for each in declarations().topics]
    kept = (folder / f"{name}.parquet" for name in names)
    rows = pl.concat(rows_of(path.read_bytes()) for path in kept if path.is_file())
    whole = (pl.col("breakdown") == "borough") & (pl.col("period") == period.label)
    columns = ("kpi", "statistic", "value", "unit", "shown")
    return rows.filter(whole, pl.col("statistic") != "completeness").select(columns).to_dicts()


def _told(published: "Published", period: "Period") -> dict[str, Any]:
    return {
        "period": period.label,
        "edition": published.edition,
        "new": published.is_new,
        "revised": published.revised,
        "folder": published.folder.as_posix(),
    }


def _show(published: "Published", period: "Period", headlines: list[dict[str, Any]]) -> None:
    from feed.declared import declarations

    names = {identity: kpi.name for identity, kpi in declarations().kpis.items()}
    say.table(
        f"Figures, {period.words}",
        ("figure", "name", "value", "unit"),
        (
            (each["kpi"], names.get(each["kpi"], ""), _number(each), f"{each['unit']}{_statistic(each)}")
            for each in headlines
        ),
    )
    what = "as it was: no figure is another" if not published.is_new else "new"
    revised = f", {published.revised:,} numbers revised" if published.revised else ""
    say.words(f"Edition {published.edition} ({what}{revised}): {published.folder.as_posix()}")


def _number(row: dict[str, Any]) -> str:
    value = row["value"]
    if value is None:
        return str(row["shown"])
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,}"


def _statistic(row: dict[str, Any]) -> str:
    return "" if row["statistic"] in {"count", "percent", "ratio"} else f", {row['statistic']}"
