"""Minimisation: of each field that a flow lets out, whether it ever held a value, and how fine it is."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from audit.leaves import BatchLeaf
from common import clock
from config.site import Site
from sharing import Dpia
from sharing.document import FlowBlock
from sharing.vocabulary import Action
from sync.governance.answered import day_of
from sync.governance.logged import leaves_of

DAYS = 90


def minimisation(site: Site, dpia: Dpia | None = None) -> dict[str, Any]:
    """Return, by flow, every field that may leave, in how many batches it held a value, and its precision.

    Given:   the assessment in force; without one nothing is declared, and no flow is told of.
    Returns: `batches` of the last DAYS days that say which columns of the entity held a value, `filled` of
             them; `ask` where some say so and none has the field.
    Source:  UK GDPR Article 5(1)(c). The log says columns and never numbers of rows: so does this.
    """
    first = clock.today() - timedelta(days=DAYS)
    leaves = [leaf for leaf in leaves_of(site.var / "log", ["batch"]) if isinstance(leaf, BatchLeaf)]
    recent = [leaf for leaf in leaves if day_of(leaf.at) >= first]
    flows = [dpia.flow(flow) for flow in dpia.active_flows] if dpia else []
    told = [_flow(flow, [leaf for leaf in recent if leaf.flow == flow.id]) for flow in flows]
    return {"days": DAYS, "since": first.isoformat(), "flows": told}


def _flow(flow: FlowBlock, batches: list[BatchLeaf]) -> dict[str, Any]:
    fields = list(_fields(flow, batches))
    return {
        "flow": flow.id,
        "batches": len(batches),
        "fields": fields,
        "ask": sum(one["ask"] for one in fields),
        "as_fine_as_the_source": sum(one["coarser_than"] is None and not one["keyed"] for one in fields),
    }


def _fields(flow: FlowBlock, batches: list[BatchLeaf]) -> Iterator[dict[str, Any]]:
    for entity in flow.fields:
        said = [leaf.filled[entity] for leaf in batches if leaf.filled is not None and entity in leaf.filled]
        for name, decided in flow.decisions(entity).items():
            if decided.action is Action.DROP:
                continue
            coarser = decided.action is Action.GENERALISE
            column = str(decided.to) if coarser else name
            filled = sum(column in columns for columns in said)
            yield {
                "entity": entity,
                "field": column,
                "treatment": decided.action.value,
                "coarser_than": name if coarser else None,
                "keyed": decided.action is Action.PSEUDONYMISE,
                "batches": len(said),
                "filled": filled,
                "ask": bool(said) and not filled,
            }
