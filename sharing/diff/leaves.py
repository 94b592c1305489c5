"""An assessment taken apart: one path of names per statement, however the file happens to write it."""

import json
from collections.abc import Iterator
from typing import Any

from sharing.diff.change import Path
from sharing.document import DpiaFile, FlowBlock
from sharing.vocabulary import Action

Leaves = dict[Path, Any]
NAMED_BY = ("id", "source", "what", "when", "party")
NOT_COMPARED = frozenset({"supersedes", "version"})
STAYS = {"action": Action.DROP.value, "to": None}


def leaves(file: DpiaFile) -> Leaves:
    """Return each statement of the file by its path; lists of words are sets, for their order says nothing.

    What a flow does with a field stands at one place, `flows/FLOW/fields/ENTITY/FIELD/shown`, whether it is
    written among the fields or among the drops.
    """
    tree = file.model_dump(mode="json", by_alias=True, include=set(DpiaFile.model_fields))
    tree["signoff"].pop("signatures")
    for flow, said in zip(file.flows, tree["flows"], strict=True):
        said.pop("drop")
        said["fields"] = _decided(flow)
        if flow.aggregate is not None:
            # Of two numbers that do not go together the first is shown, so that their order says something.
            said["aggregate"]["order"] = ", ".join(count.id for count in flow.aggregate.counts)
    found: Leaves = {}
    _walk((), {name: part for name, part in tree.items() if name not in NOT_COMPARED}, found)
    return found


def is_shown(path: Path) -> bool:
    """Return whether the place says what a flow does with a field."""
    return path[:1] == ("flows",) and path[5:] == ("shown",)


def _decided(flow: FlowBlock) -> dict[str, Any]:
    return {
        entity: {
            name: {
                "shown": {"action": decision.action.value, "to": decision.to},
                "why": decision.why,
                "review": decision.review.model_dump(mode="json", by_alias=True) if decision.review else None,
            }
            for name, decision in flow.decisions(entity).items()
        }
        for entity in flow.fields
    }


def _walk(path: Path, node: Any, found: Leaves) -> None:
    """Put every statement under the node into what was found."""
    if isinstance(node, dict) and not is_shown(path):
        for name, part in node.items():
            _walk((*path, name), part, found)
    elif isinstance(node, list) and node and isinstance(node[0], dict):
        for name, part in _named(node):
            _walk((*path, name), part, found)
    elif isinstance(node, list):
        found[path] = frozenset(node)
    elif node is not None:
        found[path] = node


def _named(blocks: list[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each block of a list by its own name, and for want of one by all that it says."""
    seen: dict[str, int] = {}
    for block in blocks:
        name = _name(block)
        seen[name] = seen.get(name, 0) + 1
        yield name if seen[name] == 1 else f"{name}#{seen[name]}", block


def _name(block: dict[str, Any]) -> str:
    if "type" in block and "register" in block:
        return f"{block['type']} of {block['register']}"
    found = next((str(block[key]) for key in NAMED_BY if key in block), None)
    return found or json.dumps(block, sort_keys=True, default=str)
