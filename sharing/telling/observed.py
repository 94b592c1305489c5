"""What was declared of a flow, held against what the disclosure log shows was sent."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
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
    fields: per digest of an assessment, the treatment of each field as the batches sent under it declare it.
    filled: per digest, the columns that held a value, where a batch says it (of ten people or more).
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
    filled: Mapping[str, Mapping[str, AbstractSet[str]]] = field(default_factory=dict)


def held_against(opened: Opened, flow: FlowBlock, seen: Observed | None) -> dict[str, Any] | None:
    """Return what was observed of the flow, and where that is not what is declared; None if nothing was.

    Returns: `undeclared`, fields sent under this assessment that it does not declare so; `never_sent`,
             entities that may leave and of which no row has been sent; `fields`, how many held a value, of
             `fields_declared`; `never_filled`, those of the entities looked into that never did;
             `not_looked_into`, entities sent of which no batch says which columns held a value.
    """
    if seen is None:
        return None
    filled = seen.filled.get(opened.dpia.sha256, {})
    declared = {entity: _may_leave(flow, entity) for entity in flow.fields}
    return {
        "nights": seen.nights,
        "batches": seen.batches,
        "receipts": seen.receipts,
        "first_on": seen.first_on,
        "last_on": seen.last_on,
        "rows_sent": sum(seen.rows.values()),
        "rows_withdrawn": seen.withdrawn,
        "sealed_to": list(seen.sealed_to),
        "fields": sum(map(len, filled.values())),
        "fields_declared": sum(map(len, declared.values())),
        "never_filled": [
            f"{entity}.{name}"
            for entity, names in declared.items()
            if entity in filled
            for name in names
            if name not in filled[entity]
        ],
        "not_looked_into": [
            entity for entity in flow.fields if seen.rows.get(entity) and entity not in filled
        ],
        "undeclared": [
            *undeclared(flow, seen.fields.get(opened.dpia.sha256, {})),
            *_filled_undeclared(declared, filled),
        ],
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


def _filled_undeclared(
    declared: Mapping[str, list[str]], filled: Mapping[str, AbstractSet[str]]
) -> list[str]:
    return [
        f"{entity}.{name}"
        for entity, columns in filled.items()
        for name in sorted(columns - set(declared.get(entity, [])))
    ]


def _may_leave(flow: FlowBlock, entity: str) -> list[str]:
    """Return the columns that the recipient may see; what is generalised has its coarser name."""
    return [
        str(decided.to) if decided.action is Action.GENERALISE else name
        for name, decided in flow.decisions(entity).items()
        if decided.action is not Action.DROP
    ]


def _declared(flow: FlowBlock, entity: str, name: str) -> str | None:
    decided = flow.decisions(entity).get(name) if entity in flow.fields else None
    return decided.action.value if decided and decided.action is not Action.DROP else None
