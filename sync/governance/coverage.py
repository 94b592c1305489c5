"""Coverage and drift: columns nobody declared, fields shared and always empty, views that changed."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from statistics import median
from typing import Any

from canonical import ENTITIES, spec
from canonical.fields import Need
from config.site import Site
from sharing import Dpia
from sharing.telling.said import every
from sync.outbox import read_json

HOURS = 3600
# Which service a row belongs to is looked up by name after the cells were counted.
LOOKED_UP_LATER = {("referral", "target_service_id"), ("service_episode", "service_id")}


def coverage(site: Site, runs: Sequence[Mapping[str, Any]], dpia: Dpia | None = None) -> dict[str, Any]:
    """Return, by source, what came and is not declared, and what is shared of it and was never filled.

    Given:   run summaries, the newest first; the assessment, for how often each flow is declared to go.
    Note:    fields that Viaduct works out itself are not asked about.
    Errors:  StateUnreadable.
    """
    sources = [_source(name, runs) for name in sorted(site.sources)]
    return {
        "sources": [one for one in sources if one],
        "always_empty": list(_always_empty(site, runs)),
        "frequency": list(_frequency(runs, dpia)),
    }


def _source(name: str, runs: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """Return what the last run that read the source met, and in how many of the runs its view changed."""
    told = [
        (run, said) for run in runs for said in run["sources"] if said["source"] == name and said["exports"]
    ]
    if not told:
        return None
    run, said = told[0]
    changes = [
        {
            "run": each["run_id"],
            "at": each["started_at"],
            "place": place,
            "gone": seen["gone"],
            "new": seen["new"],
        }
        for each, one in told
        for place, seen in one["view"].items()
        if seen["gone"] or (seen["new"] and seen["new"] != seen["seen"])
    ]
    return {
        "source": name,
        "run": run["run_id"],
        "read_at": said["extracted_at"],
        "undeclared": {
            export: len(columns) for export, columns in said["unknown_columns"].items() if columns
        },
        "unread": {
            export: sum(sum(counts.values()) for counts in cells.get("unread", {}).values())
            for export, cells in said["cells"].items()
            if cells.get("unread")
        },
        "changes": changes,
    }


def _always_empty(site: Site, runs: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield fields that a flow lets out and that no row of the source's last accepted pull filled."""
    path = site.var / "state" / "pulls.json"
    pulls: Mapping[str, Any] = read_json(path) if path.exists() else {}
    for flow, said in _latest_flows(runs).items():
        for source in said["describe"].get("sources", []):
            filled = _filled(pulls.get(source, {}).get("filled", {}))
            for entity, fields in said["describe"].get("fields", {}).items():
                empty = [one["field"] for one in fields if _is_empty(entity, one["field"], filled)]
                if empty:
                    yield {"flow": flow, "source": source, "entity": entity, "fields": sorted(empty)}


def _is_empty(entity: str, name: str, filled: Mapping[str, int]) -> bool:
    """Return whether rows of the entity came and none held the field, which is not one that we work out."""
    fields = spec(entity).fields if entity in ENTITIES else {}
    asked = name in fields and fields[name].need is not Need.DERIVED and (entity, name) not in LOOKED_UP_LATER
    rows = any(number for place, number in filled.items() if place.startswith(f"{entity}."))
    return asked and rows and filled.get(f"{entity}.{name}") == 0


def _filled(said: Mapping[str, int]) -> dict[str, int]:
    """Return how many cells held each `entity.field`, over all exports of the source."""
    found: dict[str, int] = {}
    for place, number in said.items():
        name = place.partition(": ")[2]
        found[name] = found.get(name, 0) + number
    return found


def _latest_flows(runs: Sequence[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    found: dict[str, Mapping[str, Any]] = {}
    for run in runs:
        for flow in run["flows"]:
            found.setdefault(flow["flow"], flow)
    return found


def _frequency(runs: Sequence[Mapping[str, Any]], dpia: Dpia | None) -> Iterator[dict[str, Any]]:
    """Yield how often each flow was settled: the hours between runs that settled it, by their median."""
    declared = {flow.id: flow.schedule.frequency for flow in dpia.flows} if dpia else {}
    for flow in sorted(_latest_flows(runs)):
        at = [
            datetime.fromisoformat(run["started_at"])
            for run in runs
            for said in run["flows"]
            if said["flow"] == flow and not said["error"]
        ]
        gaps = [(late - early).total_seconds() / HOURS for late, early in pairwise(at)]
        yield {
            "flow": flow,
            "declared": declared.get(flow),
            "declared_words": every(declared[flow]) if flow in declared else None,
            "runs": len(at),
            "median_hours": round(median(gaps), 1) if gaps else None,
            "longest_hours": round(max(gaps), 1) if gaps else None,
        }
