"""The operator's page: did last night work, and what to do if not."""

from reports import charts
from reports.exit_codes import EXIT_MEANINGS, meaning, meaning_of
from reports.pages import moment, render
from reports.readings import EntityCounts, ExportCounts, RunSummary

SHOWN_RUNS = 14
CHARTED_RUNS = 7
BRAKES = {"E802", "E803"}
RELEASED = {
    "accept_drop": "Released by hand for fewer records (--accept-drop); the log says so.",
    "accept_flagged": "Accepted by hand who is under the safety flag (--accept-flagged); the log says so.",
    "accept_volume": "Let through by name: more than was agreed (--accept-volume); the log says so.",
    "accept_growth": "Released by hand for more records (--accept-growth); the log says so.",
}


def operator_page(site: str, summaries: list[RunSummary]) -> bytes:
    """Return the page. Given: run summaries, the latest first."""
    latest = summaries[0] if summaries else None
    return render(
        "operator.html",
        site=site,
        sample=any(run.sample for run in summaries[:1]),
        run=latest,
        exit=meaning_of(latest.exit_code, latest.errors) if latest else None,
        runs=summaries[:SHOWN_RUNS],
        brakes=brakes(latest) if latest else [],
        exits={run.run_id: meaning(run.exit_code) for run in summaries[:SHOWN_RUNS]},
        export_balances=export_balances(latest) if latest else [],
        balances=entity_balances(latest) if latest else [],
        durations=_durations(summaries[:CHARTED_RUNS]),
        meanings=EXIT_MEANINGS.values(),
    )


def export_balances(run: RunSummary) -> list[tuple[str, str, ExportCounts]]:
    """Return source, export and counts for the first balance."""
    return [
        (source.source, name, counts) for source in run.sources for name, counts in source.exports.items()
    ]


def entity_balances(run: RunSummary) -> list[tuple[str, list[tuple[str, EntityCounts]]]]:
    """Return the second balance: per flow, then per source by best fate."""
    flows = [(f"Flow {flow.flow}", list(flow.entities.items())) for flow in run.flows]
    sources = [
        (f"Source {source.source}, best fate of each record", list(source.entities.items()))
        for source in run.sources
    ]
    return [(title, rows) for title, rows in flows + sources if rows]


def brakes(run: RunSummary) -> list[tuple[str, str]]:
    """Return where a brake was on or was released, and what that meant."""
    released = [("This run", RELEASED.get(name, name.replace("_", " "))) for name in run.accepted]
    sources = [
        (f"Source {s.source}", "On: nothing of it was sent.") for s in run.sources if s.error_code in BRAKES
    ]
    flows = [
        (
            f"Flow {flow.flow}",
            f"On: {' and '.join(f'{count:,} {name}' for name, count in flow.held_back.items())}.",
        )
        for flow in run.flows
        if flow.held_back
    ]
    let_through = [
        (f"Flow {flow.flow}", f"Tripwire, let through by {accepted.by}: {'; '.join(accepted.met)}.")
        for flow in run.flows
        if (accepted := flow.volume_accepted).met
    ]
    return released + sources + flows + let_through


def _durations(runs: list[RunSummary]) -> charts.Chart | None:
    rows = [(moment(run.started_at), run.durations) for run in runs if run.durations]
    return (
        charts.stacked("durations", "Where the time went, latest run first", "seconds", rows)
        if rows
        else None
    )
