"""Where one record went: pulled when, sent in which batch with which fields, or held or withheld, and why."""

from typing import Any

import polars as pl

from canonical import ENTITIES
from config.site import Site
from quality import FindingStore, check_named
from sync.fates import Fates
from sync.history import last_runs
from sync.memory import EXPIRED, Memory
from sync.place import Workplace
from sync.treatments import Treatments

SAFETY = "kept back by a safety rule of the DPIA"


def explain(place: Workplace, reference: str, source: str | None = None) -> dict[str, Any]:
    """Return what is known of the record with this CRM reference.

    Given:   the reference as the provider sees it; without `source` every source is asked.
    Returns: sources with when each was last pulled, what each flow did with it, and its open findings.
             Answered from state alone: nothing is pulled and no value is read.
    """
    sources = [source] if source else sorted(place.site.sources)
    return {"reference": reference, "sources": [_of_source(place, name, reference) for name in sources]}


def _of_source(place: Workplace, source: str, reference: str) -> dict[str, Any]:
    flows = [_of_flow(place, flow, source, reference) for flow in place.dpia.active_flows]
    return {
        "source": source,
        "pulled_at": _pulled_at(place.site, source),
        "flows": [flow for flow in flows if flow["records"]],
        "findings": _findings(place, source, reference),
    }


def _pulled_at(site: Site, source: str) -> str | None:
    for run in last_runs(site):
        for told in run["sources"]:
            if told["source"] == source and not told["error"]:
                return str(told["extracted_at"])
    return None


def _of_flow(place: Workplace, flow_id: str, source: str, reference: str) -> dict[str, Any]:
    flow = place.compile_flow(place.dpia, flow_id)
    outbox = place.outboxes[flow_id]
    keys = {flow.keys(entity, source, pl.Series([reference]))[0]: entity for entity in ENTITIES}
    sent = Memory(outbox.memory_path).find(list(keys))
    stayed = Fates(place.site.var / "state", flow_id).find(list(keys))
    treatments = Treatments(outbox.treatments_path)
    reasons = flow.describe()["fields"]
    records = [
        {
            "entity": keys[row["key"]],
            "fate": "sent",
            "batch": f"{flow_id}/{row['batch']:08d}",
            "fields": _fields(treatments.shown(row["treatment"]), reasons.get(keys[row["key"]], [])),
        }
        for row in sent.filter(pl.col("batch") != EXPIRED).iter_rows(named=True)
    ]
    records += [
        {"entity": keys[row["key"]], "fate": row["fate"], "reason": row["reason"]}
        for row in stayed.iter_rows(named=True)
    ]
    return {
        "flow": flow_id,
        "records": sorted(records, key=lambda record: list(ENTITIES).index(record["entity"])),
    }


def _fields(shown: dict[str, str], said: list[dict[str, str]]) -> list[dict[str, str]]:
    """Return each released field with its treatment and its why; a safety rule speaks where it redacts."""
    why = {one["field"]: one["why"] for one in said}
    return [
        {"field": name, "treatment": action, "why": SAFETY if action == "redact" else why.get(name, "")}
        for name, action in shown.items()
    ]


def _findings(place: Workplace, source: str, reference: str) -> list[dict[str, Any]]:
    store = FindingStore.of(place.site)
    return [
        {
            "check": finding.check,
            "entity": finding.entity,
            "field": finding.field,
            "effect": finding.effect,
            "message": check_named(finding.check).message,
            "mend": check_named(finding.check).mend,
            "first_seen": finding.first_seen,
            "code": finding.code,
            "state": finding.state,
        }
        for finding in store.open(source)
        if finding.record == reference
    ]
