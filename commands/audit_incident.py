"""The incident pack: what a file, batch, key, run or provider concerns, told within minutes."""

import hashlib
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from commands import say
from commands.options import JsonOption, SiteOption, day, known, opened, site_folder
from common import clock
from common.clock import LONDON
from config.site import Site

if TYPE_CHECKING:
    from sync.incident import Asked

NAMED = "name one of --file, --batch, --key, --run, --provider; or days alone, by --since or --until"
FEW = 12


def incident(
    context: typer.Context,
    file: Annotated[
        str | None,
        typer.Option(help="A sealed file: its path, FLOW/NNNNNNNN-RUNID/FILE, or its SHA-256."),
    ] = None,
    batch: Annotated[str | None, typer.Option(help="A batch, as FLOW/NUMBER.")] = None,
    key: Annotated[
        str | None, typer.Option(help="A key that was lost or seen: its role, or a council's age1... key.")
    ] = None,
    run: Annotated[str | None, typer.Option(help="All batches of a run.")] = None,
    provider: Annotated[str | None, typer.Option(help="Everybody of one provider.")] = None,
    since: Annotated[str | None, typer.Option(help="Only batches logged from this day on.")] = None,
    until: Annotated[str | None, typer.Option(help="Only batches logged up to this day.")] = None,
    aware_at: Annotated[
        str | None, typer.Option(help="When somebody became aware (YYYY-MM-DDTHH:MM, London); else now.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(file_okay=False, help="Write into this folder (else var/incidents).")
    ] = None,
    json: JsonOption = False,
    site: SiteOption = None,
) -> int:
    """Tell whom an incident concerns: how many people, which fields, to whom, until when the ICO is told.

    The pack is written as JSON and as a page. It names nobody, and making it changes and logs nothing.
    """
    from sync.incident import incident_pack

    place = opened(site_folder(context, site))
    if not (place.var / "log").exists():
        raise typer.BadParameter("there is no disclosure log yet: nothing was ever sent")
    named = {"file": file, "batch": batch, "key": key, "run": run, "provider": provider}
    pack = incident_pack(place, _asked(place, named, since, until, aware_at))
    page = _written(place, pack, out)
    if json:
        say.as_json(pack)
    else:
        _show(pack, page)
    return 0


def _asked(
    place: Site, named: dict[str, str | None], since: str | None, until: str | None, aware_at: str | None
) -> "Asked":
    from sync.incident import Asked, By
    from sync.incident.scope import BATCH

    given = {by: name for by, name in named.items() if name is not None}
    if len(given) > 1 or not (given or since or until):
        raise typer.BadParameter(NAMED)
    by, name = next(iter(given.items()), ("days", ""))
    if by == "batch" and not BATCH.fullmatch(name):
        raise typer.BadParameter("a batch is written FLOW/NUMBER, as in early_help/12")
    if by == "provider":
        known([name], sorted(place.providers), "provider")
    return Asked(
        By(by),
        _digest(name) if by == "file" else name,
        _instant(aware_at) if aware_at else clock.now(),
        since=day(since) if since else None,
        until=day(until) if until else None,
    )


def _digest(name: str) -> str:
    """Return the SHA-256 of the file that lies at the path; of what is no file here, the name."""
    path = Path(name)
    if not path.is_file():
        return name
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _instant(word: str) -> datetime:
    """Return the instant that was typed; without an offset it is London's."""
    try:
        at = datetime.fromisoformat(word)
    except ValueError:
        at = None
    if at is None or (at if at.tzinfo else at.replace(tzinfo=LONDON)) > clock.now():
        raise typer.BadParameter("write when somebody became aware as YYYY-MM-DDTHH:MM, not in the future")
    return at if at.tzinfo else at.replace(tzinfo=LONDON)


def _written(place: Site, pack: dict[str, Any], out: Path | None) -> Path:
    """Write the pack as JSON and as a page; return where the page is."""
    from common.files import private_folder, write_atomic
    from reports.incident import incident_page
    from sync.outbox import as_json

    folder = private_folder(out or place.var / "incidents")
    name = f"incident-{pack['made_at'].replace(':', '').replace('-', '')}"
    write_atomic(folder / f"{name}.json", as_json(pack))
    write_atomic(folder / f"{name}.html", incident_page(pack))
    return folder / f"{name}.html"


def _show(pack: dict[str, Any], page: Path) -> None:
    people, flag = pack["people"], pack["people"]["flag"]
    told = "" if people["exact"] else f"{people['at_least']:,} to "
    say.data(f"People of whom rows were sent: {told}{people['at_most']:,}.")
    say.data(
        f"Under the safety flag, to be thought of first: {flag['under']:,}; not: {flag['not_under']:,};"
        f" not known: {flag['not_known']:,}."
    )
    say.data(f"The ICO is to be told until {say.local(pack['clock']['report_by'])}, if it is to be told.")
    if pack["key"]:
        say.data(pack["key"]["opens"])
    _show_rows(pack["rows"])
    for flow in pack["flows"]:
        say.data(f"Flow {flow['flow']}: to {flow['recipient']}, for: {flow['purpose']}")
        say.data(f"    agreement {flow['agreement']['id']}, assessment {flow['dpia']['version']}")
    for degree in pack["sensitivity"]:
        fields = ", ".join(degree["fields"][:FEW]) + (" ..." if len(degree["fields"]) > FEW else "")
        say.data(f"{degree['sensitivity']}: {len(degree['fields'])} fields: {fields}")
    for line in pack["not_known"]:
        say.words(f"Not known: {line}")
    say.words(f"Written: {page.as_posix()}, and the same as JSON beside it.")


def _show_rows(rows: dict[str, Any]) -> None:
    """Say how many rows there are; of one provider first those that are known to be its own."""
    columns = ("sent", "taken_back", "still_there", "there_by_another_batch")
    title, headings = "Rows", ("sent", "taken back", "there as sent", "there by another batch")
    if rows["at_most"]:
        columns = ("still_there", "there_by_another_batch", "sent", "taken_back")
        title = "Rows: the provider's own that are at the recipient; then those of all providers"
        headings = ("its own, there as sent", "there by another batch", "all providers', sent", "taken back")
    say.table(
        title,
        ("entity", *headings),
        ((entity, *(counts[column] for column in columns)) for entity, counts in rows["entities"].items()),
    )
    if rows["note"]:
        say.words(rows["note"])
