"""What was declared of a flow, held against what the disclosure log shows was sent."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sharing.document import FlowBlock
from sharing.telling.opened import Opened
from sharing.vocabulary import Action


@dataclass(frozen=True)
class Observed:
    """What the log's leaves of one flow add up to.

    rows: sent, by entity. `nights` are those on which the flow was settled, with a batch or without.
    sealed_to: the recipients' public keys.
    fields: per digest of an assessment, the treatment of each field in the batches sent under it.
    """

    nights: int
    batches: int
    receipts: int
    first_on: date | None
    last_on: date | None
    withdrawn: int
    rows: Mapping[str, int]
    sealed_to: tuple[str, ...]
    fields: Mapping[str, Mapping[str, Mapping[str, str]]] = field(default_factory=dict)


def held_against(opened: Opened, flow: FlowBlock, seen: Observed | None) -> dict[str, Any] | None:
    """Return what was observed of the flow, and where that is not what is declared; None if nothing was.

    Returns: `undeclared`, fields sent under this assessment that it does not declare so; `never_sent`,
             entities that may leave and of which no row has been sent.
    """
    if seen is None:
        return None
    return {
        "nights": seen.nights,
        "batches": seen.batches,
        "receipts": seen.receipts,
        "first_on": seen.first_on,
        "last_on": seen.last_on,
        "rows_sent": sum(seen.rows.values()),
        "rows_withdrawn": seen.withdrawn,
        "sealed_to": list(seen.sealed_to),
        "fields": sum(map(len, seen.fields.get(opened.dpia.sha256, {}).values())),
        "undeclared": undeclared(flow, seen.fields.get(opened.dpia.sha256, {})),
        "undeclared_entities": sorted(
            {entity for entity, rows in seen.rows.items() if rows} - set(flow.fields)
        ),
        "never_sent": [entity for entity in flow.fields if not seen.rows.get(entity)],
    }


def undeclared(flow: FlowBlock, sent: Mapping[str, Mapping[str, str]]) -> list[str]:
    """Return the fields that were sent and that the flow does not declare, or declares otherwise."""
    return [
        f"{entity}.{name}"
        for entity, fields in sent.items()
        for name, treatment in fields.items()
        if _declared(flow, entity, name) != treatment
    ]


def _declared(flow: FlowBlock, entity: str, name: str) -> str | None:
    decided = flow.decisions(entity).get(name) if entity in flow.fields else None
    return decided.action.value if decided and decided.action is not Action.DROP else None
