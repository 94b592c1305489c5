"""The whole job on a sample: invented people, a real portal, real seals, a real warehouse."""

import os
import sys
from pathlib import Path
from shlex import quote
from typing import Annotated, Any

import typer

from commands import say
from commands.options import JsonOption
from config.site import Site
from config.warehouse import name_of

FOLDER = Path("var/demo")
ACCEPTED_BY = "The sample's information governance lead (invented)"
PERIOD = "2022-04..2022-11"
GOOD = (0, 1)
FATES = {
    "released": "sent tonight: the flow may have them, and they are new or have changed",
    "unchanged": "at the recipient as they are; not sent again",
    "held": "not sent until somebody mends them, or what they belong to",
    "withheld": "not for this flow: the assessment does not let them out",
}
"""What the counts of each flow's records mean, in the order in which they are told."""
READERS = {
    "operator": "did last night work, and what do I do if not",
    "governance": "what left, about whom, to whom, under which rule",
    "provider": "which of my records, which field, why, where do I click",
    "commissioner": "numbers that can be quoted",
}


def demo(
    folder: Annotated[Path, typer.Option(help="Where the sample's site is written.")] = FOLDER,
    json: JsonOption = False,
) -> int:
    """Run the whole job on invented people."""
    from demo.portal_process import PortalProcess

    say.words("Viaduct, on a sample: the people are invented, the rest is real.")
    say.words("Starting a CRM portal on this machine ...")
    with PortalProcess() as portal:
        site, flows = _site(folder, portal)
        say.words(f"It answers at {portal.address}. Running one night's sync ...")
        summary = _one_night(site, quiet=json)
    told = summary.to_json()
    for error in summary.errors:
        say.words(str(error))
    if summary.exit_code in GOOD:
        _publish(site)
    if json:
        say.as_json(told)
    else:
        _tell(site, told, flows)
    return 0 if summary.exit_code in GOOD else int(summary.exit_code)


def _site(folder: Path, portal: Any) -> tuple[Site, list[str]]:
    from commands.sample_signing import sign_sample
    from commands.sample_site import Account, make_keys, write_sample_site
    from sharing import load_dpia

    accounts = {name: Account(portal.address_of(name), *portal.account(name)) for name in portal.sources}
    site = write_sample_site(folder, accounts)
    flows = list(load_dpia(site.dpia, sources=site.known_sources).active_flows)
    made = [*make_keys(site, flows), *sign_sample(site)]
    if made:
        say.words(f"Made the sample's own keys, readable by you alone: {', '.join(made)}.")
    return site, flows


def _one_night(site: Site, *, quiet: bool) -> Any:
    from commands.options import opened
    from commands.progress import watching
    from scheduler import past_runs
    from sync.run import Wish, run_sync

    opened(site.folder, to_log=True)
    first = not any(run.exit_code in GOOD for run in past_runs(site.var / "runs"))
    with watching(quiet=quiet) as watcher:
        return run_sync(
            site, Wish(accept_growth=first, accept_flagged=ACCEPTED_BY if first else None), watcher
        )


def _publish(site: Site) -> None:
    from commands.asking import ask_providers, say_of
    from commands.pages import build_pages
    from commands.publishing import publish_feed
    from feed.periods import parse

    publish_feed(site, parse(PERIOD))
    build_pages(site)
    say_of(ask_providers(site))


def _tell(site: Site, told: dict[str, Any], flows: list[str]) -> None:
    exports = [counts for source in told["sources"] for counts in source["exports"].values()]
    rows = sum(counts["rows"] for counts in exports)
    sent = sum(1 for flow in told["flows"] if flow["batch_id"])
    say.words()
    say.words("What happened")
    _line("pulled", f"{rows:,} rows in {len(exports)} exports from {len(told['sources'])} providers")
    for flow in told["flows"]:
        _line(flow["flow"], _flow(flow))
    for fate, means in FATES.items():
        if any(counts[fate] for flow in told["flows"] for counts in flow["entities"].values()):
            _line(f"  {fate}", means)
    findings = told["findings"]
    _line(
        "to be mended",
        f"{sum(findings.get(severity, 0) for severity in ('error', 'warning', 'info')):,} findings, "
        f"{findings.get('new', 0):,} of them new, {findings.get('closed', 0):,} closed",
    )
    _line(
        "disclosure log",
        f"{told['log'].get('size', 0):,} leaves, root {str(told['log'].get('root', ''))[:16]}",
    )
    _line("took", f"{sum(told['durations'].values()):.1f} s")
    if told["exit_code"] in GOOD and not sent:
        say.words()
        say.words(f"Nothing had changed since the last run, so nothing was sent again ({len(flows)} flows).")
    say.words()
    say.words("Where to look")
    for reader, question in READERS.items():
        _line(reader, f"{_page(site, reader)}   {question}")
    _line("data team", f"{(site.var / 'reports/data_quality/index.html').as_posix()}   how good the data are")
    _line("worklists", f"{(site.var / 'drops').as_posix()}   what each provider is asked this week")
    _line("statements", f"{(site.var / 'statements').as_posix()}   what left in each run, signed")
    _line("figures", f"{(site.var / 'feed' / PERIOD).as_posix()}   the feed: CSV, Parquet, contract, signed")
    _line("warehouse", name_of(site.warehouse))
    _line("sealed batches", site.landing.as_posix())
    say.words()
    if sent:
        say.words("Run it again: nothing will have changed, and nothing will be sent.")
    say.words(f"More: {_door()} status --site {quote(site.folder.as_posix())}")


def _door() -> str:
    """Return how this very command is typed where it was: by the environment's own Python."""
    python = Path(sys.executable)
    here = python.relative_to(Path.cwd()) if python.is_relative_to(Path.cwd()) else python
    return f"{quote(here.as_posix() if os.name == 'posix' else str(here))} run_sync.py"


def _flow(flow: dict[str, Any]) -> str:
    counts = list(flow["entities"].values())
    total = {name: sum(part[name] for part in counts) for name in FATES}
    said = ", ".join(f"{count:,} {name}" for name, count in total.items() if count)
    if not flow["batch_id"]:
        return f"{said or 'no records'}; nothing sent"
    return f"{said}; batch {flow['sequence']}, {flow['bytes'] / 1e6:.1f} MB sealed, {flow['state']}"


def _page(site: Site, reader: str) -> str:
    if reader == "commissioner":
        return (site.var / "feed" / PERIOD / "index.html").as_posix()
    folder = site.var / "reports" / reader
    index = folder / "index.html"
    first = index if index.exists() else min(folder.glob("*.html"), default=folder)
    return first.as_posix()


def _line(name: str, text: str) -> None:
    say.words(f"  {name:<15} {text}")
