"""Mappings and assessment as plain data: which column becomes which field, what may leave, what is hidden.

The files are read with a YAML reader and nothing else: what they mean is worked out here a second time.
"""

import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

IN_DANGER = "person.safety_flag is not false"


@dataclass(frozen=True)
class Target:
    """One field that a column becomes, and how."""

    column: str
    field: str
    converter: str
    words: dict[str, Any] = field(default_factory=dict)
    blank: Any = None


@dataclass(frozen=True)
class Block:
    """The records of one entity that an export's rows make; `when` says which rows do."""

    entity: str
    targets: tuple[Target, ...]
    reference: str
    when: dict[str, Any] | None = None


@dataclass(frozen=True)
class Mapping:
    """One export: its reference, its blocks, and the columns that are never taken."""

    export: str
    reference: str
    pattern: re.Pattern[str]
    blocks: tuple[Block, ...]
    ignored: frozenset[str]

    @cached_property
    def mapped(self) -> frozenset[str]:
        """Return the columns that some field is made of, or that decide what a row makes."""
        targets = {target.column for block in self.blocks for target in block.targets}
        asked = {name for block in self.blocks for name in _asked(block.when)}
        return frozenset(targets | asked | {self.reference})


def _asked(when: dict[str, Any] | None) -> list[str]:
    if when is None:
        return []
    return list(when["not_blank"]) if "not_blank" in when else [when["column"]]


def read_mapping(path: Path) -> Mapping:
    """Return what the mapping file says."""
    said = _yaml(path)
    more = [field.get("time_column") for entity in said["entities"] for field in entity["fields"].values()]
    persons = [entity["person"] for entity in said["entities"] if "person" in entity]
    kinds = [said["row_kinds"]["column"]] if "row_kinds" in said else []
    taken = frozenset(
        [*(one["column"] for one in said.get("ignore", ())), *filter(None, more), *persons, *kinds]
    )
    return Mapping(
        said["export"],
        said["reference"]["column"],
        re.compile(said["reference"].get("pattern", ".+")),
        tuple(_block(entity) for entity in said["entities"]),
        taken,
    )


def _block(said: dict[str, Any]) -> Block:
    targets = tuple(
        Target(one["column"], name, one["converter"], dict(one.get("words", {})), one.get("blank"))
        for name, one in said["fields"].items()
        if "column" in one
    )
    return Block(said["entity"], targets, said.get("reference", ""), said.get("when"))


class Assessment:
    """What the assessment lets out, and what it empties for people in danger."""

    def __init__(self, path: Path) -> None:
        said = _yaml(path)
        self.flows: dict[str, dict[str, Any]] = {flow["id"]: flow for flow in said["flows"]}
        self.rules = [rule for rule in said["safety"] if rule["when"] == IN_DANGER]

    def released(self, flow: str, entity: str) -> dict[str, str]:
        """Return, by the field that a column becomes, the column of the warehouse it leaves in."""
        decisions = self.flows[flow]["fields"].get(entity, {})
        shown = {name: one for name, one in decisions.items() if one["action"] != "drop"}
        return {
            name: one.get("to", name) if one["action"] == "generalise" else name
            for name, one in shown.items()
        }

    def hidden(self, flow: str, entity: str) -> dict[str, str]:
        """Return, by column of the warehouse, the rule that empties it for people in danger."""
        return {
            column: rule["id"]
            for rule in self.rules
            if flow in rule.get("flows", [flow])
            for column in rule["effect"]["redact"].get(entity, ())
        }


def _yaml(path: Path) -> Any:
    return YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
